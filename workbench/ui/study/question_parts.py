"""Parts of the form that ask: scales, further questions about a trial's pictures, a comment, and questions about the rater."""

from typing import Any

import streamlit as st

from db.enums import RatingMethod
from workbench.studies.questions import FREE, USUAL
from workbench.ui.study.form_tables import table, words

__all__ = ["questions"]

SCALES = [
    {"name": "quality", "low": "bad", "high": "excellent"},
    {"name": "naturalness", "low": "unnatural", "high": "natural"},
    {"name": "match with the description", "low": "does not match", "high": "matches"},
    {"name": "bleeding", "low": "colors run over", "high": "colors stay in place"},
]
USUAL_WORDS = {"age_group": "Age group", "gender": "Gender", "experience": "Experience with pictures", "device": "Device"}


def questions(method: RatingMethod) -> dict[str, Any]:
    """What is asked beside the study's question, as a design says it."""
    parts = _pairs() if method is RatingMethod.PAIR else {}
    parts |= _scales() if method is RatingMethod.CATEGORY else _further()
    comment = st.checkbox("A comment may be added to an answer", key="design-comment")
    return parts | {"comment": comment, "questionnaire": _questionnaire()}


def _pairs() -> dict[str, Any]:
    columns = st.columns(2)
    ties = columns[0].checkbox("Allow a tie", True, key="design-ties")
    detects = columns[1].checkbox(
        "The question is which of the two is the original", key="design-detects",
        help="Then answers are right or wrong, and the results hold d′. The originals compete (under Pictures).",
    )  # fmt: skip
    return {"ties": ties, "detects": detects}


def _scales() -> dict[str, Any]:
    st.caption(
        "One row per scale, from 1 (worst) to its number of points. "
        "Words stand at both ends, or at every point, as in bad | poor | fair | good | "
        "excellent. A scale may have a question of its own."
    )
    chosen = st.multiselect("Scales to begin with", [scale["name"] for scale in SCALES], default=["quality"], key="design-usual-scales")
    usual = [scale | {"points": "5"} for scale in SCALES if scale["name"] in chosen]
    rows = table(f"design-scales-{'-'.join(chosen)}", ("name", "points", "low", "high", "words", "question"), rows=usual)
    return {"scales": [_scale(row) for row in rows]}


def _scale(row: dict[str, str]) -> dict[str, Any]:
    scale: dict[str, Any] = {name: text for name, text in row.items() if text and name not in ("points", "words")}
    points = row["points"] or "5"
    scale["points"] = int(points) if points.isdecimal() else points
    return scale | ({"words": words(row["words"])} if row["words"] else {})


def _further() -> dict[str, Any]:
    st.caption("Further questions about the same pictures, asked one after the other, each with results of its own.")
    return {"further": table("design-further", ("name", "question"))}


def _questionnaire() -> dict[str, Any]:
    """Questions about the rater; the usual ones by a tick, others in a table."""
    st.markdown("**Questions about the rater**, each of which may be left out")
    columns = st.columns(2)
    before = columns[0].multiselect("Before the first trial", USUAL, format_func=USUAL_WORDS.__getitem__, key="design-before")
    after = columns[1].multiselect("After the last", USUAL, format_func=USUAL_WORDS.__getitem__, key="design-after")
    st.caption(f"Your own: the answers are choices such as daylight | lamps | dark, or one of {', '.join(FREE)}.")
    when = {"when": st.column_config.SelectboxColumn(options=["before", "after"])}
    rows = table("design-asked", ("when", "name", "question", "answers"), column_config=when)
    by_part: dict[str, list[Any]] = {"before": list(before), "after": list(after)}
    for row in rows:
        answers = {"kind": row["answers"]} if row["answers"] in FREE else {"choices": words(row["answers"])}
        by_part["after" if row["when"] == "after" else "before"].append({"name": row["name"], "question": row["question"], **answers})
    return by_part
