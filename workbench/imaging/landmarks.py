"""Whether two pictures are cuts of one: points that are found again in a crop, and the check that what both show is the same.

Points and their descriptions are those of SIFT (Lowe 2004, "Distinctive image features from scale-invariant keypoints"), each of its 128
numbers reduced to whether it lies above their median: 16 bytes instead of 512. What agrees is a similarity (a shift, a scale, a turn)
found by RANSAC; under it the two pictures, small, must look alike where they overlap: a wall behind two different people is not enough.
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from workbench.imaging.crop_index import DESCRIPTION, HEAD, VERSION, descriptions_of

SIDE = 320
"""Pixels of the longer side at which points are looked for."""
SMALLEST = 48
"""Pictures with a shorter side than this have no points worth the name."""
POINTS = 192
SMALL_SIDE = 48
"""Pixels of the longer side of the small picture that is kept for the comparison."""
PLACES = 128.0
"""Steps a pixel in which places are kept."""

MOST_BITS = 34
"""Most bits in which descriptions of the same point differ, of 128."""
REACH = 3.0
"""Pixels by which a point may miss its place."""
LEAST_POINTS = 6
LEAST_CORRELATION = 0.85
LEAST_SHARE = 0.3
"""Of one of the two pictures, the least part that the other one shows too.

Measured on 5,889 photos: docs/likeness.md.
"""
LEAST_OVERLAP = 64
"""Pixels of the small picture; fewer say nothing."""


@dataclass(frozen=True)
class Landmarks:
    """A picture's points: `places` (N, 2) float32, pixels x, y in `size` (width, height); `descriptions` (N, 16) and `small` (h, w) uint8.

    Strongest points first; none in a picture that is too small.
    """

    size: tuple[int, int]
    places: NDArray[np.float32]
    descriptions: NDArray[np.uint8]
    small: NDArray[np.uint8]


@dataclass(frozen=True)
class Agreement:
    """What two pictures have in common: points under one similarity, their correlation where they overlap, and the part that overlaps."""

    points: int
    correlation: float
    share: float

    @property
    def is_crop(self) -> bool:
        """Whether one is a cut of the other, or both are of a third picture."""
        return self.points >= LEAST_POINTS and self.correlation >= LEAST_CORRELATION and self.share >= LEAST_SHARE


NOTHING = Agreement(0, 0.0, 0.0)


def landmarks_of(pixels: NDArray[np.uint8]) -> Landmarks:
    """The landmarks of a picture (H, W, 3) uint8."""
    gray = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    if min(gray.shape) < SMALLEST:
        return Landmarks(
            (gray.shape[1], gray.shape[0]), np.zeros((0, 2), np.float32), np.zeros((0, 16), np.uint8), _reduced(gray, SMALL_SIDE)
        )
    gray = _reduced(gray, SIDE)
    points, described = cv2.SIFT_create(nfeatures=POINTS, contrastThreshold=0.01, edgeThreshold=12).detectAndCompute(gray, None)
    order = np.argsort([-point.response for point in points], kind="stable")[:POINTS]
    places = np.array([points[index].pt for index in order], np.float32).reshape(-1, 2)
    numbers = np.zeros((0, 128), np.float32) if described is None else described[order]
    bits = numbers > np.median(numbers, axis=1, keepdims=True) if len(numbers) else numbers.astype(bool)
    return Landmarks((gray.shape[1], gray.shape[0]), places, np.packbits(bits, axis=1), _reduced(gray, SMALL_SIDE))


def pack(marks: Landmarks) -> bytes:
    """Landmarks as bytes; `unpack` reads them."""
    height, width = marks.small.shape
    head = HEAD.pack(VERSION, *marks.size, width, height, len(marks.places))
    places = np.clip(np.round(marks.places * PLACES), 0, 65535).astype("<u2")
    return head + places.tobytes() + marks.descriptions.tobytes() + marks.small.tobytes()


def unpack(content: bytes) -> Landmarks:
    """Landmarks from bytes. Raises ValueError for bytes of another version."""
    descriptions = descriptions_of(content)
    _version, *size, width, height, number = HEAD.unpack_from(content)
    places = np.frombuffer(content, "<u2", 2 * number, HEAD.size).reshape(-1, 2).astype(np.float32) / PLACES
    small = np.frombuffer(content, np.uint8, width * height, HEAD.size + (DESCRIPTION + 4) * number).reshape(height, width)
    return Landmarks((size[0], size[1]), places, descriptions, small)


def compare(one: Landmarks, other: Landmarks) -> Agreement:
    """How far two pictures agree."""
    if min(len(one.places), len(other.places)) < LEAST_POINTS:
        return NOTHING
    matches = cv2.BFMatcher(cv2.NORM_HAMMING, crossCheck=True).match(one.descriptions, other.descriptions)
    pairs = [(match.queryIdx, match.trainIdx) for match in matches if match.distance <= MOST_BITS]
    if len(pairs) < LEAST_POINTS:
        return NOTHING
    of_one, of_other = np.array(pairs).T
    similarity, agreeing = cv2.estimateAffinePartial2D(
        one.places[of_one], other.places[of_other], method=cv2.RANSAC, ransacReprojThreshold=REACH, maxIters=500, confidence=0.995
    )
    if similarity is None or abs(np.linalg.det(similarity[:, :2])) < 1e-3:
        return NOTHING
    correlation, share = _overlap(one, other, similarity)
    return Agreement(int(agreeing.sum()), correlation, share)


def _overlap(one: Landmarks, other: Landmarks, similarity: NDArray[np.float64]) -> tuple[float, float]:
    """The correlation of two small pictures, the first brought onto the second, and the larger of the parts in which they overlap."""
    (height, width), turn = other.small.shape, similarity[:, :2]
    step_one, step_other = one.size[0] / one.small.shape[1], other.size[0] / width  # pixels of a picture for one of its small one
    shift = turn @ np.full(2, step_one / 2 - 0.5) + similarity[:, 2] - (step_other / 2 - 0.5)
    small = np.hstack([turn * step_one / step_other, (shift / step_other)[:, None]])
    brought: Any = cv2.warpAffine(
        one.small.astype(np.float32), small, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=-1e6
    )
    both = brought >= 0
    if both.sum() < LEAST_OVERLAP:
        return 0.0, 0.0
    first, second = brought[both], other.small[both].astype(np.float32)
    first, second = first - first.mean(), second - second.mean()
    spread = float(np.sqrt((first**2).sum() * (second**2).sum()))
    area = float(both.sum())
    share = max(area / both.size, area / (one.small.size * abs(np.linalg.det(small[:, :2]))))
    return (float((first * second).sum()) / spread if spread > 0 else 0.0), min(1.0, share)


def _reduced(gray: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A gray picture (H, W) whose longer side has so many pixels."""
    scale = side / max(gray.shape)
    size = tuple(max(1, round(extent * scale)) for extent in reversed(gray.shape))
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC))
