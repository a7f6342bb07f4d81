"""Checks: what a curator should look at before anything is trained on it, each with a queue of its own."""

from functools import partial

import streamlit as st

from workbench.regions import CHECKS, Finding, quality_checks
from workbench.store.kept_numbers import kept
from workbench.ui.app import context
from workbench.ui.checks import finding_rows
from workbench.ui.components.keys import keys
from workbench.ui.shared import first_step
from workbench.ui.shared.heading import heading
from workbench.ui.shared.links import link

SHOWN = 12  # cards on a page
LOOKED_AT = 200
UNSEEN = "unseen-colors"
CONTRADICTIONS = "contradictions"
FOUND = "unseen-found"
KIND = "checks-kind"


def draw() -> None:
    """The page: the kinds of findings with their numbers, and the one that is chosen."""
    heading("checks", "Checks")
    if not first_step.has_photos():
        first_step.photos("What is probably wrong is listed here. Import photos with captions first, or begin with the demo.")
        return
    if keys({"z": "undo the last change made here"}, key="checks-keys") == "z":
        finding_rows.undo()
        st.rerun()
    with context.reading() as session:
        counts = {name: kept(session, f"check {name}", partial(quality_checks.count, name=name), 0.0) for name in CHECKS}
        contradict = kept(session, CONTRADICTIONS, lambda session: bool(quality_checks.contradictions(session, 0, SHOWN)[0]), 0.0)
    kinds = {name: f"{CHECKS[name].title} · {counts[name]:,}" for name in CHECKS if counts[name]}
    if contradict or CONTRADICTIONS in st.session_state:
        kinds[CONTRADICTIONS] = "Captions that contradict each other"
    if not kinds:
        st.success("Nothing to look at: every check of captions and masks came out clean. The pictures are checked on demand, below.")
    kinds[UNSEEN] = "Colors that the original does not show"
    chosen = _chosen(kinds)
    clean = [check.title.lower() for name, check in CHECKS.items() if not counts[name]]
    if clean and len(kinds) > 1:
        st.caption(f"Clean: {', '.join(clean)}.")
    if chosen == CONTRADICTIONS:
        st.markdown("Captions of one image give an object different colors.")
        _contradictions()
    elif chosen == UNSEEN:
        _unseen()
    else:
        st.markdown(CHECKS[chosen].why)
        _queue(chosen, counts[chosen])


def _chosen(kinds: dict[str, str]) -> str:
    """The kind that is looked at: what was chosen, else the first one that found something."""
    if st.session_state.get(KIND) not in kinds:
        st.session_state[KIND] = next(iter(kinds))
    st.segmented_control("Kind", kinds, format_func=kinds.__getitem__, required=True, label_visibility="collapsed", key=KIND)
    return st.session_state[KIND]


def _queue(name: str, number: int) -> None:
    """One page of a check's findings, with ways to the next and to all of them."""
    pages = -(-number // SHOWN)
    page = st.pagination(pages, key=f"page-{name}") if pages > 1 else 1
    with context.reading() as session:
        findings = quality_checks.find(session, name, SHOWN, (page - 1) * SHOWN)
    _findings(findings, CHECKS[name].page, name)


def _findings(findings: list[Finding], page: str, check: str) -> None:
    if not findings:
        return
    ids = ",".join(str(image_id) for image_id in dict.fromkeys(finding.image_id for finding in findings))
    link(page, "Work through these one by one" if page == "caption" else "See these together", q=f"id:{ids}")
    finding_rows.draw(findings, check)


def _contradictions() -> None:
    """Findings among the next images, and the way on: to count them all would take seconds in a large store."""
    with context.reading() as session:
        findings, last = quality_checks.contradictions(session, st.session_state.get(CONTRADICTIONS, 0), SHOWN)
    _findings(findings, "caption", CONTRADICTIONS)
    if last is None:
        st.write("All images are checked; the next click starts again from the first.")
    elif not findings:
        st.write(f"The captions of the images up to number {last:,} agree.")
    if st.button("Check more images"):
        st.session_state[CONTRADICTIONS] = last or 0
        st.rerun()


def _unseen() -> None:
    """Findings among the next captions with colored masks, looked through on demand: it reads pixels."""
    st.markdown(
        "Colored phrases are compared with the original's pixels in their masks. Only masks that a person drew or confirmed count, "
        "or that are exact by construction: automatic masks are wrong too often to doubt a caption."
    )
    after = st.session_state.get(UNSEEN, 0)
    if st.button("Check the pictures" if not after else "Check more pictures"):
        with st.spinner("Reading pixels"), context.reading() as session:
            findings, last = quality_checks.unseen_colors(session, context.media(), after, LOOKED_AT)
        st.session_state[UNSEEN] = last or 0
        if last is None:
            st.write("All captions with such masks are checked; the next click starts again from the first.")
        elif not findings:
            st.write(f"The captions up to number {last} say what their pictures show.")
        st.session_state[FOUND] = findings
    _findings(st.session_state.get(FOUND, []), "caption", UNSEEN)


draw()
