"""Arithmetic of answers: agreement among raters, shares with intervals, strengths from comparisons."""

from collections.abc import Hashable, Iterable, Sequence
from typing import Literal

import numpy as np

from workbench.errors import InvalidInputError

__all__ = ["Measure", "krippendorff_alpha"]


Measure = Literal["nominal", "ordinal", "interval", "ratio"]


def krippendorff_alpha(units: Iterable[Sequence[Hashable]], measure: Measure = "nominal") -> float | None:
    """Krippendorff's alpha: 1 is perfect agreement, 0 what chance gives, below 0 systematic disagreement.

    `units`: for each thing that was judged, the values that its raters gave, missing answers left out; numbers for every measure
    but the nominal one. None where alpha is undefined: no unit has two answers, or all paired answers are the same value.
    Source: Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", sections C to E.
    Raises InvalidInputError for values that the measure cannot order.
    """
    paired = [values for values in units if len(values) >= 2]
    answers = [value for values in paired for value in values]
    domain = sorted(set(answers), key=str if measure == "nominal" else None)
    if len(domain) < 2:
        return None
    place = {value: column for column, value in enumerate(domain)}
    rows = np.repeat(np.arange(len(paired)), [len(values) for values in paired])
    cells = rows * len(domain) + np.fromiter(map(place.__getitem__, answers), int, len(answers))
    counts = np.bincount(cells, minlength=len(paired) * len(domain)).reshape(-1, len(domain)).astype(float)
    shares = counts / (counts.sum(axis=1, keepdims=True) - 1)
    coincidences = shares.T @ counts - np.diag(shares.sum(axis=0))
    totals = coincidences.sum(axis=0)
    distances = _squared_distances(domain, totals, measure)
    expected = totals @ distances @ totals / (totals.sum() - 1)
    return float(1 - (coincidences * distances).sum() / expected)


def _squared_distances(domain: list, totals: np.ndarray, measure: Measure) -> np.ndarray:
    """Squared differences of values (V, V); ordinal ones are differences of mid-ranks (ibid., section E)."""
    if measure == "nominal":
        return 1.0 - np.eye(len(domain))
    values = np.asarray(domain)
    if values.dtype.kind not in "iuf":
        raise InvalidInputError(f"A {measure} agreement needs numbers; got values such as {domain[0]!r}.")
    if measure == "ordinal":
        values = np.cumsum(totals) - totals / 2
    differences = np.subtract.outer(values, values).astype(float)
    if measure == "ratio":
        sums = np.add.outer(values, values).astype(float)
        differences = np.divide(differences, sums, out=np.zeros_like(differences), where=sums != 0)
    return differences**2
