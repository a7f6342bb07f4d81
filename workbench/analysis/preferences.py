"""Strengths with their spread over raters and images, from whichever kind of comparison."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from workbench.analysis import conditional_logit
from workbench.analysis.cluster_bootstrap import Spread, contrast_pairs, spread
from workbench.analysis.design_matrix import Ballots, luce_ballots, pair_ballots
from workbench.analysis.preference_models import VIRTUAL_VOTES, Strengths, bradley_terry, plackett_luce
from workbench.analysis.vote_records import Choice
from workbench.errors import InvalidInputError

__all__ = ["Preferences", "davidson", "estimate", "order_is_known"]


@dataclass(frozen=True)
class Preferences:
    """Strengths in logits with mean zero, and how far they spread."""

    names: tuple[str, ...]
    values: np.ndarray
    """(N,)"""
    spread: Spread
    regularized: bool
    ballots: Ballots

    def system(self, place: int) -> dict[str, float]:
        """A system's strength with its 95 % interval."""
        half = float(self.spread.half_widths(np.eye(len(self.names))[[place]])[0])
        value = float(self.values[place])
        return {"strength": value, "low": value - half, "high": value + half}

    def difference(self, first: int, second: int) -> dict[str, float]:
        """How much stronger the first is than the second, with its 95 % interval and the p-value of no difference."""
        contrast = contrast_pairs([(first, second)], len(self.names))
        value, half = float((contrast @ self.values)[0]), float(self.spread.half_widths(contrast)[0])
        p_value = float(self.spread.p_values(contrast, self.values)[0])
        return {"difference": value, "difference_low": value - half, "difference_high": value + half, "p_difference": p_value}


def estimate(votes: Sequence[Choice], *, seed: int = 0) -> Preferences:
    """Bradley-Terry or Plackett-Luce strengths; raises InvalidInputError where systems never met, not even through others.

    The values are choix's; the resamples are fitted by our own vectorized solver of the same likelihood.
    """
    ballots = luce_ballots(votes, VIRTUAL_VOTES)
    found = _maximum(ballots)
    basis = conditional_logit.contrasts(len(ballots.names))
    around = spread(ballots.cells, ballots.rater, ballots.image, lambda totals: ballots.fit(totals) @ basis.T, found.covariance, seed=seed)
    return Preferences(ballots.names, found.values, around, found.regularized, ballots)


def _maximum(ballots: Ballots) -> Strengths:
    """The strengths by choix, from the ballots' totals."""
    systems = len(ballots.names)
    totals = ballots.totals.reshape(ballots.model.available.shape)
    if max(map(len, ballots.members)) == 2:
        wins = np.zeros((systems, systems))
        for (first, second), (one, other) in zip(ballots.members, totals, strict=True):
            wins[first, second] += one
            wins[second, first] += other
        return bradley_terry(wins)
    chosen = [
        (system, [other for other in members if other != system])
        for members, row in zip(ballots.members, totals, strict=True)
        for system, times in zip(members, row, strict=False)
        for _ in range(round(times))
    ]
    return plackett_luce(chosen, systems)


def order_is_known(votes: Sequence[Choice]) -> bool:
    """Whether an order effect can be told from the strengths: the same two systems were shown in both orders."""
    shown = {vote.shown for vote in votes if vote.sided}
    return any(tuple(reversed(order)) in shown for order in shown)


def davidson(votes: Sequence[Choice], *, seed: int = 0) -> tuple[Preferences, dict[str, Any]]:
    """Strengths with ties and the order effect in the model, and what it says of order and ties; pair votes with known sides.

    Ties: Davidson (1970), JASA 65, 317–328. Order: Davidson and Beaver (1977), Biometrics 33, 693–702.
    Raises InvalidInputError where systems were never compared, not even through others.
    """
    ties = any(vote.winner is None for vote in votes)
    ballots = pair_ballots(votes, ties=ties, half=VIRTUAL_VOTES)
    _require_connected(ballots)
    systems = len(ballots.names)
    basis = np.zeros((systems + 1, ballots.model.features.shape[2]))
    basis[:systems, : systems - 1] = conditional_logit.contrasts(systems)
    basis[systems, systems - 1] = 1.0
    around = spread(
        ballots.cells, ballots.rater, ballots.image, lambda totals: ballots.fit(totals) @ basis.T, basis @ ballots.independent @ basis.T,
        seed=seed,
    )  # fmt: skip
    values = basis @ ballots.estimate
    contrast = np.eye(systems + 1)[[systems]]
    half = float(around.half_widths(contrast)[0])
    effect = float(values[systems])
    order = {"effect": effect, "low": effect - half, "high": effect + half, "p_value": float(around.p_values(contrast, values)[0])}
    inner = replace(
        around,
        clustered=None if around.clustered is None else around.clustered[:systems, :systems],
        independent=around.independent[:systems, :systems],
    )
    return Preferences(ballots.names, values[:systems], inner, False, ballots), order


def _require_connected(ballots: Ballots) -> None:
    met = np.eye(len(ballots.names))
    for first, second in combinations(range(len(ballots.names)), 2):
        met[first, second] = met[second, first] = ballots.beats.reshape(-1, *met.shape)[:, first, second].any()
    if (np.linalg.matrix_power(met, len(met)) == 0).any():
        raise InvalidInputError("Some systems were never compared with the others, not even indirectly; collect votes that link them.")
