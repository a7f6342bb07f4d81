"""Which drawings a study's results have, the same on the page and in the report; None where there is nothing to show."""

import altair as alt

from workbench.analysis.results import Results
from workbench.reports import plots

__all__ = ["detection", "effects", "pairs", "rates", "sensitivity", "systems"]

LOGITS = "strength (logits, mean zero) with its 95 % interval"


def systems(found: Results) -> alt.LayerChart | None:
    """Strengths, or mean opinion scores."""
    if found.method == "category":
        title = "mean opinion score with its 95 % interval"
        return plots.estimates(found.systems, "mean", "low", "high", title, rule=None, domain=None) if found.systems else None
    if all(row["strength"] is None for row in found.systems):
        return None
    return plots.estimates(found.systems, "strength", "low", "high", LOGITS, rule=0.0, domain=None)


def rates(found: Results) -> alt.LayerChart | None:
    """Win rates; among several, the share chosen, where an even chance is no half."""
    if found.method == "category" or not found.systems:
        return None
    title, even = "win rate with its 95 % interval", None if found.method == "choice" else 0.5
    return plots.estimates(found.systems, "win_rate", "win_rate_low", "win_rate_high", title, rule=even, domain=[0, 1])


def pairs(found: Results) -> alt.LayerChart | None:
    """Differences of every two systems."""
    if all(row.get("difference") is None for row in found.pairs):
        return None
    unit = "difference of means" if found.method == "category" else "difference of strengths (logits)"
    return plots.differences(found.pairs, f"{unit} with its 95 % interval")


def detection(found: Results) -> alt.LayerChart | None:
    """How well originals are told from each system's pictures."""
    title = "d′ with its 95 % interval (0: raters cannot tell; 1: they are right in 76 %)"
    return plots.estimates(found.detection, "d_prime", "low", "high", title, rule=0.0, domain=None) if found.detection else None


def effects(found: Results) -> list[alt.LayerChart]:
    """A chart for each of the effects."""
    return [plots.groups(effect) for effect in found.effects]


def sensitivity(found: Results) -> alt.LayerChart | None:
    """Systems by analysis, of those analyses that have what the main one has."""
    key = "mean" if found.method == "category" else "strength"
    comparable = [each for each in found.sensitivity if any(row.get(key) is not None for row in each["systems"])]
    return plots.sensitivity(found.systems, comparable) if comparable and found.systems else None
