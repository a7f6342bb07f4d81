"""The form that designs a study, and the same design as YAML: either makes the study."""

from pathlib import Path
from typing import Any

import streamlit as st

from db.enums import CaptionLevel, RatingMethod
from workbench.colorizations import checkpoints
from workbench.errors import WorkbenchError
from workbench.studies import CONSENT, FACTORS, Design, ExternalSystem, Rules, Scale, Stimuli, build, design_io
from workbench.ui.app import context
from workbench.ui.shared import wording

METHODS = {
    RatingMethod.PAIR: "Pairs: which of two is better",
    RatingMethod.CHOICE: "Best of several",
    RatingMethod.CATEGORY: "Marks from 1 to 5",
    RatingMethod.RANKING: "Ranking",
}
SCALES = {
    "naturalness": ("unnatural", "natural"),
    "match with the description": ("does not match", "matches"),
    "bleeding": ("colors run over", "colors stay in place"),
    "quality": ("bad", "excellent"),
}
SCREENING = {"off": "not asked", "record": "asked and recorded", "require": "must be passed"}
SELECTION = {"balanced": "All alike", "informative": "First what tells most"}
ALL = "all"


def draw() -> None:
    """The form and the text; what they make is a draft to be opened on the Studies page."""
    form, text = st.tabs(["Form", "YAML"])
    with form:
        design = _form()
    with text:
        pasted = _text(design)
    if pasted is not None:
        _make(pasted)


def _form() -> Design | None:
    """What the form says now; None where it is not complete."""
    first = st.columns([2, 3, 1])
    name = first[0].text_input("Name", placeholder="mini against mini-2", key="design-name")
    question = first[1].text_input("Question", "Which colorization fits the description better?", key="design-question")
    votes = first[2].number_input("Votes a trial", 1, 100, 3, key="design-votes")
    second = st.columns([2, 3])
    method = second[0].selectbox("Method", METHODS, format_func=METHODS.__getitem__, key="design-method")
    query = second[1].text_input("Images (a query; empty takes all)", placeholder="level:partial has:mask", key="design-query")
    rules, stimuli = _by_method(method), _stimuli(query)
    with st.expander("What is shown, who gets how much, and how raters are watched"):
        rules |= _presentation() | _assignment(method) | _screening()
    if not name.strip() or not question.strip():
        st.caption("Give the study a name and a question; then it can be made.")
        return None
    design = Design(name.strip(), question.strip(), method, int(votes), 0, Rules(**rules), stimuli)
    if st.button("Create", type="primary", key="design-create"):
        _make(design)
    return design


def _by_method(method: RatingMethod) -> dict[str, Any]:
    if method is RatingMethod.PAIR:
        columns = st.columns([2, 3])
        ties = columns[0].checkbox("Allow a tie", True, key="design-ties")
        view = columns[1].segmented_control("Seen", design_io.VIEWS, default=design_io.VIEWS[0], key="design-view")
        return {"ties": ties, "view": view or design_io.VIEWS[0]}
    if method is RatingMethod.CATEGORY:
        names = st.multiselect("Scales", SCALES, default=["quality"], accept_new_options=True, key="design-scales")
        return {"scales": tuple(Scale(name, 5, *SCALES.get(name, ("", ""))) for name in names or ["quality"])}
    return {}


def _stimuli(query: str) -> Stimuli:
    with context.reading() as session:
        known = [row.name for row in checkpoints.listing(session)]
    first = st.columns([3, 3, 2])
    between = first[0].multiselect(
        "Compare between", FACTORS, default=["checkpoint"], help="What may differ within a trial", key="design-between"
    )
    chosen = first[1].multiselect("Checkpoints", known, placeholder=ALL, key="design-checkpoints")
    levels = first[2].multiselect("Levels", [level.value for level in CaptionLevel], placeholder=ALL, key="design-levels")
    second = st.columns(2)
    reference = second[0].checkbox("Also against the original", key="design-reference")
    alike = second[1].checkbox("Give all systems the lightness of the source", key="design-lightness")
    systems = _external_systems()
    return Stimuli(query.strip(), tuple(chosen) or None, tuple(levels), {}, (), tuple(between), reference, systems, alike)


