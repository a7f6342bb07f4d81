"""Rules that review in bulk: written as YAML, looked at before they are applied, taken back as one."""

from collections import Counter

import streamlit as st
import yaml

from workbench import curation
from workbench.errors import InvalidInputError, WorkbenchError
from workbench.ui import context, wording

EXAMPLE = """\
name: first pass
rules:
  - verdict: reject
    when: {adherence: "< 0.4"}
    reason: the colors are not those of the description
  - verdict: accept
    when: {adherence: ">= 0.7"}
"""


def draw() -> None:
    """The rules' form with preview, apply and undo."""
    with st.expander("Review by rules"):
        st.caption("The first rule that holds decides; what a person has judged is left alone. Look before you apply.")
        text = st.text_area("Rules", EXAMPLE, height=190, label_visibility="collapsed")
        with st.container(horizontal=True):
            look, apply = st.button("Preview"), st.button("Apply", type="primary")
            undo = st.button("Undo the last rules") if "rules-batch" in st.session_state else False
        if undo:
            _undo()
        if look or apply:
            _decide(text, apply)


def _decide(text: str, apply: bool) -> None:
    try:
        with context.transaction() as session:
            decisions = curation.apply_rules(session, _read(text), actor=context.actor(), apply=apply)
    except WorkbenchError as refusal:
        st.error(str(refusal))
        return
    if apply and decisions:
        st.session_state["rules-batch"] = decisions[0].batch_id
        context.say(f"{wording.count(len(decisions), 'verdict')} given.")
        st.rerun()
    counted = Counter((decision.verdict, decision.reason) for decision in decisions)
    st.write(f"These rules decide {wording.count(len(decisions), 'colorization')} that they have not decided yet.")
    st.dataframe(
        [{"verdict": wording.verdict(verdict), "reason": reason, "colorizations": number} for (verdict, reason), number in counted.items()],
        hide_index=True,
    )


def _read(text: str) -> dict:
    try:
        rules = yaml.safe_load(text)
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        raise InvalidInputError(f"The rules are no YAML{f', line {place.line + 1}' if place else ''}: {error.problem}.") from None
    if not isinstance(rules, dict):
        raise InvalidInputError("The rules need a name and a list of rules.")
    return rules


def _undo() -> None:
    with context.attempt():
        with context.transaction() as session:
            number = curation.undo(session, st.session_state.pop("rules-batch"), actor=context.actor())
        context.say(f"{wording.count(number, 'verdict')} taken back.")
    st.rerun()
