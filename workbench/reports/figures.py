"""Which drawings a study's results have, the same on the page and in the report; None where there is nothing to show."""

import altair as alt

from workbench.analysis.results import Results
from workbench.reports import plots

__all__ = ["detection", "effects", "pairs", "rate_of", "rates", "sensitivity", "systems"]

LOGITS = "strength (logits, mean zero) with its 95 % interval"


def systems(results: Results) -> alt.LayerChart | alt.VConcatChart | None:
    """Strengths, or mean opinion scores: a drawing for each scale, from its one end to the other where these are known."""
    if results.method == "category":
        scales = sorted({row["scale"] for row in results.systems})
        drawn = [_means([row for row in results.systems if row["scale"] == scale], scale) for scale in scales]
        return alt.vconcat(*drawn) if len(drawn) > 1 else drawn[0] if drawn else None
    if all(row["strength"] is None for row in results.systems):
        return None
    return plots.estimates(results.systems, "strength", "low", "high", LOGITS, rule=0.0, domain=None)


def _means(rows: list[dict], scale: str) -> alt.LayerChart:
    points = rows[0]["points"]
    title = f"{scale}: mean opinion score with its 95 % interval"
    return plots.estimates(
        [row | {"scale": ""} for row in rows], "mean", "low", "high", title, rule=None, domain=[1, points] if points else None
    )


def rates(results: Results) -> alt.LayerChart | None:
    """Win rates; among several, the share chosen, where an even chance is no half."""
    if results.method == "category" or not results.systems:
        return None
    title, even = f"{rate_of(results.method)} with its 95 % interval", None if results.method == "choice" else 0.5
    return plots.estimates(results.systems, "win_rate", "win_rate_low", "win_rate_high", title, rule=even, domain=[0, 1])


def rate_of(method: str) -> str:
    """What `win_rate` is called in studies of a method."""
    return "share chosen" if method == "choice" else "win rate"


def pairs(results: Results) -> alt.LayerChart | None:
    """Differences of every two systems."""
    if all(row.get("difference") is None for row in results.pairs):
        return None
    unit = "difference of means" if results.method == "category" else "difference of strengths (logits)"
    return plots.differences(results.pairs, f"{unit} with its 95 % interval")


def detection(results: Results) -> alt.LayerChart | None:
    """How well originals are told from each system's pictures."""
    title = "d′ with its 95 % interval (0: raters cannot tell; 1: they are right in 76 %)"
    return plots.estimates(results.detection, "d_prime", "low", "high", title, rule=0.0, domain=None) if results.detection else None


def effects(results: Results) -> list[alt.LayerChart]:
    """A chart for each of the effects."""
    return [plots.groups(effect, rate_of(results.method)) for effect in results.effects]


def sensitivity(results: Results) -> alt.LayerChart | None:
    """Systems by analysis, of those analyses that have what the main one has."""
    key = "mean" if results.method == "category" else "strength"
    comparable = [each for each in results.sensitivity if any(row.get(key) is not None for row in each["systems"])]
    return plots.sensitivity(results.systems, comparable) if comparable and results.systems else None
