"""How far estimates spread when raters and images are drawn anew: bootstrap by both, after Cameron, Gelbach and Miller.

Votes of one rater are alike, and so are votes on one image; a study speaks for raters and images that it did not have. So raters
are resampled whole, images are resampled whole, and their crossing (a rater's votes on an image) once more, and the covariances are
put together as V = V(raters) + V(images) − V(crossing): Cameron, Gelbach and Miller (2011), "Robust inference with multiway
clustering", JBES 29, 238–249, with bootstrap instead of sandwich covariances. Resampling both at once (the pigeonhole bootstrap of
Owen 2007) counts the noise of single votes three times: docs/benchmarks.md compares them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.stats import norm, t

from workbench.analysis.design_matrix import places

__all__ = ["FEWEST", "RESAMPLES", "Spread", "clusters_of", "contrast_pairs", "spread"]

RESAMPLES = 1000

CHUNK = 4_000_000
"""Numbers of one intermediate array."""

FEWEST = 5
"""Fewer raters (or images) than this cannot tell how raters (or images) differ: they are taken as fixed, and a note says so."""


@dataclass(frozen=True)
class Spread:
    """The uncertainty of Q estimates; asked about contrasts of them."""

    clustered: np.ndarray | None
    """(Q, Q) covariance over raters and images; None where there are too few of both."""
    independent: np.ndarray
    """(Q, Q) covariance as if every vote stood alone: no interval is narrower than it gives."""
    freedom: float
    """Degrees of freedom of Student's t: the smaller number of clusters, minus one; infinite where none were resampled."""

    def errors(self, contrast: np.ndarray) -> np.ndarray:
        """(M,) standard errors of the contrasts (M, Q): the larger of the two covariances speaks."""
        alone = _quadratic(contrast, self.independent)
        if self.clustered is not None:
            alone = np.maximum(alone, _quadratic(contrast, self.clustered))
        return np.sqrt(np.maximum(alone, 0.0))

    def half_widths(self, contrast: np.ndarray, confidence: float = 0.95) -> np.ndarray:
        """(M,) half-widths of two-sided intervals of the contrasts."""
        return self._law().ppf((1 + confidence) / 2) * self.errors(contrast)

    def p_values(self, contrast: np.ndarray, estimates: np.ndarray) -> np.ndarray:
        """(M,) two-sided p-values of the contrasts (M, Q) of estimates (Q,) against zero; 1 where there is no spread at all."""
        errors = self.errors(contrast)
        score = np.divide(contrast @ estimates, errors, out=np.zeros_like(errors), where=errors > 0)
        return 2 * self._law().sf(np.abs(score))

    def _law(self):
        return norm() if np.isinf(self.freedom) else t(self.freedom)


def _quadratic(contrast: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    return np.einsum("mq,qp,mp->m", contrast, covariance, contrast)


def clusters_of(raters: np.ndarray, images: np.ndarray) -> list[tuple[int, np.ndarray]]:
    """(sign, (C,) cluster of each row) of the resamplings to be put together; empty where raters and images are too few."""
    enough = [labels for labels in (raters, images) if len(np.unique(labels)) >= FEWEST]
    if len(enough) < 2:
        return [(1, labels) for labels in enough]
    return [(1, raters), (1, images), (-1, places(list(zip(raters.tolist(), images.tolist(), strict=True))))]


def spread(
    cells: csr_array,
    raters: np.ndarray,
    images: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    independent: np.ndarray,
    *,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Spread:
    """The spread of a statistic of totals: `cells` (C, K) add up to them, `statistic` maps (R, K) totals to (R, Q) estimates.

    The same seed gives the same numbers. `independent` (Q, Q) is the covariance of the statistic for independent votes.
    """
    draw = np.random.default_rng(seed)
    parts = clusters_of(raters, images)
    if not parts:
        return Spread(None, independent, np.inf)
    clustered = sum(sign * _covariance(statistic(_resampled(draw, cells, labels, resamples)), labels) for sign, labels in parts)
    freedom = min(len(np.unique(labels)) for sign, labels in parts if sign > 0) - 1
    return Spread(clustered, independent, freedom)


def _resampled(draw: np.random.Generator, cells: csr_array, labels: np.ndarray, resamples: int) -> np.ndarray:
    """(R, K) totals of clusters drawn with replacement, as many as there are.

    Clusters with the same totals are one kind: how often a kind is drawn is multinomial. So a hundred thousand crossings, of a vote
    or two each, cost no more than the few kinds that they are of.
    """
    _, labels = np.unique(labels, return_inverse=True)
    count = labels.max() + 1
    member = csr_array((np.ones(len(labels)), (labels, np.arange(len(labels)))), shape=(count, len(labels)))
    by_cluster = csr_array(member @ cells)
    by_cluster.sort_indices()
    # Two rows of totals are taken to be equal where two random combinations of them are, to the last bit.
    marks = by_cluster @ np.random.default_rng(0).random((cells.shape[1], 2))
    _, first, kinds = np.unique(marks, axis=0, return_index=True, return_counts=True)
    rows = max(1, CHUNK // len(kinds))
    return np.concatenate(
        [
            draw.multinomial(count, kinds / count, min(rows, resamples - start)).astype(float) @ by_cluster[first]
            for start in range(0, resamples, rows)
        ]
    )


def _covariance(draws: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """(Q, Q) bootstrap covariance with the correction for drawing from G clusters, G / (G − 1)."""
    count = len(np.unique(labels))
    return np.atleast_2d(np.cov(draws, rowvar=False)) * count / (count - 1)


def contrast_pairs(pairs: Sequence[tuple[int, int]], width: int) -> np.ndarray:
    """(M, Q) differences between the estimates of each pair of places."""
    found = np.zeros((len(pairs), width))
    for row, (first, second) in enumerate(pairs):
        found[row, first], found[row, second] = 1.0, -1.0
    return found
