"""Raters who do not look: the chance that a rater's answers are guesses, from all that they answered.

A mixture of two kinds of raters, after the hammer-spammer model of Karger, Oh and Shah (2011): one answers as the study's strengths
say (Luce's model, with a liking for a side of their own where sides are known), the other as a coin, or by the side alone at a
rate of their own. Strengths and kinds are estimated in turns (EM), so that guesses do not blunt the picture by which they are
found. Ties say nothing here: people differ in how readily they call one. Checks (trials with a known answer) count with what
careful raters get right.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.special import betaln, expit, logsumexp

from workbench.analysis import conditional_logit
from workbench.analysis.design_matrix import Ballots

__all__ = ["CAREFUL", "guessing"]

PRIOR = 0.1
PRIOR_RATERS = 10
"""The share of guessers before any vote is seen, worth as much as this many raters: published crowds have some ten in a hundred."""

CAREFUL = 0.95
"""The share of checks that a rater who looks gets right."""

SHARPNESS = np.array([0.6, 1.0, 1.6])
SHARPNESS_LOG_PRIOR = np.log([0.25, 0.5, 0.25])
"""Raters who look differ in how sharply they see: multiples of the common strengths, so that a dull eye is no guess."""

LIKING = np.array([-0.7, 0.0, 0.7])
LIKING_LOG_PRIOR = np.log([0.25, 0.5, 0.25])
"""Log-odds that the first (left) of two gains from a rater who looks: a mild liking for a side is no guess either."""

ROUNDS = 12


def guessing(
    ballots: Ballots,
    raters: Sequence[str],
    first: np.ndarray | None,
    checks: Mapping[str, tuple[int, int]] | None = None,
) -> dict[str, float]:
    """By rater, the chance in [0, 1] that they guess.

    `raters`: the name of each cluster of `ballots.rater`; ballots hold decided answers only. `first` (C,) bool: whether the answer
    was the one shown first (left), where it is known of two; None otherwise. `checks`: right answers and all, by rater.
    """
    count = len(raters)
    blind = _blind(ballots, first, count) + _checked(raters, checks or {}, 0.5)
    watched = _checked(raters, checks or {}, CAREFUL)
    chance = np.full(count, PRIOR)
    for _ in range(ROUNDS):
        looked = _looking(ballots, first, (1 - chance)[ballots.rater], count) + watched
        share = (PRIOR * PRIOR_RATERS + chance.sum()) / (PRIOR_RATERS + count)
        renewed = expit(np.log(share / (1 - share)) + blind - looked)
        if np.abs(renewed - chance).max(initial=0.0) < 1e-4:
            break
        chance = renewed
    return dict(zip(raters, chance.tolist(), strict=True))


def _looking(ballots: Ballots, first: np.ndarray | None, weight: np.ndarray, count: int) -> np.ndarray:
    """(K,) log-likelihood of each rater's answers if they look, with strengths from the raters who seem to."""
    flat = ballots.situation * ballots.model.available.shape[1] + ballots.answer
    totals = np.bincount(flat, ballots.weight * weight, ballots.model.available.size)
    strengths = ballots.fit(totals[None])
    rows = []
    for sharpness, prior in zip(SHARPNESS, SHARPNESS_LOG_PRIOR, strict=True):
        # An answer as good as certain is taken to be certain but for one in a million million, so that its logarithm stays a number.
        chances = np.minimum(conditional_logit.log_chances(ballots.model, sharpness * strengths)[0].ravel()[flat], -1e-12)
        if first is None:
            rows.append(prior + np.bincount(ballots.rater, ballots.weight * chances, count))
            continue
        ahead = chances - np.log1p(-np.exp(chances))
        for liking, also in zip(LIKING, LIKING_LOG_PRIOR, strict=True):
            sided = -np.logaddexp(0.0, -ahead - np.where(first, liking, -liking))
            rows.append(prior + also + np.bincount(ballots.rater, ballots.weight * sided, count))
    return logsumexp(rows, axis=0)


def _blind(ballots: Ballots, first: np.ndarray | None, count: int) -> np.ndarray:
    """(K,) log-likelihood of each rater's answers if they guess: by a coin, or by the side at a rate of their own."""
    options = ballots.model.available.sum(axis=1)[ballots.situation]
    coin = np.bincount(ballots.rater, -ballots.weight * np.log(options), count)
    if first is None:
        return coin
    left, right = (np.bincount(ballots.rater, ballots.weight * side, count) for side in (first, ~first))
    return np.logaddexp(np.log(0.5) + coin, np.log(0.5) + betaln(left + 0.5, right + 0.5) - betaln(0.5, 0.5))


def _checked(raters: Sequence[str], checks: Mapping[str, tuple[int, int]], rate: float) -> np.ndarray:
    right, seen = np.array([checks.get(rater, (0, 0)) for rater in raters], dtype=float).reshape(-1, 2).T
    return right * np.log(rate) + (seen - right) * np.log(1 - rate)
