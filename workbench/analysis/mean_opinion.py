"""Mean opinion scores with their spread over raters and images, and the pairwise differences of systems."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from workbench.analysis.cluster_bootstrap import Spread, contrast_pairs, spread
from workbench.analysis.design_matrix import places
from workbench.analysis.subject_model import Recovered, recover
from workbench.analysis.vote_records import Category

__all__ = ["Scores", "by_scale"]


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
    cells: csr_array
    images: np.ndarray

    def rows(self) -> list[dict[str, Any]]:
        """By system: mean opinion score with its interval, and the recovered score of these very pictures with its own."""
        halves = self.spread.half_widths(np.eye(len(self.names)))
        rows = []
        for place, name in enumerate(self.names):
            mean, half = float(self.means[place]), float(halves[place])
            known = np.isfinite(half) and self.counts[place] > 1
            own = self.system_of == place
            quality = float(self.recovered.quality[own].mean())
            error = 1.96 * float(np.sqrt((self.recovered.error[own] ** 2).sum())) / own.sum()
            rows.append(
                {
                    "name": name, "scale": self.scale, "votes": int(self.counts[place]), "mean": mean,
                    "low": mean - half if known else None, "high": mean + half if known else None,
                    "recovered": quality, "recovered_low": quality - error, "recovered_high": quality + error,
                }
            )  # fmt: skip
        return rows

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
                "difference_low": float(value - half), "difference_high": float(value + half), "p_difference": float(p_value),
            }
            for (a, b), value, half, p_value in zip(pairs, values, halves, p_values, strict=True)
        ]  # fmt: skip


def by_scale(values: Sequence[Category], *, seed: int = 0) -> list[Scores]:
    """The scores of each scale, by name."""
    grouped: dict[str, list[Category]] = defaultdict(list)
    for value in values:
        grouped[value.scale].append(value)
    return [_scores(scale, given, seed) for scale, given in sorted(grouped.items())]


def _scores(scale: str, given: list[Category], seed: int) -> Scores:
    names = sorted({value.system for value in given})
    system = np.array([names.index(value.system) for value in given])
    score = np.array([value.value for value in given], dtype=float)
    raters, images = places([value.rater for value in given]), places([value.image for value in given])
    rows, width = np.arange(len(given)), len(names)
    cells = csr_array(
        (np.r_[score, np.ones(len(given))], (np.r_[rows, rows], np.r_[system, system + width])), shape=(len(given), 2 * width)
    )
    sums, counts = np.bincount(system, score), np.bincount(system)
    means = sums / counts
    squares = np.bincount(system, (score - means[system]) ** 2)
    independent = np.diag(squares / np.maximum(counts - 1, 1) / counts)

    def statistic(totals: np.ndarray) -> np.ndarray:
        # A system that a resample misses keeps its mean: it adds no spread there.
        return np.where(totals[:, width:] > 0, totals[:, :width] / np.maximum(totals[:, width:], 1), means)

    around = spread(cells, raters, images, statistic, independent, seed=seed)
    recovered = recover([value.unit for value in given], [value.rater for value in given], score.tolist())
    owner = dict(zip([value.unit for value in given], system.tolist(), strict=True))
    return Scores(scale, names, counts, means, around, recovered, np.array([owner[unit] for unit in recovered.stimuli]), cells, images)
