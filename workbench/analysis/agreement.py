"""Agreement of raters beyond chance: Krippendorff's alpha, coded so that no name counts, with its interval over raters and images.

Pairs are coded by which side of the unordered pair won. Which of two systems is called first is a convention, so every unit is counted
together with its mirror image (first and second exchanged): chance agreement is then that of a coin between the two sides, with ties
as often as they were given, whatever the systems are called. Choices are nominal, by the system chosen, whose names only tell values
apart; rankings and scores are ordinal. Every unit is one thing that was judged: a trial, or a picture on a scale.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from typing import Any, Literal

import krippendorff
import numpy as np
from scipy.stats import t

from workbench.analysis.cluster_spread import Part, Spread, covariance_without, crossings, effective_number
from workbench.analysis.design_matrix import places
from workbench.errors import InvalidInputError

__all__ = ["Measure", "agreement", "krippendorff_alpha"]

Measure = Literal["nominal", "ordinal", "interval", "ratio"]

SIDES = ("first", "second", "tie")
MIRRORED = np.array([1, 0, 2])


def krippendorff_alpha(units: Iterable[Sequence[Hashable]], measure: Measure = "nominal") -> float | None:
    """Krippendorff's alpha: 1 is perfect agreement, 0 what chance gives, below 0 systematic disagreement.

    `units`: for each thing that was judged, the values that its raters gave, missing answers left out; numbers for every measure
    but the nominal one. None where alpha is undefined: no unit has two answers, or all paired answers are the same value.
    By the krippendorff package; Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", sections C to E.
    Raises InvalidInputError for values that the measure cannot order.
    """
    paired = [values for values in units if len(values) >= 2]
    unit = np.repeat(np.arange(len(paired)), [len(values) for values in paired])
    domain, counts = _counts(unit, [value for values in paired for value in values], measure, len(paired))
    return _alpha(counts, domain, measure)


def agreement(
    units: Sequence[Hashable],
    values: Sequence[Hashable],
    raters: Sequence[Hashable],
    images: Sequence[Hashable],
    measure: Measure,
    *,
    mirrored: bool = False,
) -> dict[str, Any]:
    """`alpha` with its 95 % interval `low` and `high`, over `units` with two or more ratings, so many `ratings`. Columns, a rating a row.

    With `mirrored` values are of SIDES. The interval is symmetric in Fisher's (1925) transformation of an intraclass correlation,
    log[(1 + (k − 1) alpha) / (1 − alpha)] for k ratings a unit on average: alpha spreads the more the larger it is, and lies between
    −1 / (k − 1) and 1. The spread is over raters and images (`cluster_spread`). No bounds where alpha is undefined or 1, or a single
    rater or image leaves no spread.
    """
    unit = places(units)
    paired = (np.bincount(unit)[unit] > 1).nonzero()[0] if len(unit) else np.array([], int)
    unit = places(unit[paired].tolist())
    count = int(unit.max()) + 1 if len(unit) else 0
    answers = [values[place] for place in paired]
    domain, counts = _counts(unit, answers, measure, count) if not mirrored else (list(SIDES), _side_counts(unit, answers, count))
    result = {"alpha": _alpha(counts, domain, measure, mirrored), "low": None, "high": None, "units": count, "ratings": len(paired)}
    if result["alpha"] is None or result["alpha"] > 1 - 1e-9:
        return result
    value = np.array([domain.index(each) for each in answers])
    rater, image = places([raters[place] for place in paired]), places([images[place] for place in paired])
    each = len(paired) / count
    around = _spread(counts, unit, value, rater, image, lambda tables: _fisher(_gap(tables, domain, measure, mirrored), each))
    variance, freedom = around.variances(np.eye(1))
    half = float(t.ppf(0.975, freedom[0]) * np.sqrt(variance[0]))
    if np.isfinite(half):
        middle = float(_fisher(np.array([1 - result["alpha"]]), each)[0])
        odds = np.exp(np.clip([middle - half, middle + half], -700, 700))
        low, high = (odds - 1) / (odds + each - 1)
        result |= {"low": min(float(low), result["alpha"]), "high": max(float(high), result["alpha"])}
    return result


def _fisher(gap: np.ndarray, each: float) -> np.ndarray:
    """log[(1 + (k − 1) alpha) / (1 − alpha)] of gaps 1 − alpha, for `each` = k ratings a unit; finite at the ends of alpha."""
    return np.log(np.maximum(each - (each - 1) * gap, 1e-3)) - np.log(np.maximum(gap, 1e-6))


def _side_counts(unit: np.ndarray, answers: Sequence[Hashable], count: int) -> np.ndarray:
    """(U, 3) how often each of SIDES was given."""
    value = np.array([SIDES.index(each) for each in answers], dtype=int)
    return np.bincount(unit * 3 + value, minlength=3 * count).reshape(count, 3)


def _counts(unit: np.ndarray, answers: Sequence[Hashable], measure: Measure, count: int) -> tuple[list, np.ndarray]:
    """The values that occur, and (U, V) how often each was given to a unit."""
    values: set[Any] = set(answers)
    domain = sorted(values, key=str) if measure == "nominal" else sorted(values)
    if measure != "nominal" and domain and np.asarray(domain).dtype.kind not in "iuf":
        raise InvalidInputError(f"A {measure} agreement needs numbers; got values such as {domain[0]!r}.")
    at = {value: place for place, value in enumerate(domain)}
    value = np.array([at[each] for each in answers], dtype=int)
    return domain, np.bincount(unit * len(domain) + value, minlength=count * len(domain)).reshape(count, len(domain))


def _alpha(counts: np.ndarray, domain: list, measure: Measure, mirrored: bool = False) -> float | None:
    """Alpha of units (U, V), by the krippendorff package; None where it is undefined."""
    if mirrored and len(counts):
        counts = np.concatenate([counts, counts[:, MIRRORED]])
    if len(counts) == 0 or (counts.sum(axis=0) > 0).sum() < 2:
        return None
    # By name alone values are told apart: numbers stand in for them.
    numbers = None if measure == "nominal" else domain
    return float(krippendorff.alpha(value_counts=counts, value_domain=numbers, level_of_measurement=measure))


def _spread(
    counts: np.ndarray,
    unit: np.ndarray,
    value: np.ndarray,
    raters: np.ndarray,
    images: np.ndarray,
    transformed: Callable[[np.ndarray], np.ndarray],
) -> Spread:
    """The spread of a function of alpha, from the coincidences without a unit, without an image's units, and without a rater's ratings.

    Ratings meet in pairs, so that leaving out ratings (a rater's, or a rater's on an image) gives about twice the variance that they
    have where raters are alike; leaving out units does not. The part of raters is therefore what V(raters) has over V(crossings), both
    being twice too large, beside the variance over units. What several ratings of one unit take away together is taken for the sum of what
    each takes away, in crossings and raters; images go with all their units.
    """
    width = counts.shape[1]
    whole = _coincidences(counts)
    without_one = counts[unit] - np.eye(width, dtype=int)[value]
    lost = (whole[unit] - _coincidences(without_one)).reshape(len(unit), -1)
    total = whole.sum(axis=0).ravel()

    def statistic(rows: np.ndarray) -> np.ndarray:
        return transformed(rows.reshape(-1, width, width))[:, None]

    def part(labels: np.ndarray, rows: np.ndarray) -> Part | None:
        _, labels = np.unique(labels, return_inverse=True)
        removed = np.zeros((labels.max() + 1, width * width))
        np.add.at(removed, labels, rows)
        kinds, times = np.unique(np.round(removed, 12), axis=0, return_counts=True)
        of_clusters = covariance_without(total - kinds, times, statistic)
        return None if of_clusters is None else replace(of_clusters, effective=effective_number(labels))

    first, flat = np.unique(unit, return_index=True)[1], whole.reshape(len(whole), -1)
    units, by_image = part(np.arange(len(whole)), flat), part(images[first], flat)
    by_rater, crossed = part(raters, lost), part(crossings(raters, images), lost)
    if units is None:
        return Spread(Part(np.full((1, 1), np.inf), 1, 1.0), None, None)
    if by_rater is not None and crossed is not None:
        by_rater = replace(by_rater, covariance=units.covariance + by_rater.covariance - crossed.covariance)
    return Spread(units, by_rater, by_image, asks_whether_they_differ=False)


def _coincidences(counts: np.ndarray) -> np.ndarray:
    """(U, V, V) coincidences within units; none where a unit has fewer than two values."""
    pairs = counts[:, :, None] * counts[:, None, :] - np.eye(counts.shape[1], dtype=int) * counts[:, :, None]
    return pairs / np.maximum(counts.sum(axis=1) - 1, 1)[:, None, None]


def _gap(coincidences: np.ndarray, domain: list, measure: Measure, mirrored: bool) -> np.ndarray:
    """(R,) 1 − alpha of tables (R, V, V), as the package computes alpha; tables without disagreement keep a trace of it."""
    if mirrored:
        coincidences = coincidences + coincidences[:, MIRRORED][:, :, MIRRORED]
    totals = coincidences.sum(axis=1)
    distances = _squared_distances(domain, totals, measure)
    observed = (coincidences * distances).sum(axis=(1, 2))
    expected = np.einsum("rv,rvw,rw->r", totals, distances, totals) / np.maximum(totals.sum(axis=1) - 1, 1)
    return np.maximum(observed, 1e-3) / np.maximum(expected, 1e-3)


def _squared_distances(domain: list, totals: np.ndarray, measure: Measure) -> np.ndarray:
    """(R, V, V) squared differences of values; ordinal ones are differences of mid-ranks (Krippendorff 2011, section E)."""
    if measure == "nominal":
        return np.broadcast_to(1.0 - np.eye(totals.shape[1]), (len(totals), totals.shape[1], totals.shape[1]))
    values = np.cumsum(totals, axis=1) - totals / 2 if measure == "ordinal" else np.tile(np.asarray(domain, float), (len(totals), 1))
    differences = values[:, :, None] - values[:, None, :]
    if measure == "ratio":
        sums = values[:, :, None] + values[:, None, :]
        differences = np.divide(differences, sums, out=np.zeros_like(differences), where=sums != 0)
    return differences**2
