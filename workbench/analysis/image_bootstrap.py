"""How far means over images spread when images are drawn anew: the percentile bootstrap, images resampled whole.

The captions, levels and masks of one photo share what makes it easy or hard, so rows of one image are drawn together (Efron and
Tibshirani 1993, "An Introduction to the Bootstrap", chapter 13, with clusters for single observations). What is compared on the same
rows is compared row by row: the interval of a mean difference says what two intervals beside each other cannot.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["FEWEST_IMAGES", "MeanInterval", "mean_interval", "paired_interval"]

RESAMPLES = 2000
CONFIDENCE = 0.95
FEWEST_IMAGES = 5
"""Fewer images than this cannot tell how images differ: there is a mean, and no interval."""


@dataclass(frozen=True)
class MeanInterval:
    """A mean over rows with the ends of its 95 % interval, None where there are too few images; `rows` and `images` are counted."""

    mean: float
    low: float | None
    high: float | None
    rows: int
    images: int

    @property
    def excludes_zero(self) -> bool:
        """Whether the whole interval lies on one side of zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def mean_interval(values: Sequence[float | None], images: Sequence[Hashable]) -> MeanInterval | None:
    """The mean of the values that are known and finite, and its interval over images; None where none is known.

    values (N,), one a row; images (N,), what the rows' images are called.
    """
    known = [(float(value), image) for value, image in zip(values, images, strict=True) if value is not None and np.isfinite(value)]
    if not known:
        return None
    numbers = np.array([value for value, _ in known])
    names, place = np.unique([str(image) for _, image in known], return_inverse=True)
    sums, counts = np.bincount(place, numbers), np.bincount(place)
    mean = float(numbers.mean())
    if len(names) < FEWEST_IMAGES:
        return MeanInterval(mean, None, None, len(numbers), len(names))
    drawn = np.random.default_rng(0).multinomial(len(names), np.full(len(names), 1 / len(names)), RESAMPLES)
    low, high = np.quantile(drawn @ sums / (drawn @ counts), [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return MeanInterval(mean, float(low), float(high), len(numbers), len(names))


def paired_interval(first: Sequence[float | None], second: Sequence[float | None], images: Sequence[Hashable]) -> MeanInterval | None:
    """The mean of second − first over the rows where both are known, and its interval over images; None where no row has both."""
    differences = [None if one is None or other is None else other - one for one, other in zip(first, second, strict=True)]
    return mean_interval(differences, images)
