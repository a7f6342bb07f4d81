"""Masks corrected by hand: a click adds what it hits or takes it away, a box cuts out what it holds, strokes paint and erase.

Clicks and boxes are cut out by OpenCV's GrabCut (Rother, Kolmogorov and Blake 2004) on the picture's pixels, at no more than WORK_PX
a side. A correction is local: of what the cut would change, only the part connected to the click is changed, so that a click never
spoils what another one made. It needs no weights and takes a fraction of a second.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from workbench.errors import InvalidInputError
from workbench.imaging import masks

Kind = Literal["add", "remove", "box", "paint", "erase"]
Point = tuple[float, float]
WORK_PX = 512  # longer side at which is cut
ROUNDS = 4
DISC, REACH = 0.012, 0.2  # of the longer side: what a click surely hits, and how far from it a cut may go
LEAST_CHANGED = 0.5  # of its disc, what a click changes at least: else the cut found nothing there, and the disc itself is taken


@dataclass(frozen=True)
class Correction:
    """One thing that a person did: a click at points[0] ("add", "remove"), a box by two corners, or filled polygons of strokes.

    Points (x, y) are in pixels of the upright picture. Raises InvalidInputError for a kind or number of points that does not fit.
    """

    kind: Kind
    points: tuple[Point, ...] = ()
    polygons: tuple[tuple[Point, ...], ...] = ()

    def __post_init__(self):
        expected = {"add": (1, False), "remove": (1, False), "box": (2, False), "paint": (0, True), "erase": (0, True)}.get(self.kind)
        if expected is None:
            raise InvalidInputError(f"A mask is corrected by add, remove, box, paint or erase, not by {self.kind!r}.")
        if (len(self.points), bool(self.polygons)) != expected:
            raise InvalidInputError(f"{self.kind} needs {expected[0]} points{' and polygons' if expected[1] else ''}.")
        if not np.isfinite(np.array(self.points, float)).all():
            raise InvalidInputError("A point's coordinates must be finite numbers.")


def corrected(rgb: NDArray[np.uint8], mask: NDArray[np.bool_], correction: Correction) -> NDArray[np.bool_]:
    """The mask (H, W) bool after a correction, on a picture (H, W, 3) uint8; an all-False mask is the start of a new one.

    Raises InvalidInputError where mask and picture differ in size, or the point lies outside.
    """
    if mask.shape != rgb.shape[:2]:
        raise InvalidInputError(f"The mask has {mask.shape[::-1]} pixels, but the picture {rgb.shape[1::-1]}.")
    height, width = mask.shape
    if correction.polygons:
        stroke = np.logical_or.reduce([masks.from_polygon(polygon, height, width) for polygon in correction.polygons])
        return mask | stroke if correction.kind == "paint" else mask & ~stroke
    if not all(0 <= x <= width and 0 <= y <= height for x, y in correction.points):
        raise InvalidInputError(f"The point {correction.points[0]} lies outside of the picture of {width} × {height} pixels.")
    scale = min(1.0, WORK_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    before = cv2.resize(mask.astype(np.uint8), size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST) > 0
    points = [(min(size[0] - 1, int(x * size[0] / width)), min(size[1] - 1, int(y * size[1] / height))) for x, y in correction.points]
    if correction.kind == "box":
        changed = _in_box(small, points) & ~before
    else:
        changed = _around_click(small, before, points[0], adds=correction.kind == "add")
    full = cv2.resize(changed.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR) >= 0.5
    return mask & ~full if correction.kind == "remove" else mask | full


def _disc(shape: tuple[int, ...], center: tuple[int, int], radius: float) -> NDArray[np.bool_]:
    return cv2.circle(np.zeros(shape, np.uint8), center, max(1, round(radius)), 1, -1) > 0


def _cut(rgb: NDArray[np.uint8], state: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The foreground of GrabCut from a state of its four labels; what is labeled as it is where one side has no pixel."""
    front = np.isin(state, (cv2.GC_FGD, cv2.GC_PR_FGD))
    if not front.any() or front.all():
        return front
    cv2.setRNGSeed(0)
    cv2.grabCut(rgb, state, None, np.zeros((1, 65)), np.zeros((1, 65)), ROUNDS, cv2.GC_INIT_WITH_MASK)
    return np.isin(state, (cv2.GC_FGD, cv2.GC_PR_FGD))


def _in_box(rgb: NDArray[np.uint8], corners: Sequence[tuple[int, int]]) -> NDArray[np.bool_]:
    """What stands out in a box; the box itself where nothing does."""
    (left, right), (top, bottom) = (sorted(values) for values in zip(*corners, strict=True))
    inside = np.zeros(rgb.shape[:2], bool)
    inside[top : bottom + 1, left : right + 1] = True
    mask = _cut(rgb, np.where(inside, cv2.GC_PR_FGD, cv2.GC_BGD).astype(np.uint8)) & inside
    return mask if mask.any() else inside


def _around_click(rgb: NDArray[np.uint8], mask: NDArray[np.bool_], click: tuple[int, int], *, adds: bool) -> NDArray[np.bool_]:
    """What a click adds to a mask, or takes off it: the part of the cut's change that is connected to the click.

    The side that the click is on now (outside for adding) keeps its place beyond the click's reach; within it, the pixels much
    like the clicked one are likely to change sides.
    """
    longer = max(mask.shape)
    sure, near = _disc(mask.shape, click, DISC * longer), _disc(mask.shape, click, REACH * longer)
    side = ~mask if adds else mask
    state = np.where(side, cv2.GC_BGD, cv2.GC_FGD).astype(np.uint8)
    state[near & side] = cv2.GC_PR_BGD
    state[near & side & _alike(rgb, click)] = cv2.GC_PR_FGD
    state[sure] = cv2.GC_FGD
    if not mask.any() or not adds:  # the other side's colors are not the model of what a click cuts out
        state[~side] = cv2.GC_BGD
        state[sure] = cv2.GC_FGD
    changed = _cut(rgb, state) & side & near | sure & side
    _, parts = cv2.connectedComponents(changed.astype(np.uint8), connectivity=4)
    part = changed & (parts == parts[click[1], click[0]])
    return part if part[sure].mean() >= LEAST_CHANGED else sure & side


def _alike(rgb: NDArray[np.uint8], click: tuple[int, int]) -> NDArray[np.bool_]:
    """The pixels connected to the clicked one through pixels of nearly its color, in Lab."""
    lab = cv2.cvtColor(cv2.GaussianBlur(rgb, (0, 0), 1.0), cv2.COLOR_RGB2LAB)
    flooded = np.zeros((lab.shape[0] + 2, lab.shape[1] + 2), np.uint8)
    flags = 4 | (1 << 8) | cv2.FLOODFILL_MASK_ONLY | cv2.FLOODFILL_FIXED_RANGE
    cv2.floodFill(lab, flooded, click, 0, (28,) * 3, (28,) * 3, flags)
    return flooded[1:-1, 1:-1] > 0
