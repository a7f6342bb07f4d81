"""The form that designs a study, and the same design as YAML: either makes the study, and either can say all of it."""

from pathlib import Path

import streamlit as st

from db.enums import RatingMethod
from workbench import studies
from workbench.errors import WorkbenchError
from workbench.studies import Design, build, design_io
from workbench.ui.app import context
from workbench.ui.shared import wording
from workbench.ui.study import question_parts, recruitment_parts, showing_parts

__all__ = ["draw"]

METHODS = {
    RatingMethod.PAIR: "Pairs: which of two is better",
    RatingMethod.CHOICE: "Best of several",
    RatingMethod.CATEGORY: "Marks on scales",
    RatingMethod.RANKING: "Ranking",
}


def draw() -> None:
    """The form and the text; what they make is a draft to be opened on the Studies page."""
    form, text = st.tabs(["Form", "YAML"])
    with form:
        design = _form()
    with text:
        written = _text(design)
    if written is not None:
        _make(written)


def _form() -> Design | None:
    """What the form says now; None where it is not complete, or something in it cannot be."""
    first = st.columns([2, 3])
    name = first[0].text_input("Name", placeholder="mini against mini-2", key="design-name").strip()
    question = first[1].text_input("Question", "Which colorization fits the description better?", key="design-question").strip()
    second = st.columns([2, 1, 1, 1])
    method = second[0].selectbox("Method", METHODS, format_func=METHODS.__getitem__, key="design-method")
    votes = second[1].number_input("Votes a trial", 1, 1000, 3, key="design-votes")
    seed = second[2].number_input("Seed", 0, value=0, help="Fixes every order and side.", key="design-seed")
    pictures, questions, page, raters, crowd = st.tabs(["Pictures", "Questions", "The raters' page", "Raters", "Recruitment"])
    with pictures:
        stimuli = showing_parts.stimuli()
    with questions:
        rules = question_parts.questions(method)
    with page:
        rules |= showing_parts.presentation(method) | showing_parts.language()
    with raters:
        rules |= recruitment_parts.assignment(method) | recruitment_parts.screening()
    with crowd:
        rules |= recruitment_parts.recruitment()
    if not name or not question:
        st.caption("Give the study a name and a question; then you can create it.")
        return None
    basics = {"name": name, "question": question, "method": method.value, "votes_per_trial": int(votes), "seed": int(seed)}
    try:
        design = design_io.of_parts(basics | {"design": rules, "stimuli": stimuli})
    except WorkbenchError as refusal:
        _refuse(refusal)
        return None
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button("Create", type="primary", key="design-create"):
            _make(design)
        if st.button("Count its trials", key="design-count", help="How much the raters will have to do, before anything is created"):
            _count(design)
    return design


def _count(design: Design) -> None:
    try:
        with context.reading() as session:
            number = build.count_trials(session, design, base=Path.cwd())
    except WorkbenchError as refusal:
        _refuse(refusal)
        return
    votes = wording.count(number * design.votes_per_trial, "vote")
    st.caption(f"{wording.count(number, 'trial')}, {votes} in all, beside practice and attention checks.")


def _refuse(refusal: WorkbenchError) -> None:
    st.error(str(refusal).replace("\n", "  \n"))


def _text(design: Design | None) -> Design | None:
    """A design from the text, once it is to be made; the text begins as what the form says."""
    st.write("The same design as a file: `workbench studies create FILE.yaml` takes it too.")
    if design is not None:
        st.code(design_io.write(design), language="yaml")
        st.download_button("Keep as a file", design_io.write(design), f"{design.name}.yaml", "application/yaml")
    typed = st.text_area("Or write one, or paste one", height=260, key="design-text", placeholder="name: …\nquestion: …\nmethod: pair")
    if not st.button("Create from the text", key="design-create-text", disabled=not typed.strip()):
        return None
    try:
        return design_io.read(typed, base=Path.cwd())
    except WorkbenchError as refusal:
        _refuse(refusal)
        return None


def _make(design: Design) -> None:
    try:
        with st.spinner("Creating the trials…"):
            with context.reading() as session:
                pictured = build.picture(session, context.media(), design, base=Path.cwd())
            made = studies.enter(design, pictured, author=context.actor(), writing=context.transaction, reading=context.reading)
    except WorkbenchError as refusal:
        _refuse(refusal)
        return
    for warning in made.warnings:
        context.say(warning)
    known = f", {made.training} for practice, {made.gold} gold and {made.trap} trap trials"
    context.say(f'"{design.name}" has {wording.count(made.trials, "trial")}{known}; open it to let raters in.')
    st.rerun()
