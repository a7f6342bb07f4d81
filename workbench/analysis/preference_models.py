"""Strengths of systems from comparisons: Bradley-Terry for pairs, Plackett-Luce for rankings."""

from collections.abc import Sequence
from dataclasses import dataclass

import choix
import numpy as np
from scipy.sparse.csgraph import connected_components

from workbench.analysis.intervals import quantile
from workbench.errors import InvalidInputError

VIRTUAL_VOTES = 0.5
"""Votes added each way between compared systems where the maximum of the likelihood lies at infinity."""


@dataclass(frozen=True)
class Strengths:
    """Log-odds of systems with mean zero: system i beats j with probability 1 / (1 + exp(strength j − strength i))."""

    values: np.ndarray
    """(N,) strengths in logits."""
    covariance: np.ndarray
    """(N, N) inverse Fisher information under the mean-zero constraint."""
    regularized: bool
    """Whether virtual votes were needed, because a system (or a set of them) won or lost everything."""

    def intervals(self, confidence: float = 0.95) -> np.ndarray:
        """(N, 2) Wald intervals in logits."""
        half = quantile(confidence) * np.sqrt(np.diag(self.covariance))
        return np.stack([self.values - half, self.values + half], axis=1)


def bradley_terry(wins: np.ndarray) -> Strengths:
    """Maximum-likelihood strengths of the Bradley-Terry model, by iterative Luce spectral ranking (Maystre and Grossglauser 2015).

    `wins` (N, N): how often the row's system beat the column's; a tie counts half for both. Where a maximum does not exist
    (the graph of wins is not strongly connected, Ford 1957), VIRTUAL_VOTES are added each way between compared systems.
    Raises InvalidInputError for a malformed table, and where two systems were never compared, not even through others.
    """
    wins = _table(wins)
    compared = wins + wins.T > 0
    if connected_components(compared, directed=False)[0] > 1:
        raise InvalidInputError("Some systems were never compared with the others, not even indirectly; collect votes that link them.")
    regularized = connected_components(wins > 0, directed=True, connection="strong")[0] > 1
    if regularized:
        wins = wins + VIRTUAL_VOTES * compared
    values = choix.ilsr_pairwise_dense(wins, max_iter=10_000) if len(wins) > 1 else np.zeros(1)
    values = values - values.mean()
    chance = 1 / (1 + np.exp(values[None, :] - values[:, None]))
    weights = (wins + wins.T) * chance * chance.T
    return Strengths(values, _inverse(np.diag(weights.sum(axis=1)) - weights), regularized)


def _inverse(information: np.ndarray) -> np.ndarray:
    """The inverse under the mean-zero constraint: strengths can all move together, which the information says nothing of."""
    together = np.full_like(information, 1 / len(information))
    return np.linalg.inv(information + together) - together


def _table(wins: np.ndarray) -> np.ndarray:
    wins = np.array(wins, dtype=float)
    if wins.ndim != 2 or wins.shape[0] != wins.shape[1] or not len(wins):
        raise InvalidInputError(f"A table of wins is square, a row and a column for each system; got shape {wins.shape}.")
    if not np.isfinite(wins).all() or (wins < 0).any() or np.diag(wins).any():
        raise InvalidInputError("A table of wins holds finite counts from 0 and zeros on its diagonal.")
    return wins


def plackett_luce(choices: Sequence[tuple[int, Sequence[int]]], systems: int) -> Strengths:
    """Maximum-likelihood strengths from choices of one among several (Luce 1959), by iterative Luce spectral ranking.

    `choices`: (index of the chosen system, indices of those passed over). A ranking is a chain of such choices: the first over
    the rest, the second over the rest, and so on. Where a maximum does not exist, VIRTUAL_VOTES are added each way between
    systems that were shown together. Raises InvalidInputError where systems were never shown together, not even indirectly.
    """
    beats = np.zeros((systems, systems))
    for chosen, others in choices:
        beats[chosen, list(others)] += 1
    compared = _table(beats) + beats.T > 0
    if connected_components(compared, directed=False)[0] > 1:
        raise InvalidInputError("Some systems were never shown together with the others; collect votes that link them.")
    regularized = connected_components(beats > 0, directed=True, connection="strong")[0] > 1
    weighted = [(chosen, tuple(others), 1.0) for chosen, others in choices]
    if regularized:
        weighted += [(int(i), (int(j),), VIRTUAL_VOTES) for i, j in np.argwhere(compared)]
    values = _luce_maximum(weighted, systems)
    return Strengths(values, _inverse(_luce_information(weighted, values)), regularized)


def _luce_maximum(choices: list[tuple[int, tuple[int, ...], float]], systems: int) -> np.ndarray:
    """The spectral iteration on weighted choices: (N,) strengths with mean zero."""
    # choix takes whole choices only: doubling turns the virtual halves into whole ones and leaves the maximum where it is.
    whole = [(chosen, others) for chosen, others, weight in choices for _ in range(round(2 * weight))]
    values = choix.ilsr_top1(systems, whole, max_iter=10_000) if systems > 1 else np.zeros(1)
    return values - values.mean()


def _luce_information(choices: list[tuple[int, tuple[int, ...], float]], values: np.ndarray) -> np.ndarray:
    """(N, N) Fisher information: the sum over choices of diag(p) − p pᵀ on the systems shown."""
    information = np.zeros((len(values), len(values)))
    for chosen, others, weight in choices:
        shown = [chosen, *others]
        odds = np.exp(values[shown])
        chance = odds / odds.sum()
        information[np.ix_(shown, shown)] += weight * (np.diag(chance) - np.outer(chance, chance))
    return information
