"""Masks from clicks: segment-anything (Kirillov et al. 2023) prompted by points, a box and the mask that is to be corrected."""

from collections.abc import Sequence

import cv2
import numpy as np
from segment_anything import SamPredictor

from lcad.imaging import resize

LOGIT = 8.0  # how sure the mask that is handed in is of itself; a foreground logit that segment-anything itself gives

Point = tuple[float, float]


def mask_of_clicks(
    predictor: SamPredictor,
    points: Sequence[Point],
    adds: Sequence[bool],
    box: tuple[Point, Point] | None = None,
    before: np.ndarray | None = None,
) -> tuple[np.ndarray, float]:
    """The mask (H, W) bool and its score in [0, 1] on the picture that a predictor was given.

    Points (x, y) are in pixels with whether each belongs to the object; the box has any two opposite corners; `before` (H, W) bool
    is the mask that they correct. A single click may mean a part or the whole, so the best of three masks is taken; more say
    enough for one. Raises ValueError where no mask obeys the last point, or the mask is empty.
    """
    corners = None if box is None else np.array([np.min(box, 0), np.max(box, 0)], np.float32).ravel()
    alone = len(points) == 1 and box is None and before is None
    masks, scores, _ = predictor.predict(
        point_coords=np.array(points, np.float32) if points else None,
        point_labels=np.array(adds, int) if points else None,
        box=corners,
        mask_input=None if before is None else mask_prompt(predictor, before),
        multimask_output=alone,
    )
    masks = np.asarray(masks, bool)
    obeys = [mask.any() and (not points or _at(mask, points[-1]) == adds[-1]) for mask in masks]
    if not any(obeys):
        raise ValueError("segment-anything finds no object that goes with it")
    best = max(np.flatnonzero(obeys), key=lambda index: scores[index])
    return masks[best], float(np.clip(scores[best], 0, 1))


def mask_prompt(predictor: SamPredictor, mask: np.ndarray) -> np.ndarray:
    """A mask (H, W) bool as segment-anything takes one: logits (1, h, w) float32 on its padded square, outside where the padding is."""
    height, width = predictor.model.prompt_encoder.mask_input_size
    square = predictor.model.image_encoder.img_size
    inner = tuple(max(1, round(extent * side / square)) for extent, side in zip(predictor.input_size, (height, width), strict=True))
    shrinks = inner[0] * inner[1] < mask.size
    covered = np.zeros((1, height, width), np.float32)
    covered[0, : inner[0], : inner[1]] = resize(mask.astype(np.float32), inner, cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return LOGIT * (2 * covered - 1)


def _at(mask: np.ndarray, point: Point) -> bool:
    """Whether a mask holds a point; one on the far edge means the last pixel."""
    x, y = (min(extent - 1, int(value)) for value, extent in zip(point, mask.shape[::-1], strict=True))
    return bool(mask[y, x])
