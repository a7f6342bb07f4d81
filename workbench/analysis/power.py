"""Arithmetic of whole studies: how surely one of N systems, k raters, so many trials and images shows a preference.

The test that is planned for is that of `preferences`: the difference of two strengths against its spread over raters and
images, with Student's t of the smaller number of clusters minus one, at the first and strictest step of Holm's correction over all
pairs. The planned variance is the Fisher information of a balanced design plus what raters and images add by differing.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import chi2, norm, t

from workbench.errors import InvalidInputError

__all__ = ["MOST_RATERS", "PlannedComparison", "power_of", "raters_needed"]

MOST_RATERS = 10_000

QUANTILES = (np.arange(2000) + 0.5) / 2000
"""Where the law of the estimated spread is looked at; powers are exact to four digits."""


@dataclass(frozen=True)
class PlannedComparison:
    """A pair comparison of all systems on all images, each rater answering a random part."""

    systems: int
    raters: int
    trials: int
    """Votes of one rater."""
    images: int
    tie_rate: float = 0.0
    rater_spread: float = 0.2
    image_spread: float = 0.2
    """Standard deviations, in logits, of one system's strength over raters and over images; 0 where all are alike."""

    def __post_init__(self) -> None:
        if self.systems < 2 or min(self.raters, self.images) < 2 or self.trials < 1:
            raise InvalidInputError("A study has at least two systems, two raters, two images, and one trial a rater.")
        most = self.images * math.comb(self.systems, 2)
        if self.trials > most:
            raise InvalidInputError(
                f"A rater answers each trial once, and {self.images} images give {most:,} trials: take at most {most:,} votes of a "
                "rater, or more images."
            )
        if not 0 <= self.tie_rate < 1 or self.rater_spread < 0 or self.image_spread < 0:
            raise InvalidInputError("A tie rate lies from 0 up to, but not including, 1, and spreads count from 0.")


def power_of(design: PlannedComparison, win_rate: float, *, significance: float = 0.05) -> float:
    """The chance in [0, 1] to show that one system beats another with this win rate, after correction for all pairs.

    The other systems are taken to lie midway between the two. A tie is half a win for both, which brings the win rate nearer to even.
    """
    if not 0 < win_rate < 1 or win_rate == 0.5:
        raise InvalidInputError(f"Name the win rate to be shown, between 0 and 1 and not 0.5 (nothing to be shown); got {win_rate}.")
    if not 0 < significance < 1:
        raise InvalidInputError(f"A significance lies between 0 and 1; got {significance}.")
    rate = design.tie_rate / 2 + (1 - design.tie_rate) * max(win_rate, 1 - win_rate)
    difference = math.log(rate / (1 - rate))
    error = math.sqrt(_variance(design, difference))
    freedom = min(design.raters, design.images) - 1
    level = significance / math.comb(design.systems, 2)
    critical = t.ppf(1 - level / 2, freedom)
    # Noncentral t by its definition, a normal over a chi: scipy's own fails for shifts as large as good studies have.
    chi = np.sqrt(chi2.ppf(QUANTILES, freedom) / freedom)
    shift = difference / error
    return float((norm.cdf(shift - critical * chi) + norm.cdf(-shift - critical * chi)).mean())


def _variance(design: PlannedComparison, difference: float) -> float:
    """The variance of the difference of the two strengths."""
    strengths = np.zeros(design.systems)
    strengths[0], strengths[1] = difference / 2, -difference / 2
    chance = 1 / (1 + np.exp(np.subtract.outer(strengths, strengths).T))
    votes = design.raters * design.trials / math.comb(design.systems, 2)
    # A tie has no chance of its own here but its variance: as half a win it lies between the two answers.
    others = 1 - np.eye(design.systems)
    weights, spread = chance * chance.T * others, (chance * chance.T - design.tie_rate / 4) * others
    inverse = np.linalg.pinv(votes * (np.diag(weights.sum(axis=1)) - weights), hermitian=True)
    inner = votes * (np.diag(spread.sum(axis=1)) - spread)
    contrast = np.zeros(design.systems)
    contrast[:2] = 1, -1
    sampling = contrast @ inverse @ inner @ inverse @ contrast
    return float(sampling + 2 * design.rater_spread**2 / design.raters + 2 * design.image_spread**2 / design.images)


def raters_needed(design: PlannedComparison, win_rate: float, *, power: float = 0.8, significance: float = 0.05) -> int:
    """The smallest number of raters, all else as in the design, whose study has the wanted power.

    Raises InvalidInputError where images differ so much that no number of raters would do, or over MOST_RATERS would be needed.
    """
    if not 0 < power < 1:
        raise InvalidInputError(f"A power lies between 0 and 1; got {power}.")

    def enough(raters: int) -> bool:
        return power_of(replace(design, raters=raters), win_rate, significance=significance) >= power

    if not enough(MOST_RATERS):
        raise InvalidInputError(
            f"Not even {MOST_RATERS:,} raters would show a win rate of {win_rate} on {design.images} images; take more images."
        )
    low, high = 1, MOST_RATERS
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(max(middle, 2)) else (middle, high)
    return max(high, 2)
