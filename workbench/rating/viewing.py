"""How a trial was looked at, as the rater's page tells it: how long, at which size, and whether the page was in front."""

from collections.abc import Mapping
from typing import Any

from workbench.errors import InvalidInputError
from workbench.studies import Rules
from workbench.studies.rater_words import refused

MOST_SECONDS = 24 * 3600.0

FACTS = {
    "width": "displayed width of a picture that was rated, CSS pixels",
    "height": "displayed height of it",
    "pixel_ratio": "device pixels by CSS pixel",
    "window_width": "width of the page",
    "window_height": "height of the page",
    "away": "times the page lost the focus or was hidden while the trial was shown",
    "away_seconds": "seconds it was so",
    "load_seconds": "seconds until all pictures were there",
    "hidden": "whether the greatest viewing time had passed, so that the pictures were hidden",
}
"""Of a rating's `viewing`; each is left out where the page did not tell it."""


def read_seconds(value: Any, rules: Rules) -> float | None:
    """Seconds from the moment all pictures were there to the answer.

    Raises InvalidInputError for what is no number, and for less than the design's least viewing time.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        raise InvalidInputError("The seconds of an answer are a number.")
    if value is None:
        return None
    if not value >= 0:
        raise InvalidInputError("The seconds of an answer count from 0.")
    if 1000 * value < rules.least_viewing_ms:
        raise refused(InvalidInputError, "too_early", seconds=f"{rules.least_viewing_ms / 1000:g}")
    return float(min(value, MOST_SECONDS))


def read_viewing(value: Any) -> dict[str, Any]:
    """The facts of FACTS in what a page sent, bounded; anything else in it is left out."""
    if not isinstance(value, Mapping):
        return {}
    kept: dict[str, Any] = {}
    for name in FACTS:
        fact = value.get(name)
        if name == "hidden":
            if isinstance(fact, bool):
                kept[name] = fact
        elif isinstance(fact, int | float) and not isinstance(fact, bool) and fact == fact:
            kept[name] = round(float(min(max(fact, 0.0), 1e5)), 3)
    return kept
