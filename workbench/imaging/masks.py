"""Instance masks as COCO run-length encodings: {"size": [height, width], "counts": text}, and the arithmetic on them.

A mask is (H, W) bool in the image's upright pixels. Encodings are those of pycocotools (column-major runs, compressed), the form
that COCO tools read.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco

from workbench.errors import InvalidInputError
from workbench.imaging.decode import MAX_PIXELS

Rle = dict[str, Any]

MAX_OUTLINE = 2_000_000
"""Pixels along all edges of a mask's polygons: COCO's tools hold some hundred bytes for each, and check nothing."""
POINTS_NEEDED = "A polygon needs three or more points (x, y) of finite numbers."
MAX_DIGITS = 7
"""Base-32 digits of one run length: 35 bits, more than the pixels of any picture."""


def encode(mask: NDArray[np.bool_]) -> Rle:
    """The run-length encoding of a mask (H, W) bool."""
    if mask.ndim != 2 or mask.dtype != np.bool_ or not mask.size:
        raise InvalidInputError(f"A mask must be bool of the shape (H, W) with H, W > 0; this one is {mask.dtype} of {mask.shape}.")
    return _as_text(coco.encode(np.asfortranarray(mask, dtype=np.uint8)))


def decode(rle: Rle) -> NDArray[np.bool_]:
    """The mask (H, W) bool of an encoding.

    Raises InvalidInputError where the encoding is broken or its runs do not fill its size.
    """
    height, width = _size(rle)
    counts = _filling_runs(rle, height, width)
    values = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
    return np.ascontiguousarray(values.reshape((width, height)).T)


def canonical(rle: Rle) -> Rle:
    """The one encoding that `encode` gives, from any COCO form: counts as text, as bytes, or as a list of run lengths.

    Runs are joined without a pixel being drawn, so that what it costs does not grow with the size that a file claims. Raises as
    `decode` does.
    """
    height, width = _size(rle)
    runs, covered = [0], False
    for place, count in enumerate(_filling_runs(rle, height, width)):
        if count and (place % 2 == 1) == covered:
            runs[-1] += count
        elif count:
            runs.append(count)
            covered = not covered
    return _as_text(coco.frPyObjects({"size": [height, width], "counts": runs}, height, width))


def mask_hash(rle: Rle) -> str:
    """A hash, equal for equal masks, of an encoding made by `encode` or `canonical`."""
    height, width = rle["size"]
    return hashlib.sha256(f"{height} {width} {rle['counts']}".encode("ascii")).hexdigest()


def area(rle: Rle) -> int:
    """The number of pixels of a mask."""
    return int(coco.area(_as_bytes(rle)))


def box(rle: Rle) -> tuple[int, int, int, int]:
    """The smallest box XYWH in pixels around a mask; (0, 0, 0, 0) where the mask is empty."""
    x, y, width, height = (int(side) for side in coco.toBbox(_as_bytes(rle)))
    return x, y, width, height


def iou(one: Rle, other: Rle) -> float:
    """Intersection over union of two masks of one size, in [0, 1]; 0 where both are empty."""
    _require_one_size(one, other)
    share = float(coco.iou([_as_bytes(one)], [_as_bytes(other)], [0])[0][0])
    return share if np.isfinite(share) else 0.0


def overlap(one: Rle, other: Rle) -> float:
    """The part of a mask that another mask of its size covers too, in [0, 1]; 0 where the first is empty."""
    _require_one_size(one, other)
    both = coco.merge([_as_bytes(one), _as_bytes(other)], intersect=True)
    return float(coco.area(both)) / max(1, area(one))


def from_polygon(points: Sequence[Sequence[float]], height: int, width: int) -> NDArray[np.bool_]:
    """The mask (height, width) bool of a closed polygon of (x, y) pixels, filled as COCO tools do.

    Raises InvalidInputError for fewer than three points or points that are no finite numbers.
    """
    try:
        corners = np.asarray(points, dtype=float)
    except (TypeError, ValueError, OverflowError):
        raise InvalidInputError(POINTS_NEEDED) from None
    if corners.ndim != 2 or corners.shape[1] != 2:
        raise InvalidInputError(POINTS_NEEDED)
    return decode(from_polygons([np.clip(corners, [0, 0], [width, height]).ravel().tolist()], height, width))


def from_polygons(polygons: Sequence[Sequence[float]], height: int, width: int) -> Rle:
    """The encoding of the mask that closed polygons [x, y, x, y, …] in pixels cover together, filled as COCO tools do.

    Raises InvalidInputError before native code sees them: for no polygon, fewer than three points, numbers that are not finite or
    farther outside of the picture than it is large, and outlines above MAX_OUTLINE pixels together.
    """
    height, width = _size({"size": [height, width], "counts": ""})
    outline = 0.0
    try:
        shapes = [np.asarray(polygon, dtype=float) for polygon in polygons]
    except (TypeError, ValueError, OverflowError):
        raise InvalidInputError(POINTS_NEEDED) from None
    for shape in shapes:
        if shape.ndim != 1 or shape.size < 6 or shape.size % 2 or not np.isfinite(shape).all():
            raise InvalidInputError(POINTS_NEEDED)
        corners = shape.reshape(-1, 2)
        if (corners < [-width, -height]).any() or (corners > [2 * width, 2 * height]).any():
            far = corners[np.abs(corners / [width, height]).max(axis=1).argmax()]
            raise InvalidInputError(f"A polygon has the point ({far[0]:g}, {far[1]:g}), far outside of its {width} × {height} pixels.")
        outline += float(np.abs(corners - np.roll(corners, 1, axis=0)).max(axis=1).sum())
    if not shapes:
        raise InvalidInputError(POINTS_NEEDED)
    if outline > MAX_OUTLINE:
        raise InvalidInputError(f"A mask's polygons are {outline:,.0f} pixels long together; at most {MAX_OUTLINE:,} are drawn.")
    return _as_text(coco.merge(coco.frPyObjects([shape.tolist() for shape in shapes], height, width)))


def _size(rle: Rle) -> tuple[int, int]:
    try:
        height, width = (int(side) for side in rle["size"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise InvalidInputError('A mask needs "size": [height, width] and "counts".') from None
    if height <= 0 or width <= 0 or "counts" not in rle:
        raise InvalidInputError('A mask needs "size": [height, width] above zero and "counts".')
    if height * width > MAX_PIXELS:
        raise InvalidInputError(f"A mask claims a size that no picture here has: above {MAX_PIXELS:,} pixels.")
    return height, width


def _filling_runs(rle: Rle, height: int, width: int) -> list[int]:
    """The run lengths of an encoding; raises InvalidInputError where they do not fill its size."""
    counts = _run_lengths(rle["counts"])
    if sum(counts) != height * width or min(counts, default=0) < 0:
        raise InvalidInputError(f"A mask of {width} × {height} pixels has runs that add up to {sum(counts)} instead of {height * width}.")
    return counts


def _run_lengths(counts: str | bytes | list[int]) -> list[int]:
    """Run lengths from COCO's compressed text: base-32 digits from "0" on, and from the third run a difference to two before."""
    if isinstance(counts, list):
        if any(not isinstance(count, int | float) or not 0 <= count <= MAX_PIXELS for count in counts):
            raise InvalidInputError("A mask's counts are no whole numbers of pixels.")
        return [int(count) for count in counts]
    if not isinstance(counts, str | bytes):
        raise InvalidInputError("A mask's counts are neither a text nor a list of numbers.")
    runs: list[int] = []
    value = shift = 0
    for character in counts.encode("ascii", "replace") if isinstance(counts, str) else counts:
        digit = character - 48
        if not 0 <= digit < 64:
            raise InvalidInputError("A mask's counts hold a character that COCO's run lengths do not use.")
        value |= (digit & 0x1F) << shift
        shift += 5
        if shift > 5 * MAX_DIGITS:
            raise InvalidInputError("A mask's counts hold a number that is larger than any picture.")
        if digit & 0x20:
            continue
        if digit & 0x10:
            value -= 1 << shift
        runs.append(value + runs[-2] if len(runs) > 2 else value)
        value = shift = 0
    if shift:
        raise InvalidInputError("A mask's counts end in the middle of a number.")
    return runs


def _as_text(rle: dict[str, Any]) -> Rle:
    """An encoding of COCO's tools as it is kept."""
    return {"size": [int(side) for side in rle["size"]], "counts": rle["counts"].decode("ascii")}


def _as_bytes(rle: Rle) -> dict[str, Any]:
    counts = rle["counts"]
    return {"size": rle["size"], "counts": counts.encode("ascii") if isinstance(counts, str) else counts}


def _require_one_size(one: Rle, other: Rle) -> None:
    if list(one["size"]) != list(other["size"]):
        raise InvalidInputError(f"Masks of different sizes cannot be compared: {one['size']} and {other['size']} (height, width).")
