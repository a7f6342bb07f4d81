"""How far estimates spread over raters and images: a jackknife by both, with the degrees of freedom that its parts have.

Votes of one rater are alike, and so are votes on one image; a study speaks for raters and images that it did not have. So whole raters
are left out in turn, then whole images, then their crossings (a rater's votes on an image), and each gives a covariance, (G − 1) / G
times the sum of squares of the estimates around their mean: V(raters), V(images) and V(crossings). The variance of a contrast is the
two-way variance of Cameron, Gelbach and Miller (2011), JBES 29, 238–249, with jackknife in place of sandwich covariances (MacKinnon,
Nielsen and Webb 2024, "Jackknife inference with two-way clustering"), and never less than that of independent votes:

    V = max(V(crossings), [(1 − 1/R) V(raters) + (1 − 1/I) V(images) − (1 − 1/C) V(crossings)] / (1 − 1/R − 1/I + 1/C))

The weights make it unbiased. All three are sums of squares around the study's own estimate, which takes a share 1/R, 1/I and 1/C of V with
it; R, I and C are the numbers of clusters (Kish's effective ones, (Σ n)² / Σ n², where they hold unequally many votes). Where all
raters judge all images this is the analysis of variance of two crossed random effects. Only the whole is cut: parts cut one by one would
be too large where neither raters nor images differ, and parts cut with a margin too small where they differ a little.

What raters and images add counts only where all estimates together speak for it: where the mean over estimates of V / V(crossings) has a
chance below ALIKE under F, with Satterthwaite's degrees of freedom times the number of directions in which the estimates vary (the squared
trace of their correlations over the trace of its square). One estimate of six raters cannot tell whether they differ; three can a little
better. An estimate whose own V has a chance below OWN counts by itself, for one system alone may divide the raters. Elsewhere V is that of
independent votes.

The degrees of freedom are Satterthwaite's (1946), Biometrics Bulletin 2, 110–114: V² over the sum of the squares of the parts, each
divided by its clusters minus one, and no fewer than the fewest of these. Where V is that of independent votes, they are those of the
crossings. docs/analysis.md has what simulated studies make of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array
from scipy.stats import f, t

__all__ = ["FEWEST", "Part", "Spread", "contrast_pairs", "covariance_without", "crossings", "effective_number", "left_out", "spread"]

FEWEST = 6
"""With fewer raters (or images) than this hardly anything tells whether they differ: their number minus one is all the degrees of freedom
there are; with fewer raters no p-value is given."""

ALIKE = 0.3
"""From this chance on raters and images are taken to be alike: such a V over V(crossings), of all estimates together, comes by chance."""

OWN = 0.15
"""Below this chance an estimate's own V counts, whatever the others say: of ten systems one alone may divide the raters."""

CHUNK = 4_000_000
"""Numbers of one intermediate array."""


@dataclass(frozen=True)
class Part:
    """The covariance that one kind of cluster gives."""

    covariance: np.ndarray
    """(Q, Q)"""
    clusters: int
    effective: float
    """How many clusters of equally many votes would be as uneven: (Σ n)² / Σ n²."""


