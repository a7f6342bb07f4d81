"""Dawid and Skene's model: what raters seem to mean by their answers, and what the pictures seem to be."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from workbench.analysis.design_matrix import places

__all__ = ["Consensus", "dawid_skene"]

ROUNDS = 200
TOLERANCE = 1e-6

SMOOTHING = 0.5
"""Answers added to every cell of a rater's confusions, so that few answers cannot make a rater infallible."""


@dataclass(frozen=True)
class Consensus:
    """The maximum of the likelihood."""

    units: list[Hashable]
    values: list[Hashable]
    """The answers that occur."""
    posterior: np.ndarray
    """(U, V) the chance that a value is a unit's true one."""
    confusion: np.ndarray
    """(K, V, V) the chance that a rater answers the last index where the middle one is true."""
    prior: np.ndarray
    """(V,) how common each true value is."""

    @property
    def reliability(self) -> np.ndarray:
        """(K,) the chance that a rater gives the true value of a unit drawn at random."""
        return np.einsum("v,kvv->k", self.prior, self.confusion)


def dawid_skene(
    units: Sequence[Hashable], raters: Sequence[Hashable], values: Sequence[Hashable], smoothing: float = SMOOTHING
) -> Consensus:
    """True values and raters' confusions by expectation maximization, from majorities on.

    Three columns, an answer a row; raters are numbered in order of appearance.
    Source: Dawid and Skene (1979), "Maximum likelihood estimation of observer error-rates using the EM algorithm", JRSS C 28, 20–28.
    """
    unit, rater = places(units), places(raters)
    known = sorted(set(values), key=str)
    value = np.array([known.index(answer) for answer in values])
    width, count = len(known), rater.max() + 1
    # (U, K · V) who answered what: both steps are sums over it.
    given = csr_array((np.ones(len(unit)), (unit, rater * width + value)), shape=(unit.max() + 1, count * width))
    answered = given @ np.tile(np.eye(width), (count, 1))
    posterior = answered / answered.sum(axis=1, keepdims=True)
    for _ in range(ROUNDS):
        prior = posterior.mean(axis=0)
        confusion = (given.T @ posterior).reshape(count, width, width).swapaxes(1, 2) + smoothing
        confusion /= np.maximum(confusion.sum(axis=2, keepdims=True), 1e-300)
        logs = np.log(np.maximum(prior, 1e-300)) + given @ np.log(np.maximum(confusion, 1e-300)).swapaxes(1, 2).reshape(-1, width)
        renewed = np.exp(logs - logs.max(axis=1, keepdims=True))
        renewed /= renewed.sum(axis=1, keepdims=True)
        moved = np.abs(renewed - posterior).max()
        posterior = renewed
        if moved < TOLERANCE:
            break
    return Consensus(list(dict.fromkeys(units)), known, posterior, confusion, prior)
