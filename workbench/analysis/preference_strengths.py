"""Strengths with their spread over raters and images, from whichever kind of comparison.

Pairs without ties: Bradley and Terry (1952). Pairs with ties: Davidson (1970), JASA 65, 317–328, in which the chance of a tie is
proportional to the geometric mean of the two systems' worths. It is taken rather than Rao and Kupper (1967), whose ties come from a
threshold, since it alone of the two is an exponential family: it ranks systems as wins and half ties do, one solver fits it and all the
other models here, and exp(difference) is the odds of a win against a loss among decided votes, as without ties. Choices and rankings:
Luce (1959) and Plackett (1975).

A strength speaks of the population of raters and images: the log-odds of the votes as they come, not those of a typical rater on a
typical image, which are larger where raters or images differ.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from workbench.analysis import conditional_logit
from workbench.analysis.cluster_spread import Spread, contrast_pairs, spread
from workbench.analysis.design_matrix import Ballots, luce_ballots, pair_ballots
from workbench.analysis.vote_records import ChoiceVote
from workbench.errors import InvalidInputError

__all__ = ["Preferences", "components", "davidson", "estimate", "order_is_known"]


@dataclass(frozen=True)
class Preferences:
    """Strengths in logits with mean zero, and how far they spread."""

    names: tuple[str, ...]
    values: np.ndarray
    """(N,)"""
    spread: Spread
    regularized: bool
    ballots: Ballots
    model: str
    """The model's name: Bradley-Terry, Davidson, Luce or Plackett-Luce."""

    def system(self, place: int) -> dict[str, float | None]:
        """A system's strength with its 95 % interval; no bounds where a single rater's single image leaves no spread."""
        value = float(self.values[place])
        half = float(self.spread.half_widths(np.eye(len(self.names))[[place]])[0])
        low, high = (value - half, value + half) if np.isfinite(half) else (None, None)
        return {"strength": value, "low": low, "high": high}

    def difference(self, first: int, second: int) -> dict[str, float | None]:
        """How much stronger the first is than the second, with its 95 % interval and the p-value of no difference.

        No p-value where there are too few raters (`cluster_spread.FEWEST`).
        """
        contrast = contrast_pairs([(first, second)], len(self.names))
        value, half = float((contrast @ self.values)[0]), float(self.spread.half_widths(contrast)[0])
        low, high = (value - half, value + half) if np.isfinite(half) else (None, None)
        p_value = float(self.spread.p_values(contrast, self.values)[0])
        p_value = None if np.isnan(p_value) else p_value
        return {"difference": value, "difference_low": low, "difference_high": high, "p_difference": p_value}


def components(votes: Sequence[ChoiceVote]) -> list[list[ChoiceVote]]:
    """The votes by groups of systems that met, if only through others; the group with most votes first."""
    names = sorted({name for vote in votes for name in vote.shown})
    index = {name: place for place, name in enumerate(names)}
    met = {(index[vote.shown[0]], index[name]) for vote in votes for name in vote.shown}
    rows, columns = np.array(sorted(met)).reshape(-1, 2).T
    group = connected_components(coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(names),) * 2), directed=False)[1]
    by_group: dict[int, list[ChoiceVote]] = defaultdict(list)
    for vote in votes:
        by_group[group[index[vote.shown[0]]]].append(vote)
    return sorted(by_group.values(), key=len, reverse=True)


def estimate(votes: Sequence[ChoiceVote]) -> Preferences:
    """Strengths by the model that fits the votes; raises InvalidInputError where systems never met, not even through others."""
    _require_connected(votes)
    pairs = all(len(vote.shown) == 2 and not vote.ranking for vote in votes)
    if pairs and any(vote.winner is None for vote in votes):
        return _fitted(pair_ballots(votes, ties=True, order=False), "Davidson")[0]
    model = "Bradley-Terry" if pairs else "Plackett-Luce" if any(vote.ranking for vote in votes) else "Luce"
    return _fitted(luce_ballots(votes), model)[0]


def _fitted(ballots: Ballots, model: str, extra: int = 0) -> tuple[Preferences, Spread, np.ndarray]:
    """The strengths; then the spread and the values of strengths and the `extra` parameters that follow them."""
    systems = len(ballots.names)
    basis = np.zeros((systems + extra, ballots.model.features.shape[2]))
    basis[:systems, : systems - 1] = conditional_logit.contrasts(systems)
    basis[systems:, systems - 1 : systems - 1 + extra] = np.eye(extra)
    floor = basis @ ballots.independent @ basis.T if ballots.regularized else None
    around = spread(ballots.cells, ballots.rater, ballots.image, lambda totals: ballots.fit(totals) @ basis.T, floor)
    values = basis @ ballots.estimate
    inner = around.of(np.eye(systems + extra)[:systems])
    return Preferences(ballots.names, values[:systems], inner, ballots.regularized, ballots, model), around, values


def order_is_known(votes: Sequence[ChoiceVote]) -> bool:
    """Whether an order effect can be told from the strengths: the same two systems were shown in both orders."""
    shown = {vote.shown for vote in votes if vote.sided}
    return any(tuple(reversed(order)) in shown for order in shown)


def davidson(votes: Sequence[ChoiceVote]) -> tuple[Preferences, dict[str, Any]]:
    """Strengths with ties and the order effect in the model, and what it says of order; pair votes with known sides.

    Ties: Davidson (1970). Order: Davidson and Beaver (1977), Biometrics 33, 693–702.
    Raises InvalidInputError where systems were never compared, not even through others.
    """
    _require_connected(votes)
    ties = any(vote.winner is None for vote in votes)
    fitted, around, values = _fitted(pair_ballots(votes, ties=ties, order=True), "Davidson", extra=1)
    contrast = np.eye(len(values))[[-1]]
    half, effect = float(around.half_widths(contrast)[0]), float(values[-1])
    p_value = float(around.p_values(contrast, values)[0])
    low, high = (effect - half, effect + half) if np.isfinite(half) else (None, None)
    return fitted, {"effect": effect, "low": low, "high": high, "p_value": None if np.isnan(p_value) else p_value}


def _require_connected(votes: Sequence[ChoiceVote]) -> None:
    parts = components(votes)
    if len(parts) > 1:
        named = "; ".join(", ".join(sorted({name for vote in part for name in vote.shown})) for part in parts)
        raise InvalidInputError(f"Some systems were never compared with the others, not even through others: {named}. Analyze them apart.")
