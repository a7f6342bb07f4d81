"""Parts of the form about raters: who gets how many trials, how they are watched, how strangers are recruited and sent home."""

from typing import Any

import streamlit as st

from db.enums import RatingMethod
from workbench.ui.study.form_tables import table, words

__all__ = ["assignment", "recruitment", "screening"]

SCREENING = {"off": "not asked", "record": "asked and recorded", "require": "must be passed"}
SELECTION = {"balanced": "All alike", "informative": "First what tells most"}
ENDINGS = {"completed": "finished", "screened_out": "screened out", "quota_full": "no place left", "withdrawn": "withdrew"}


def assignment(method: RatingMethod) -> dict[str, Any]:
    """How many trials a rater gets, and which."""
    columns = st.columns([1, 1, 2])
    quota = columns[0].number_input("Trials per rater (0: all)", 0, 10_000, 0, key="design-quota")
    rest = columns[1].number_input("Rest after (0: never)", 0, 1000, 20, key="design-rest")
    dealt: dict[str, Any] = {"trials_per_rater": int(quota) or None, "break_every": int(rest)}
    if method is RatingMethod.PAIR:
        dealt["selection"] = columns[2].selectbox("Which pairs", SELECTION, format_func=SELECTION.__getitem__, key="design-selection")
    return dealt


def screening() -> dict[str, Any]:
    """Practice, checks and tests, whose ratings count, and groups that are kept apart."""
    columns = st.columns([1, 1, 1, 2, 2], vertical_alignment="bottom")
    training = columns[0].number_input("Practice trials", 0, 50, 2, key="design-training")
    gold = columns[1].checkbox("Gold trials", True, help="One a dozen, with an answer that anybody sees", key="design-gold")
    trap = columns[2].checkbox("Trap trials", True, help="One a dozen, that asks for a certain answer", key="design-trap")
    vision = columns[3].selectbox("Color vision", SCREENING, 1, format_func=SCREENING.__getitem__, key="design-vision")
    display = columns[4].selectbox("Display", SCREENING, 1, format_func=SCREENING.__getitem__, key="design-display")
    curators = st.checkbox("Ratings of curators count in the results", key="design-curators")
    st.caption("Groups that are kept apart (cohorts), with the votes a trial of each; they add up to the votes a trial. None by default.")
    cohorts = {row["cohort"]: _number(row["votes a trial"]) for row in table("design-cohorts", ("cohort", "votes a trial"))}
    return {
        "training": int(training), "gold": gold, "trap": trap, "color_vision": vision, "display": display, "curators_count": curators,
        "cohorts": cohorts,
    }  # fmt: skip


def _number(text: str) -> Any:
    """A whole number; what is none is handed on, to be refused by its name."""
    return int(text) if text.isdecimal() else text


def recruitment() -> dict[str, Any]:
    """How strangers come by one link, and what they take home."""
    st.caption("For one link to many people; links of one rater each need nothing of this but the code for who has finished.")
    columns = st.columns([2, 3, 1, 1])
    participant = columns[0].text_input(
        "Parameter with the person's ID", placeholder="PROLIFIC_PID", help="Each takes part once.", key="design-participant"
    )
    parameters = columns[1].text_input("Further ones to store", placeholder="STUDY_ID, SESSION_ID", key="design-parameters")
    cap = columns[2].number_input("Maximum people (0: all)", 0, 1_000_000, 0, key="design-cap")
    minutes = columns[3].number_input("Minutes to keep a place free", 1, 24 * 60, 60, key="design-minutes")
    st.caption(
        "Codes (empty: one for each rater) and addresses to go back to; {code} and {PROLIFIC_PID}, or any other parameter, are filled in."
    )
    parts: dict[str, Any] = {
        "participant": participant, "parameters": words(parameters, ","), "cap": int(cap) or None, "minutes": int(minutes),
    }  # fmt: skip
    for name, says in ENDINGS.items():
        code, redirect = st.columns([1, 3])
        parts[name] = {
            "code": code.text_input(f"Code: {says}", key=f"design-code-{name}"),
            "redirect": redirect.text_input(f"Way back: {says}", placeholder="https://…?cc={code}", key=f"design-redirect-{name}"),
        }
    return {"recruitment": parts}
