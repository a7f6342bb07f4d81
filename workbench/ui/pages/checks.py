"""Checks: what a curator should look at before anything is trained on it, each with a queue of its own."""

import streamlit as st

from workbench.regions import CHECKS, Finding, quality_checks
from workbench.ui.app import context
from workbench.ui.checks import finding_rows
from workbench.ui.components.keys import keys
from workbench.ui.shared.links import link

SHOWN = 12
LOOKED_AT = 200
UNSEEN = "unseen-colors"
CONTRADICTIONS = "contradictions"
FOUND = "unseen-found"


def draw() -> None:
    """The page."""
    st.title("Checks")
    if keys({"z": "undo the last change made here"}, key="checks-keys") == "z":
        finding_rows.undo()
        st.rerun()
    with context.reading() as session:
        counts = {name: quality_checks.count(session, name) for name in CHECKS}
        contradicting, looked_at = quality_checks.contradictions(session, st.session_state.get(CONTRADICTIONS, 0), SHOWN)
    names = [name for name in CHECKS if counts[name]]
    clean = not contradicting and CONTRADICTIONS not in st.session_state
    if not names and clean:
        st.write("Nothing to look at: every check of the store came out clean.")
    for name in names:
        check = CHECKS[name]
        with st.expander(f"**{check.title}** · {counts[name]:,}", expanded=counts[name] <= SHOWN):
            st.caption(check.why)
            _queue(name, counts[name])
    if not clean:
        with st.expander("**Captions that contradict each other**", expanded=True):
            st.caption("Captions of one image give an object different colors.")
            _contradictions(contradicting, looked_at)
    with st.expander("**Colors that the original does not show**"):
        st.caption(
            "Colored phrases are compared with the original's pixels in their masks. Only masks that a person drew or confirmed count, "
            "or that are exact by construction: automatic ones are wrong too often to accuse a caption."
        )
        _unseen()


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


def _contradictions(findings: list[Finding], last: int | None) -> None:
    """Findings among the next images, and the way on: to count them all would take seconds in a large store."""
    _findings(findings, "caption", CONTRADICTIONS)
    if last is None:
        st.write("All images are checked; the next click begins again.")
    elif not findings:
        st.write(f"The captions of the images up to number {last:,} agree.")
    if st.button("Check more images"):
        st.session_state[CONTRADICTIONS] = last or 0
        st.rerun()


def _unseen() -> None:
    """Findings among the next captions with colored masks, looked through on demand: it reads pixels."""
    after = st.session_state.get(UNSEEN, 0)
    if st.button("Check the pictures" if not after else "Check more pictures"):
        with st.spinner("Reading pixels"), context.reading() as session:
            findings, last = quality_checks.unseen_colors(session, context.media(), after, LOOKED_AT)
        st.session_state[UNSEEN] = last or 0
        if last is None:
            st.write("All captions with such masks are checked; the next click begins again.")
        elif not findings:
            st.write(f"The captions up to number {last} say what their pictures show.")
        st.session_state[FOUND] = findings
    _findings(st.session_state.get(FOUND, []), "caption", UNSEEN)


draw()
