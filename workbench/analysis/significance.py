"""Tests of even chances, and many comparisons at once."""

from collections.abc import Sequence

from scipy.stats import binomtest

__all__ = ["holm", "sign_test"]


def sign_test(wins: int, decided: int) -> float:
    """Two-sided exact p-value of an even chance; each of `decided` answers counts as independent. 1 without answers."""
    return float(binomtest(wins, decided).pvalue) if decided else 1.0


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjusted p-values of Holm (1979), Scandinavian Journal of Statistics 6, 65–70: the chance of any false finding stays bounded.

    Each is compared with the wanted significance as it is. None stays None and does not count among the comparisons.
    """
    order = sorted((place for place, value in enumerate(p_values) if value is not None), key=lambda place: p_values[place])
    adjusted: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(order) - rank) * p_values[place]))
        adjusted[place] = highest
    return adjusted
