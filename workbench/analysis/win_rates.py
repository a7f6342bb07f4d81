"""How often systems are preferred, with intervals and tests that know that votes of one rater, and on one image, are alike.

The interval is Wilson's (1927) of the number of independent votes that would be as uncertain: n_eff = r (1 − r) / V, with V the variance
of the win rate over raters and images (`cluster_spread`) and Student's t in place of the normal quantile, after Korn and Graubard
(1998), Survey Methodology 24, 193–201, and Dean and Pagano (2015), J. Survey Statistics and Methodology 3, 484–503. It lies in [0, 1].
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.stats import t

from workbench.analysis.cluster_spread import Spread, spread
from workbench.analysis.design_matrix import places
from workbench.analysis.vote_records import ChoiceVote

__all__ = ["WinRates", "of_pairs", "of_systems"]


@dataclass(frozen=True)
class WinRates:
    """Win rates of systems, or of the first of two systems over the second."""

    names: list
    rates: np.ndarray
    """(N,) in [0, 1]."""
    votes: np.ndarray
    """(N,) votes of each; a ranking of any number of systems is one vote on each of them."""
    spread: Spread

    def rows(self) -> list[dict[str, float | None]]:
        """By name: `win_rate`, its interval, and the p-value of an even chance (of two); None where nothing can be said."""
        variance, freedom = self.spread.variances(np.eye(len(self.names)))
        low, high = interval(self.rates, self.votes, variance, freedom)
        effective = _effective(self.rates, self.votes, variance)
        score = np.abs(self.rates - 0.5) * 2 * np.sqrt(effective)
        p_values = 2 * t.sf(score, freedom) if self.spread.testable else np.full(len(self.names), np.nan)
        known = np.isfinite(variance)
        return [
            {
                "win_rate": float(rate), "win_rate_low": float(lower) if sure else None, "win_rate_high": float(upper) if sure else None,
                "p_value": None if np.isnan(p_value) or not sure else float(p_value),
            }
            for rate, lower, upper, p_value, sure in zip(self.rates, low, high, p_values, known, strict=True)
        ]  # fmt: skip


def interval(
    rates: np.ndarray, votes: np.ndarray, variance: np.ndarray, freedom: np.ndarray, confidence: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """The bounds (N,) of shares (N,) of so many votes, with these variances and degrees of freedom."""
    effective = _effective(rates, votes, variance)
    z2 = t.ppf((1 + confidence) / 2, freedom) ** 2
    center = (rates * effective + z2 / 2) / (effective + z2)
    half = np.sqrt(z2 * (effective * rates * (1 - rates) + z2 / 4)) / (effective + z2)
    return np.clip(center - half, 0, 1), np.clip(center + half, 0, 1)


def _effective(rates: np.ndarray, votes: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """(N,) votes that would be as uncertain if they were independent.

    A share of 0 or 1 has no variance of its own: it is taken to be as clustered as the others in the table are on average, or, where
    all are such, as its votes are many.
    """
    alone = rates * (1 - rates) / np.maximum(votes, 1)
    inner = (alone > 0) & np.isfinite(variance)
    common = max(1.0, float(variance[inner].sum() / alone[inner].sum())) if inner.any() else 1.0
    design = np.divide(variance, alone, out=np.full(len(rates), common), where=(alone > 0) & (variance > 0))
    return votes / np.where(np.isfinite(design), design, np.inf)


def of_systems(votes: Sequence[ChoiceVote], weights: Mapping[str, float] | None = None) -> WinRates:
    """By system the mean score of its votes: 1 where it won, 1/2 for a tie, and in a ranking the share of the others behind it.

    `weights`: by rater what a vote counts for, taken as given; by default every vote counts for one.
    """
    rows = []
    for place, vote in enumerate(votes):
        if vote.ranking:
            rows += [(place, name, 1 - rank / (len(vote.ranking) - 1)) for rank, name in enumerate(vote.ranking)]
        else:
            tied = vote.winner is None
            rows += [(place, name, 0.5 if tied else float(vote.winner == name)) for name in vote.shown]
    return _rates(votes, sorted({name for _, name, _ in rows}), rows, weights)


def of_pairs(votes: Sequence[ChoiceVote]) -> WinRates:
    """By pair of systems that met (named in the order of their names), how often the first won; a tie is half a win."""
    rows = []
    for place, vote in enumerate(votes):
        pair = (min(vote.shown), max(vote.shown))
        rows.append((place, pair, 0.5 if vote.winner is None else float(vote.winner == pair[0])))
    return _rates(votes, sorted({pair for _, pair, _ in rows}), rows)


def _rates(votes: Sequence[ChoiceVote], names: list, rows: Sequence[tuple], weights: Mapping[str, float] | None = None) -> WinRates:
    """The rates from (place of the vote, name, score) rows."""
    index, width = {name: place for place, name in enumerate(names)}, len(names)
    vote = np.array([place for place, _, _ in rows])
    name = np.array([index[each] for _, each, _ in rows])
    score = np.array([each for _, _, each in rows], dtype=float)
    weight = np.ones(len(rows)) if weights is None else np.array([weights.get(votes[place].rater, 0.0) for place in vote])
    columns = np.arange(len(rows))
    shape = (len(rows), 2 * width)
    cells = csr_array((np.r_[weight * score, weight], (np.r_[columns, columns], np.r_[name, name + width])), shape=shape)
    counted = np.maximum(np.bincount(name, weight, width), 1e-12)
    rates = np.bincount(name, weight * score, width) / counted

    def statistic(totals: np.ndarray) -> np.ndarray:
        # Where all votes on a system are left out it keeps its rate: that moves nothing.
        return np.where(totals[:, width:] > 1e-9, totals[:, :width] / np.maximum(totals[:, width:], 1e-9), rates)

    raters, images = places([each.rater for each in votes])[vote], places([each.image for each in votes])[vote]
    return WinRates(names, rates, np.bincount(name, minlength=width), spread(cells, raters, images, statistic))
