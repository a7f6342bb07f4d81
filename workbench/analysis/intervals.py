"""Intervals of shares, apart from the heavier arithmetic of agreement since lists and rules need them too."""

from statistics import NormalDist

from workbench.errors import InvalidInputError

__all__ = ["quantile", "wilson_interval"]


def quantile(confidence: float) -> float:
    """The two-sided standard normal quantile of a confidence in (0, 1): 1.96 for 0.95."""
    if not 0 < confidence < 1:
        raise InvalidInputError(f"A confidence lies between 0 and 1; got {confidence}.")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def wilson_interval(wins: float, votes: float, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a share, in [0, 1]; (0, 1) where there are no votes.

    `wins` may be fractional, since a tie is half a win. Source: Wilson (1927), JASA 22, 209–212.
    """
    if not 0 <= wins <= votes:
        raise InvalidInputError(f"Wins lie between 0 and the number of votes; got {wins} of {votes}.")
    if votes == 0:
        return 0.0, 1.0
    z2 = quantile(confidence) ** 2
    center = (wins + z2 / 2) / (votes + z2)
    half = (z2 * (wins * (votes - wins) / votes + z2 / 4)) ** 0.5 / (votes + z2)
    return max(0.0, center - half), min(1.0, center + half)
