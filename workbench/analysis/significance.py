"""Tests of even chances."""

from scipy.stats import binomtest

__all__ = ["sign_test"]


def sign_test(wins: int, decided: int) -> float:
    """Two-sided exact p-value of an even chance; each of `decided` answers counts as independent. 1 without answers."""
    return float(binomtest(wins, decided).pvalue) if decided else 1.0
