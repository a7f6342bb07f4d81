"""How pictures were seen, and for how long: as rows of a report, from what the raters' page told of each rating."""

from collections import defaultdict
from statistics import median, quantiles
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Rating, Study, Trial
from workbench.reports.protocol_row import Row
from workbench.studies import Rules

__all__ = ["time_rows", "viewing_rows"]

PHONE_PX = 600
"""A window narrower than this is that of a phone."""


def viewing_rows(session: Session, study: Study) -> list[Row]:
    """Displayed sizes, windows and attention, over raters' medians; a single row that says so where nothing is on record."""
    told = select(Rating.rater_id, Rating.viewing).join(Trial, Trial.id == Rating.trial_id).where(Trial.study_id == study.id)
    by_rater: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for rater_id, viewing in session.execute(told):
        if viewing:
            by_rater[rater_id].append(viewing)
    if not by_rater:
        return [Row("Displayed size and devices", "not on record")]
    rows = [Row("Displayed size and devices", f"on record for {len(by_rater)} raters, as their pages told it")]
    for name, key, unit in (
        ("Width of a rated picture", "width", "CSS pixels"), ("Height of a rated picture", "height", "CSS pixels"),
        ("Device pixels by CSS pixel", "pixel_ratio", ""), ("Width of the window", "window_width", "CSS pixels"),
        ("Time to load the pictures", "load_seconds", "seconds"),
    ):  # fmt: skip
        rows += _span(name, [median(values) for values in _values(by_rater, key)], unit)
    widths = [median(values) for values in _values(by_rater, "window_width")]
    if widths:
        phones = sum(width < PHONE_PX for width in widths)
        rows.append(Row("Raters on windows of a phone's width", f"{phones} of {len(widths)} (under {PHONE_PX} CSS pixels)"))
    away = [sum(viewing.get("away", 0) > 0 for viewing in viewings) for viewings in by_rater.values()]
    rows.append(Row("Ratings during which the page was left", f"{sum(away)} of {sum(map(len, by_rater.values()))}"))
    return rows


def _values(by_rater: dict[int, list[dict[str, Any]]], key: str) -> list[list[float]]:
    """By rater who told it, the values of a fact."""
    told = ([viewing[key] for viewing in viewings if key in viewing] for viewings in by_rater.values())
    return [values for values in told if values]


def _span(name: str, medians: list[float], unit: str) -> list[Row]:
    if not medians:
        return []
    low, high = min(medians), max(medians)
    text = f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}, median {median(medians):.3g}"
    return [Row(name, f"{text} {unit}".strip())]


def time_rows(session: Session, study: Study, rules: Rules) -> list[Row]:
    """How long answers took from the moment that all pictures were there, how long a rater's part did, and how many wrote a comment."""
    columns = (Rating.rater_id, Rating.seconds, Rating.shown_at, Rating.rated_at, Rating.comment)
    ratings = list(session.execute(select(*columns).join(Trial, Trial.id == Rating.trial_id).where(Trial.study_id == study.id)))
    seconds = [rating.seconds for rating in ratings if rating.seconds is not None]
    longest = f"{rules.most_viewing_s} s, then pictures were hidden" if rules.most_viewing_s else "none"
    rows = [Row("Viewing time asked for", f"at least {rules.least_viewing_ms / 1000:g} s before an answer was taken; greatest: {longest}")]
    if len(seconds) > 1:
        lower, middle, upper = quantiles(seconds, n=4)
        rows.append(
            Row("Time of an answer", f"median {middle:.1f} s, middle half {lower:.1f} to {upper:.1f} s, over {len(seconds)} answers")
        )
    else:
        rows.append(Row("Time of an answer", "not recorded"))
    parts: dict[int, list] = defaultdict(list)
    for rating in ratings:
        parts[rating.rater_id] += [rating.shown_at or rating.rated_at, rating.rated_at]
    minutes = [(max(moments) - min(moments)).total_seconds() / 60 for moments in parts.values()]
    rows += _span("Time of a rater's part, from the first trial to the last answer", [round(each, 1) for each in minutes], "minutes")
    if rules.comment:
        written = [rating for rating in ratings if rating.comment]
        rows.append(Row("Comments", f"{len(written)} by {len({rating.rater_id for rating in written})} raters; they are in votes.csv"))
    return rows
