"""More views of few images: a release of dozens of images is learned by heart before it teaches anything.

A view is a random square part of an image, mirrored half of the time. Nothing that a caption says becomes untrue: a part keeps most
of every grounded mask, and captions that tell left from right are not mirrored.
"""

import re
from dataclasses import replace

import cv2
import numpy as np

from lcad.dataset import Example

MARGIN = 1.35
"""Images are fitted into a square this many times the training size, so that a part is still sharp."""
MOST_LOST = 0.25
"""Of a grounded mask's area, the share that a view may cut off."""
TRIES = 8
SIDES = re.compile(r"\b(left|right)(most|ward|wards|hand)?\b", re.IGNORECASE)


def view(rng: np.random.Generator, example: Example, size: int) -> Example:
    """A view of `size` × `size` of an example that is larger; the whole of it when no drawn part keeps every mask."""
    top, left, side = _part(rng, example, size)
    rows, columns = slice(top, top + side), slice(left, left + side)
    rgb = cv2.resize(example.rgb[rows, columns], (size, size), interpolation=cv2.INTER_AREA)
    masks = np.zeros((len(example.masks), size, size), bool)
    for mask, whole in zip(masks, example.masks, strict=True):
        coverage = cv2.resize(whole[rows, columns].astype(np.uint8) * 255, (size, size), interpolation=cv2.INTER_AREA)
        mask[:] = coverage >= 128
    if rng.random() < 0.5 and not any(SIDES.search(description.text) for description in example.descriptions):
        rgb, masks = rgb[:, ::-1], masks[:, :, ::-1]
    return replace(example, rgb=np.ascontiguousarray(rgb), masks=np.ascontiguousarray(masks))


def _part(rng: np.random.Generator, example: Example, size: int) -> tuple[int, int, int]:
    """Top, left and side in pixels of a square part that keeps every mask."""
    whole = example.rgb.shape[0]
    areas = example.masks.sum((1, 2))
    for _ in range(TRIES):
        side = int(rng.integers(min(size, whole), whole + 1))
        top, left = (int(rng.integers(whole - side + 1)) for _ in range(2))
        kept = example.masks[:, top : top + side, left : left + side].sum((1, 2))
        if np.all(kept >= (1 - MOST_LOST) * areas):
            return top, left, side
    return 0, 0, whole
