"""Bleeding: how much of an object's color lies around it."""

from collections.abc import Sequence

import cv2
import numpy as np

from lcad.imaging import image_to_lab

INNER, OUTER, FAR = 1, 5, 9  # px of a picture of 128 px: the ring around an object, and from where on there is nothing of it
SIDE = 128
LEAST_FAR_PX, LEAST_RING_PX = 200, 30
LEAST_CONTRAST = 20.0  # in ab: an object in the color of the ground cannot bleed
LARGEST = 0.5  # of the picture; a larger mask is the ground itself


def _grown(mask: np.ndarray, px: int) -> np.ndarray:
    """A mask (H, W) bool with the pixels within `px` steps to a side."""
    return cv2.dilate(mask.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3)), iterations=px).astype(bool)


def bleedings(image: np.ndarray, masks: Sequence[np.ndarray]) -> list[float]:
    """For each object that can be judged, the part of its chroma found in the ring around it, in [0, 1].

    0 is none, 1 as strong outside as inside. image (H, W, 3) uint8 sRGB, masks (H, W) bool. The colors are medians in ab less that of
    the ground, far from all objects; the ring leaves out what is near other objects. Objects without contrast to the ground, or without
    a ring, and masks of more than half of the picture, are not judged.
    """
    scale = max(1, round(min(image.shape[:2]) / SIDE))
    objects = [np.asarray(mask) >= 0.5 for mask in masks]
    objects = [mask for mask in objects if mask.any() and mask.mean() <= LARGEST]
    if not objects:
        return []
    ab, every = image_to_lab(image)[..., 1:], np.any(objects, axis=0)
    far = ~_grown(every, FAR * scale)
    if far.sum() < LEAST_FAR_PX:
        return []
    ground = np.median(ab[far], axis=0)
    return [part for mask in objects if (part := _share_beyond(ab - ground, mask, every & ~mask, scale)) is not None]


def _share_beyond(ab: np.ndarray, mask: np.ndarray, others: np.ndarray, scale: int) -> float | None:
    """The part of an object's ab (H, W, 2), less the ground's, in its ring; None where that cannot be told."""
    ring = _grown(mask, OUTER * scale) & ~_grown(mask, INNER * scale) & ~_grown(others, OUTER * scale)
    color = np.median(ab[mask], axis=0)
    if ring.sum() <= LEAST_RING_PX or np.hypot(*color) <= LEAST_CONTRAST:
        return None
    return float(np.clip(np.median(ab[ring], axis=0) @ color / (color @ color), 0, 1))


def bleeding(image: np.ndarray, masks: Sequence[np.ndarray]) -> float | None:
    """The mean of `bleedings`; None where no object can be judged."""
    parts = bleedings(image, masks)
    return float(np.mean(parts)) if parts else None