def _external_systems() -> tuple[ExternalSystem, ...]:
    """Systems whose pictures were made elsewhere, as many as the table has rows."""
    with st.expander("Outside systems: pictures made elsewhere"):
        st.caption("A folder whose files are named as the images are, or a CSV manifest with the columns image, file and maybe caption.")
        rows = st.data_editor(
            [{"name": "", "folder or manifest": ""}], num_rows="dynamic", key="design-outside", width="stretch", hide_index=True
        )
    systems = []
    for row in rows:
        name, place = (str(row.get(column) or "").strip() for column in ("name", "folder or manifest"))
        if name and place:
            systems.append(ExternalSystem(name, manifest=place) if place.lower().endswith(".csv") else ExternalSystem(name, place))
    return tuple(systems)


def _presentation() -> dict[str, Any]:
    columns = st.columns(4)
    shown = {
        "caption": columns[0].checkbox("Show the description", True, key="design-caption"),
        "source": columns[1].checkbox("Show the gray photo", True, key="design-source"),
        "reference": columns[2].checkbox("Show the original beside", key="design-beside"),
        "back": columns[3].checkbox("Allow one step back", key="design-back"),
    }
    shown["instructions"] = st.text_area("Instructions before the first trial", key="design-instructions").strip()
    shown["consent"] = st.text_area("Consent, agreed to before anything else", CONSENT, height=180, key="design-consent").strip() or CONSENT
    return shown


def _assignment(method: RatingMethod) -> dict[str, Any]:
    columns = st.columns([1, 1, 2])
    quota = columns[0].number_input("Trials a rater (0: all)", 0, 1000, 0, key="design-quota")
    rest = columns[1].number_input("Rest after (0: never)", 0, 200, 20, key="design-rest")
    selection = design_io.SELECTIONS[0]
    if method is RatingMethod.PAIR:
        selection = columns[2].selectbox("Which pairs", SELECTION, format_func=SELECTION.__getitem__, key="design-selection")
    return {"trials_per_rater": int(quota) or None, "break_every": int(rest), "selection": selection}


def _screening() -> dict[str, Any]:
    columns = st.columns([1, 1, 1, 2, 2])
    training = columns[0].number_input("Practice trials", 0, 50, 2, key="design-training")
    gold = columns[1].checkbox("Gold trials", True, help="One a dozen, with an answer that anybody sees", key="design-gold")
    trap = columns[2].checkbox("Trap trials", True, help="One a dozen, that asks for a certain answer", key="design-trap")
    vision = columns[3].selectbox("Color vision", SCREENING, 1, format_func=SCREENING.__getitem__, key="design-vision")
    display = columns[4].selectbox("Display", SCREENING, 1, format_func=SCREENING.__getitem__, key="design-display")
    code = st.text_input("Completion code (empty: one for each rater)", key="design-code").strip()
    return {"training": int(training), "gold": gold, "trap": trap, "color_vision": vision, "display": display, "completion_code": code}


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
        return design_io.read(typed)
    except WorkbenchError as refusal:
        st.error(str(refusal).replace("\n", "  \n"))
        return None


def _make(design: Design) -> None:
    try:
        with context.reading() as session:
            pictured = build.picture(session, context.media(), design, base=Path.cwd())
        with context.transaction() as session:
            made = build.draft(session, context.media(), design, author=context.actor(), base=Path.cwd(), pictured=pictured)
    except WorkbenchError as refusal:
        st.error(str(refusal).replace("\n", "  \n"))
        return
    for warning in made.warnings:
        context.say(warning)
    known = f", {made.training} for practice, {made.gold} gold and {made.trap} trap trials"
    context.say(f'"{design.name}" has {wording.count(made.trials, "trial")}{known}; open it to let raters in.')
    st.rerun()
