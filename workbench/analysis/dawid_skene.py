"""How reliable raters are, from how often they agree on which of two pictures is the better one; no name plays a part.

The model of Dawid and Skene (1979), JRSS C 28, 20–28, with one accuracy a rater, as Ghosh, Kale and McAfee (2011) have it for two
answers: of the two pictures of a unit one is the better, either with an even chance, and a rater names it with the rater's own
probability. Ties say nothing of it. A class of its own for "first by name", estimated over all pairs together, could trade places
with its opposite and turn a result around; here the two sides of a unit are exchangeable, and the start is the majority.

What it estimates is who can be relied on, and it is used for that: a win rate weighted by reliability is still the share of votes
that a system gets, from raters who do not guess.

Not crowd-kit: its `DawidSkene` estimates a confusion matrix a rater over classes that mean the same in every task. Here an option is a
place in one trial, so only one accuracy a rater can be learned.
Source: https://github.com/Toloka/crowd-kit, `crowdkit.aggregation.classification.DawidSkene`.
"""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from scipy.special import expit

from workbench.analysis.design_matrix import places

__all__ = ["reliabilities", "weights"]

ROUNDS = 500
TOLERANCE = 1e-9

CAREFUL, UNSURE = 3.0, 2.0
"""Right and wrong answers that every rater is credited with: few answers make nobody infallible."""


def reliabilities(units: Sequence[Hashable], raters: Sequence[str], sides: Sequence[int]) -> dict[str, float]:
    """By rater the probability of naming the better picture, by expectation maximization from majorities on.

    Three columns, a decided answer a row: `sides` 1 where the first (by any fixed order of the two) was named, else 0.
    """
    unit, rater = places(units), places(raters)
    side = np.asarray(sides, dtype=float)
    answers = np.bincount(unit)
    better = np.bincount(unit, side) / answers
    for _ in range(ROUNDS):
        right = np.where(side == 1, better[unit], 1 - better[unit])
        accuracy = (np.bincount(rater, right) + CAREFUL) / (np.bincount(rater) + CAREFUL + UNSURE)
        log_odds = np.log(accuracy) - np.log1p(-accuracy)
        renewed = expit(np.bincount(unit, (2 * side - 1) * log_odds[rater]))
        moved = np.abs(renewed - better).max()
        better = renewed
        if moved < TOLERANCE:
            break
    return dict(zip(dict.fromkeys(raters), accuracy.tolist(), strict=True))


def weights(reliability: Mapping[str, float]) -> dict[str, float]:
    """What a rater's vote counts for: 2 p − 1, the share of answers that are not guesses; nothing where guessing would do better."""
    return {rater: max(0.0, 2 * chance - 1) for rater, chance in reliability.items()}
