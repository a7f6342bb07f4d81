"""Arithmetic of study size: how many votes a question needs."""

import math

from scipy.stats import binom, norm

from workbench.errors import InvalidInputError

MOST_VOTES = 1_000_000


def sign_test_power(votes: int, win_rate: float, *, significance: float = 0.05) -> float:
    """The chance in [0, 1] that `votes` decided votes show a preference of this size.

    Exact power of the two-sided sign test against an even split. A rejection on the wrong side counts too, as the test has it.
    """
    _check_share("A significance", significance)
    if not 0 <= win_rate <= 1:
        raise InvalidInputError(f"A win rate lies from 0 to 1; got {win_rate}.")
    # The largest count of the rarer answer that still rejects an even split, by symmetry on both sides.
    most = int(binom.ppf(significance / 2, votes, 0.5))
    while most >= 0 and 2 * binom.cdf(most, votes, 0.5) > significance:
        most -= 1
    if most < 0:
        return 0.0
    return float(binom.cdf(most, votes, win_rate) + binom.sf(votes - most - 1, votes, win_rate))


def votes_needed(win_rate: float, *, power: float = 0.8, significance: float = 0.05, tie_rate: float = 0.0) -> int:
    """How many votes show a preference of this size among decided votes with the wanted power.

    Exact for the two-sided sign test, which leaves ties out: `tie_rate` of the votes is added on top. The power of an exact
    test saws up and down with the count; the answer is the first count from which on it never falls short again.
    Raises InvalidInputError where the win rate is even (no count shows it) or so near that over a million votes are needed.
    """
    _check_share("A power", power)
    _check_share("A significance", significance)
    if not 0 <= tie_rate < 1:
        raise InvalidInputError(f"A tie rate lies from 0 up to, but not including, 1; got {tie_rate}.")
    if not 0 <= win_rate <= 1 or win_rate == 0.5:
        raise InvalidInputError(f"Name the win rate to be shown, from 0 to 1 and not 0.5 (nothing to be shown); got {win_rate}.")
    decided = _first_lasting(win_rate, power, significance)
    return math.ceil(decided / (1 - tie_rate))


def _first_lasting(win_rate: float, power: float, significance: float) -> int:
    """The first count of decided votes from which on the exact power stays at or above the wanted one."""
    edge = abs(win_rate - 0.5)
    spread = math.sqrt(win_rate * (1 - win_rate))
    guess = ((norm.isf(significance / 2) / 2 + max(norm.ppf(power), 0) * spread) / edge) ** 2
    if guess > MOST_VOTES:
        raise InvalidInputError(f"A win rate of {win_rate} is so near to even that over {MOST_VOTES:,} votes are needed.")
    # Beyond this count the saw's teeth are smaller than its rise: the normal approximation exceeds the wanted power well.
    votes = math.ceil(guess * 1.3) + 60
    while votes > 0 and sign_test_power(votes, win_rate, significance=significance) >= power:
        votes -= 1
    return votes + 1


def _check_share(what: str, value: float) -> None:
    if not 0 < value < 1:
        raise InvalidInputError(f"{what} lies between 0 and 1; got {value}.")
