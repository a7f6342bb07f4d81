"""Tests of even chances, and p-values of several tests at once."""

from collections.abc import Sequence

import numpy as np
from scipy.stats import binomtest

__all__ = ["holm", "sign_test"]


def holm(chances: Sequence[float]) -> list[float]:
    """The p-values of several tests, each corrected for all of them: Holm (1979), Scandinavian Journal of Statistics 6, 65–70."""
    order = np.argsort(chances)
    corrected = np.maximum.accumulate(np.asarray(chances)[order] * np.arange(len(order), 0, -1)).clip(max=1)
    return corrected[np.argsort(order)].tolist()


def sign_test(wins: int, decided: int) -> float:
    """Two-sided exact p-value of an even chance; each of `decided` answers counts as independent. 1 without answers."""
    return float(binomtest(wins, decided).pvalue) if decided else 1.0