@dataclass(frozen=True)
class Spread:
    """The uncertainty of Q estimates; asked about contrasts of them."""

    votes: Part
    """Over crossings of raters and images: what there would be if neither made votes alike."""
    raters: Part | None
    images: Part | None
    """None where there is one only: then it is taken as fixed."""
    asks_whether_they_differ: bool = True
    """False: what raters and images add counts wherever it adds anything, as in a number of one estimate alone."""

    @property
    def testable(self) -> bool:
        """Whether there are raters enough for a p-value."""
        return self.raters is not None and self.raters.clusters >= FEWEST

    def variances(self, contrast: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(M,) variances of the contrasts (M, Q), and their degrees of freedom."""
        alone = _quadratic(contrast, self.votes.covariance)
        whole, noise = self._two_way(contrast)
        counts = whole > alone
        if self.asks_whether_they_differ and not self._differ():
            counts &= self._by_chance(whole, noise, alone) < OWN
        total = np.where(counts, whole, alone)
        noise = np.where(counts, noise, alone**2 / max(self.votes.clusters - 1, 1))
        freedom = np.divide(total**2, noise, out=np.full(len(contrast), np.inf), where=(noise > 0) & np.isfinite(noise))
        fewest = min([part.clusters - 1 for part in (self.raters, self.images) if part is not None], default=1)
        return total, np.maximum(freedom, fewest) if fewest >= FEWEST - 1 else np.full(len(contrast), float(fewest))

    def _two_way(self, contrast: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(M,) two-way variances of contrasts, as they come, and V² / degrees of freedom of each."""
        weighted = [(weight * _quadratic(contrast, part.covariance), part) for weight, part in self.weighted()]
        whole = np.sum([each for each, _ in weighted], axis=0)
        return whole, np.sum([each**2 / max(part.effective - 1, 1) for each, part in weighted], axis=0)

    def _differ(self) -> bool:
        """Whether raters or images differ as far as all estimates together tell: by an F test of two-way variances over those of votes."""
        every = np.eye(len(self.votes.covariance))
        alone, (whole, noise) = _quadratic(every, self.votes.covariance), self._two_way(every)
        known = (alone > 0) & (whole > 0) & (noise > 0) & np.isfinite(alone) & np.isfinite(whole)
        if not known.any():
            return True
        errors = np.sqrt(alone[known])
        alike = self.votes.covariance[np.ix_(known, known)] / np.outer(errors, errors)
        directions = known.sum() ** 2 / np.square(alike).sum()
        ratio, freedom = (whole[known] / alone[known]).mean(), directions * (whole[known] ** 2 / noise[known]).mean()
        return bool(f.sf(ratio, freedom, max(self.votes.clusters - 1, 1)) < ALIKE)

    def _by_chance(self, whole: np.ndarray, noise: np.ndarray, alone: np.ndarray) -> np.ndarray:
        """(M,) how often two-way variances, V² / degrees of freedom of them being `noise`, come by chance over those of votes alone."""
        ratio = np.divide(whole, alone, out=np.full_like(alone, np.inf), where=(alone > 0) & np.isfinite(alone))
        freedom = np.divide(whole**2, noise, out=np.ones_like(whole), where=(noise > 0) & np.isfinite(noise))
        return f.sf(ratio, freedom, max(self.votes.clusters - 1, 1))

    def weighted(self) -> list[tuple[float, Part]]:
        """The parts with the weights by which they add up to the two-way variance; a one-way variance where the other way is fixed."""
        parts = [part for part in (self.raters, self.images) if part is not None]
        if len(parts) < 2 or not np.isfinite(self.votes.covariance).all():
            return [(1.0, part) for part in parts] or [(1.0, self.votes)]
        signed = [(1 - 1 / part.effective, part) for part in parts] + [(1 / self.votes.effective - 1, self.votes)]
        share = sum(weight for weight, _ in signed)
        return [(weight / share, part) for weight, part in signed]

    def errors(self, contrast: np.ndarray) -> np.ndarray:
        """(M,) standard errors of the contrasts (M, Q)."""
        return np.sqrt(self.variances(contrast)[0])

    def half_widths(self, contrast: np.ndarray, confidence: float = 0.95) -> np.ndarray:
        """(M,) half-widths of two-sided intervals of the contrasts."""
        variance, freedom = self.variances(contrast)
        return t.ppf((1 + confidence) / 2, freedom) * np.sqrt(variance)

    def p_values(self, contrast: np.ndarray, estimates: np.ndarray) -> np.ndarray:
        """(M,) two-sided p-values of the contrasts (M, Q) of estimates (Q,) against zero; NaN where there are too few raters.

        1 where there is no spread at all.
        """
        variance, freedom = self.variances(contrast)
        if not self.testable:
            return np.full(len(contrast), np.nan)
        errors = np.sqrt(variance)
        score = np.divide(contrast @ estimates, errors, out=np.zeros_like(errors), where=errors > 0)
        return 2 * t.sf(np.abs(score), freedom)

    def of(self, basis: np.ndarray) -> "Spread":
        """The spread of linear combinations (M, Q) of the estimates."""

        def turned(part: Part) -> Part:
            if not np.isfinite(part.covariance).all():
                return replace(part, covariance=np.full((len(basis), len(basis)), np.inf))
            return replace(part, covariance=basis @ part.covariance @ basis.T)

        raters, images = (None if part is None else turned(part) for part in (self.raters, self.images))
        return replace(self, votes=turned(self.votes), raters=raters, images=images)


def _quadratic(contrast: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    if not np.isfinite(covariance).all():
        return np.full(len(contrast), np.inf)
    return np.maximum(np.einsum("mq,qp,mp->m", contrast, covariance, contrast), 0.0)


def crossings(raters: np.ndarray, images: np.ndarray) -> np.ndarray:
    """(C,) the crossing of rater and image of each row."""
    return np.unique(np.stack([raters, images]), axis=1, return_inverse=True)[1].ravel()


def spread(
    cells: csr_array,
    raters: np.ndarray,
    images: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    floor: np.ndarray | None = None,
) -> Spread:
    """The spread of a statistic of totals: `cells` (C, K) add up to them, `statistic` maps (R, K) totals to (R, Q) estimates.

    `floor` (Q, Q): a covariance of the statistic for independent votes. Where it is given no interval is narrower than it says:
    for statistics that leaving out a vote hardly moves at the end of their range, where everything was won.
    """
    totals = np.asarray(cells.sum(axis=0)).ravel()

    def part(labels: np.ndarray) -> Part | None:
        removed, times = left_out(cells, labels)
        of_clusters = covariance_without(totals - removed, times, statistic)
        return None if of_clusters is None else replace(of_clusters, effective=effective_number(labels))

    alone = part(crossings(raters, images))
    if alone is None:
        width = statistic(totals[None]).shape[1]
        alone = Part(np.full((width, width), np.inf) if floor is None else floor, 1, 1.0)
    elif floor is not None:
        small = np.diag(alone.covariance) < np.diag(floor)
        # Whole rows and columns, so that contrasts between estimates of which one is at its end are as uncertain as that one.
        alone = replace(alone, covariance=np.where(small[:, None] | small[None, :], floor, alone.covariance))
    return Spread(alone, part(raters), part(images))


def left_out(cells: csr_array, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(R, K) totals of the clusters, each kind of them once, and (R,) how many clusters are of that kind.

    Clusters with the same totals leave the same behind: a hundred thousand crossings, of a vote or two each, are of a few kinds.
    """
    _, labels = np.unique(labels, return_inverse=True)
    member = csr_array((np.ones(len(labels)), (labels, np.arange(len(labels)))), shape=(labels.max() + 1, len(labels)))
    by_cluster = csr_array(member @ cells)
    by_cluster.sort_indices()
    # Two rows of totals are taken to be equal where two random combinations of them are, to the last bit.
    marks = by_cluster @ np.random.default_rng(0).random((cells.shape[1], 2))
    _, first, times = np.unique(marks, axis=0, return_index=True, return_counts=True)
    return by_cluster[first].toarray(), times


def covariance_without(without: np.ndarray, times: np.ndarray, statistic: Callable[[np.ndarray], np.ndarray]) -> Part | None:
    """The jackknife's covariance from totals (R, K) without a cluster each, of which there are `times`; None for a single cluster."""
    count = int(times.sum())
    if count < 2:
        return None
    rows = max(1, CHUNK // without.shape[1])
    values = np.concatenate([statistic(without[start : start + rows]) for start in range(0, len(without), rows)])
    away = values - times @ values / count
    return Part((count - 1) / count * (away * times[:, None]).T @ away, count, float(count))


def effective_number(labels: np.ndarray) -> float:
    """How many clusters of equally many rows would be as uneven as these (Kish 1965), of two or more at least two."""
    sizes = np.unique(labels, return_counts=True)[1]
    return max(float(sizes.sum() ** 2 / (sizes**2).sum()), min(2.0, len(sizes)))


def contrast_pairs(pairs: Sequence[tuple[int, int]], width: int) -> np.ndarray:
    """(M, Q) differences between the estimates of each pair of places."""
    contrast = np.zeros((len(pairs), width))
    for row, (first, second) in enumerate(pairs):
        contrast[row, first], contrast[row, second] = 1.0, -1.0
    return contrast
