"""A release's things on its other pictures: cut out by their masks, at another size and place (copy-paste).

Dozens of pictures are soon known by heart, with the place of everything in them. A thing that is pasted somewhere else has to be found by
what it looks like (Ghiasi et al. 2021, "Simple copy-paste is a strong data augmentation method for instance segmentation"). A thing that
its picture's edge may have cut is not taken, and captions that tell left from right are left out.
"""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from lcad.dataset import Description, Example, Grounded
from lcad.training.augmentation import SIDES

LEAST_AREA, MOST_AREA = 0.004, 0.4  # of a picture: what is taken from it
SCALES = (0.6, 1.6)
LIGHTER = 0.2  # by how much, either way, a thing's lightness may differ from what it was
LEAST_LEFT = 0.6  # of a mask's area: what is covered more is not told any more
SOFT = 0.8  # pixels, the deviation of a thing's edge


def pasted(rng: np.random.Generator, under: Example, over: Example, is_wanted: Callable[[str], bool]) -> Example | None:
    """A picture with a thing of another one on it, of the same size; None where no thing can be taken.

    Its captions are those of `under`, with the thing's phrase at their end; phrases for which `is_wanted` does not hold are not taken.
    """
    taken = [
        (words, over.masks[phrase.mask])
        for one in over.descriptions
        for phrase in one.phrases
        if is_wanted(words := one.text[phrase.start : phrase.end]) and not SIDES.search(words) and _is_whole(over.masks[phrase.mask])
    ]
    if not taken:
        return None
    words, mask = taken[int(rng.integers(len(taken)))]
    rgb, alpha = _placed(rng, over.rgb, mask)
    lighter = 1 + LIGHTER * rng.uniform(-1, 1)
    mixed = alpha[..., None] * np.clip(lighter * rgb, 0, 255) + (1 - alpha[..., None]) * under.rgb
    on_top = alpha > 0.5
    masks = np.concatenate([under.masks & ~on_top, on_top[None]])
    areas = under.masks.sum((1, 2))
    seen = {number for number, area in enumerate(areas) if masks[number].sum() >= LEAST_LEFT * area}
    told = [one for one in under.descriptions if not SIDES.search(one.text)] or [Description("", "scarce")]
    return Example(mixed.round().astype(np.uint8), masks, tuple(_with(one, words, len(areas), seen) for one in told))


def _is_whole(mask: np.ndarray) -> bool:
    edges = mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any()
    return LEAST_AREA <= mask.mean() <= MOST_AREA and not edges


def _placed(rng: np.random.Generator, rgb: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The thing of a mask somewhere on an empty picture (S, S, 3), and how far (S, S) in [0, 1] it covers what is below."""
    size = len(mask)
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    height, width = mask[part].shape
    scale = min(float(np.exp(rng.uniform(*np.log(SCALES)))), (size - 2) / max(height, width))
    shape = max(1, round(width * scale)), max(1, round(height * scale))
    thing, cover = (cv2.resize(plane[part].astype(np.float32), shape, interpolation=cv2.INTER_AREA) for plane in (rgb, mask))
    if rng.random() < 0.5:
        thing, cover = thing[:, ::-1], cover[:, ::-1]
    top, left = (int(rng.integers(size - extent + 1)) for extent in (shape[1], shape[0]))
    canvas, alpha = np.zeros((size, size, 3), np.float32), np.zeros((size, size), np.float32)
    canvas[top : top + shape[1], left : left + shape[0]] = thing
    alpha[top : top + shape[1], left : left + shape[0]] = cover
    return canvas, np.minimum(alpha, cv2.GaussianBlur(alpha, (0, 0), SOFT))


def _with(one: Description, words: str, mask: int, seen: set[int]) -> Description:
    """A caption with a thing's words and mask at its end, without the phrases that are no longer seen."""
    text = one.text.rstrip(" .")
    begun = f"{text} and " if text else ""
    phrases = tuple(phrase for phrase in one.phrases if phrase.mask in seen and phrase.end <= len(text))
    return replace(one, text=begun + words, phrases=(*phrases, Grounded(len(begun), len(begun) + len(words), mask)))
