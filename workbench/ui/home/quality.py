"""How good the results are, over time: adherence of the newest colorizations, and agreement of raters study by study."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from statistics import fmean
from typing import TYPE_CHECKING

import altair as alt
import streamlit as st

from db.enums import CaptionLevel
from db.models import Colorization, Study
from workbench import studies
from workbench.reviews import Basis, measured
from workbench.ui.app import context
from workbench.ui.shared import wording
from workbench.ui.shared.charts import show
from workbench.ui.study import results_cache

if TYPE_CHECKING:
    from workbench.analysis.results import Results  # loads scipy.stats; the thread beside does that

MOST_POINTS, MOST_STUDIES = 12, 8
HEIGHT = 150
TRUSTED = (Basis.PERSON, Basis.INDEPENDENT)
"""What steered the colors cannot judge them."""
JUDGED = (CaptionLevel.COMPLETE, CaptionLevel.PARTIAL)
"""A scarce caption names no colors."""


def draw(rows: Sequence[Colorization], level_of: Mapping[int, CaptionLevel]) -> None:
    """Both, side by side: `rows` newest first, with the level of each caption by its id."""
    adherence, agreement = st.columns(2, gap="large")
    with adherence:
        _adherence(points(rows, level_of))
    with agreement:
        _agreement()


def points(rows: Sequence[Colorization], level_of: Mapping[int, CaptionLevel]) -> list[dict[str, str | float | int]]:
    """The mean adherence of each stretch of time and level: {time (ISO), level, adherence in [0, 1], pictures}, oldest first."""
    known = [
        (row.created_at, level_of[row.caption_id], one.value)
        for row in rows
        if level_of.get(row.caption_id) in JUDGED and (one := measured(row)).basis in TRUSTED and one.value is not None
    ]
    if not known:
        return []
    first, last = min(moment for moment, _, _ in known), max(moment for moment, _, _ in known)
    span = max((last - first).total_seconds(), 1) / MOST_POINTS
    stretches: dict[tuple[int, CaptionLevel], list[tuple]] = {}
    for moment, level, value in sorted(known, key=lambda entry: entry[0]):
        place = min(MOST_POINTS - 1, int((moment - first).total_seconds() / span))
        stretches.setdefault((place, level), []).append((moment, value))
    return [
        {
            "time": entries[len(entries) // 2][0].isoformat(),
            "level": wording.level(level),
            "adherence": fmean(value for _, value in entries),
            "pictures": len(entries),
        }
        for (_, level), entries in stretches.items()
    ]


def clock(told: Sequence[Mapping[str, str | float | int]]) -> str:
    """How moments are written along an axis, as d3 reads it: to the second within minutes, to the minute within a day, else the day."""
    moments = [datetime.fromisoformat(str(one["time"])) for one in told]
    span = (max(moments) - min(moments)).total_seconds()
    return "%H:%M:%S" if span < 300 else "%H:%M" if span < 86_400 else "%d %b"


def _adherence(told: list[dict[str, str | float | int]]) -> None:
    st.markdown("**Adherence over time**", help="The share of the colors named in captions that are right in the pictures.")
    if not told:
        st.caption("Not measured yet: it needs masks that a person drew or confirmed. Confirm some on the Ground page.")
        return
    pictures = sum(int(one["pictures"]) for one in told)
    shape = alt.Shape("level:N", title=None, scale=alt.Scale(domain=[wording.level(level) for level in JUDGED], range=["circle", "square"]))
    legend = shape.legend(orient="top", symbolStrokeColor="#1b1b1b", symbolFillColor="#1b1b1b")
    base = alt.Chart(alt.Data(values=told)).encode(
        x=alt.X("time:T", title=None, axis=alt.Axis(tickCount=4, grid=False, format=clock(told))),
        y=alt.Y("adherence:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%", tickCount=3)),
        tooltip=[alt.Tooltip("level:N"), alt.Tooltip("adherence:Q", format=".0%"), alt.Tooltip("pictures:Q"), alt.Tooltip("time:T")],
    )
    lines = base.mark_line(color="#8a8a8a", strokeWidth=1.5).encode(detail=alt.Detail("level:N"))
    marks = base.mark_point(color="#1b1b1b", filled=True, opacity=1).encode(
        shape=legend, size=alt.Size("pictures:Q", legend=None, scale=alt.Scale(range=[40, 140]))
    )
    show(alt.layer(lines, marks).properties(height=HEIGHT), "Mean adherence by time, complete and partial captions")
    st.caption(f"Of {wording.count(pictures, 'colorization')} among the newest; larger marks stand for more pictures.")


def _agreement() -> None:
    st.markdown("**Agreement of raters**", help="Krippendorff's α: 1 all answer alike, 0 no more than by chance.")
    with context.reading() as session:
        voted = [(study, votes) for study in studies.listing(session) if (votes := studies.progress(session, study.id).votes)]
    if not voted:
        st.caption("No votes yet: ask people on the Studies page.")
        return
    newest = sorted(voted, key=lambda entry: entry[0].id)[-MOST_STUDIES:]
    ready = [results_cache.if_ready(study.id) for study, _ in newest]
    if None in ready:
        st.fragment(_until_ready, run_every=1)(newest)
    else:
        _draw_agreement(newest, ready)


def _until_ready(newest: list[tuple[Study, int]]) -> None:
    ready = [results_cache.if_ready(study.id) for study, _ in newest]
    if None in ready:
        st.caption(f"Computing the results of {wording.count(sum(votes for _, votes in newest), 'vote')}…")
        return
    st.rerun()


def _draw_agreement(newest: list[tuple[Study, int]], ready: Sequence["Results | None"]) -> None:
    told = [row for (study, votes), results in zip(newest, ready, strict=True) if results for row in _rows(study, votes, results)]
    known = [row for row in told if row["alpha"] is not None]
    if known:
        y = alt.Y("study:N", title=None, sort=None, axis=alt.Axis(labelLimit=170))
        scale = alt.Scale(domain=[min(0.0, *(row["low"] for row in known)), 1])
        base = alt.Chart(alt.Data(values=known)).encode(
            y=y, tooltip=[alt.Tooltip("study:N"), alt.Tooltip("alpha:Q", format=".2f"), alt.Tooltip("votes:Q")]
        )
        bars = base.mark_rule(color="#1b1b1b", strokeWidth=2).encode(x=alt.X("low:Q", title="α", scale=scale), x2=alt.X2("high:Q"))
        marks = base.mark_point(filled=True, size=90, color="#1b1b1b", opacity=1).encode(x=alt.X("alpha:Q", title="α"))
        show(alt.layer(bars, marks).properties(height=max(60, 28 * len(known))), "Agreement by study, with 95 % intervals")
    simulated = any(results and results.simulated_votes for results in ready)
    unknown = f" {wording.count(len(told) - len(known), 'study', 'studies')} cannot tell yet." if len(told) > len(known) else ""
    st.caption(f"By study, the newest last, with 95 % intervals.{unknown}" + (" Some raters are simulated." if simulated else ""))


def _rows(study: Study, votes: int, results: "Results") -> list[dict]:
    first = results.agreement[0] if results.agreement else {}
    alpha = results.alpha if results.alpha is not None else first.get("alpha")
    low, high = (alpha if first.get(end) is None else first[end] for end in ("low", "high"))
    return [{"study": study.name, "votes": votes, "alpha": alpha, "low": low, "high": high}]
