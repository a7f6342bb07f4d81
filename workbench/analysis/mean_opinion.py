"""Mean opinion scores with their spread over raters and images, and the pairwise differences of systems."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.stats import t

from workbench.analysis.cluster_spread import FEWEST, Spread, contrast_pairs, spread
from workbench.analysis.design_matrix import places
from workbench.analysis.subject_model import Recovered, mean_qualities_without, recover
from workbench.analysis.vote_records import CategoryVote

__all__ = ["Scores", "by_scale"]


ENOUGH_SCORES = 4
"""Scores that a picture needs on average for a recovered score: with fewer, a subject's bias and consistency are mostly noise."""


@dataclass(frozen=True)
class Scores:
    """The scores on one scale."""

    scale: str
    names: list[str]
    counts: np.ndarray
    means: np.ndarray
    """(N,) each."""
    spread: Spread
    recovered: Recovered
    system_of: np.ndarray
    """(J,) the system of each stimulus of `recovered`."""
    recovered_half: np.ndarray | None
    """(N,) half-widths of the 95 % intervals of the systems' recovered scores; None where pictures have too few scores."""
    cells: csr_array
    raters: np.ndarray
    images: np.ndarray
    """(C,) the rater and the image of each value."""
    points: int | None
    """The highest value of the scale, where that is known."""
    value_counts: list[Counter]
    """(N,) how often each value was given to each system."""

    def rows(self) -> list[dict[str, Any]]:
        """By system: mean opinion score with its interval, and the recovered score of these very pictures with its own.

        Intervals of means are cut at the ends of the scale where these are known. Without enough scores of a picture (ENOUGH_SCORES)
        there is no recovered score.
        """
        halves = self.spread.half_widths(np.eye(len(self.names)))
        rows = []
        for place, name in enumerate(self.names):
            mean, half = float(self.means[place]), float(halves[place])
            known = np.isfinite(half) and self.counts[place] > 1
            row: dict[str, Any] = {"name": name, "scale": self.scale, "votes": int(self.counts[place]), "mean": mean}
            counts = self.value_counts[place]
            variance = sum(times * (value - mean) ** 2 for value, times in counts.items()) / max(counts.total() - 1, 1)
            row |= {"points": self.points, "sd": variance**0.5, "given": {str(value): counts[value] for value in sorted(counts)}}
            row |= {"low": mean - half if known else None, "high": mean + half if known else None}
            if known and self.points is not None:
                row |= {"low": max(1.0, mean - half), "high": min(float(self.points), mean + half)}
            rows.append(row | self._recovered(place))
        return rows

    def _recovered(self, place: int) -> dict[str, float | None]:
        if self.recovered_half is None:
            return {"recovered": None, "recovered_low": None, "recovered_high": None}
        quality = float(self.recovered.quality[self.system_of == place].mean())
        half = float(self.recovered_half[place])
        return {"recovered": quality, "recovered_low": quality - half, "recovered_high": quality + half}

    def differences(self) -> list[dict[str, Any]]:
        """By pair of systems: the difference of means with its interval and the p-value of none."""
        pairs = list(combinations(range(len(self.names)), 2))
        if not pairs or (self.counts < 2).any():
            return []
        contrast = contrast_pairs(pairs, len(self.names))
        values, halves = contrast @ self.means, self.spread.half_widths(contrast)
        p_values = self.spread.p_values(contrast, self.means)
        return [
            {
                "system_a": self.names[a], "system_b": self.names[b], "scale": self.scale, "difference": float(value),
                "difference_low": float(value - half) if np.isfinite(half) else None,
                "difference_high": float(value + half) if np.isfinite(half) else None,
                "p_difference": None if np.isnan(p_value) else float(p_value),
            }
            for (a, b), value, half, p_value in zip(pairs, values, halves, p_values, strict=True)
        ]  # fmt: skip


def by_scale(values: Sequence[CategoryVote]) -> list[Scores]:
    """The scores of each scale, by name."""
    grouped: dict[str, list[CategoryVote]] = defaultdict(list)
    for value in values:
        grouped[value.scale].append(value)
    return [_scores(scale, own) for scale, own in sorted(grouped.items())]


def _scores(scale: str, votes: list[CategoryVote]) -> Scores:
    names = sorted({value.system for value in votes})
    system = np.array([names.index(value.system) for value in votes])
    score = np.array([value.value for value in votes], dtype=float)
    raters, images = places([value.rater for value in votes]), places([value.image for value in votes])
    rows, width = np.arange(len(votes)), len(names)
    cells = csr_array(
        (np.r_[score, np.ones(len(votes))], (np.r_[rows, rows], np.r_[system, system + width])), shape=(len(votes), 2 * width)
    )
    sums, counts = np.bincount(system, score), np.bincount(system)
    means = sums / counts

    def statistic(totals: np.ndarray) -> np.ndarray:
        # A system all of whose values are left out keeps its mean: that moves nothing.
        return np.where(totals[:, width:] > 0, totals[:, :width] / np.maximum(totals[:, width:], 1), means)

    around = spread(cells, raters, images, statistic)
    columns = [value.unit for value in votes], [value.rater for value in votes], score.tolist()
    recovered = recover(*columns)
    owner = dict(zip(columns[0], system.tolist(), strict=True))
    system_of = np.array([owner[unit] for unit in recovered.stimuli])
    half = _recovered_half(columns, recovered, system_of)
    value_counts = [Counter(value.value for value in votes if value.system == name) for name in names]
    return Scores(scale, names, counts, means, around, recovered, system_of, half, cells, raters, images, votes[0].points, value_counts)


def _recovered_half(columns: tuple[list, list, list], recovered: Recovered, system_of: np.ndarray) -> np.ndarray | None:
    """(N,) half-widths over raters, for these very pictures, by the jackknife of whole raters; None where there is no honest one."""
    if len(columns[0]) < ENOUGH_SCORES * len(recovered.stimuli) or len(recovered.subjects) < FEWEST:
        return None
    without = mean_qualities_without(*columns, system_of)
    count = len(without)
    error = np.sqrt((count - 1) / count * np.nansum((without - np.nanmean(without, axis=0)) ** 2, axis=0))
    return t.ppf(0.975, count - 1) * error
