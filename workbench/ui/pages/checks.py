"""Checks: what a curator should look at before anything is trained on it, each with a queue of its own."""

import streamlit as st

from workbench.regions import CHECKS, Finding, quality_checks
from workbench.ui.app import context
from workbench.ui.shared import wording
from workbench.ui.shared.links import link

SHOWN = 20
LOOKED_AT = 200
UNSEEN = "unseen-colors"
CONTRADICTIONS = "contradictions"


def draw() -> None:
    """The page."""
    st.title("Checks")
    with context.reading() as session:
        counts = {name: quality_checks.count(session, name) for name in CHECKS}
        contradicting, looked_at = quality_checks.contradictions(session, st.session_state.get(CONTRADICTIONS, 0), SHOWN)
    found = [name for name in CHECKS if counts[name]]
    clean = not contradicting and CONTRADICTIONS not in st.session_state
    if not found and clean:
        st.write("Nothing to look at: every check of the store came out clean.")
    for name in found:
        check = CHECKS[name]
        with st.expander(f"**{check.title}** · {counts[name]:,}", expanded=counts[name] <= SHOWN):
            st.caption(check.why)
            _queue(name, counts[name])
    if not clean:
        with st.expander("**Captions that contradict each other**", expanded=True):
            st.caption("One object has different colors.")
            _contradictions(contradicting, looked_at)
    with st.expander("**Colors that the original does not show**"):
        st.caption("Colored mentions are held against the original's pixels in their masks.")
        _unseen()


def _queue(name: str, number: int) -> None:
    """One page of a check's findings, with ways to the next and to all of them."""
    pages = -(-number // SHOWN)
    page = st.pagination(pages, key=f"page-{name}") if pages > 1 else 1
    with context.reading() as session:
        found = quality_checks.find(session, name, SHOWN, (page - 1) * SHOWN)
    _findings(found, CHECKS[name].page)


def _findings(found: list[Finding], page: str) -> None:
    if not found:
        return
    ids = ",".join(str(image_id) for image_id in dict.fromkeys(finding.image_id for finding in found))
    link(page, "Work through these one by one" if page == "caption" else "See these together", q=f"id:{ids}")
    with st.container(gap=None):
        for finding in found:
            words, way = st.columns([6, 1], vertical_alignment="center")
            words.caption(f"image {finding.image_id} · {wording.plain(finding.reason)}")
            with way:
                link("caption", "Open", image=finding.image_id)


def _contradictions(found: list[Finding], last: int | None) -> None:
    """Findings among the next images, and the way on: to count them all would take seconds in a large store."""
    _findings(found, "caption")
    if last is None:
        st.write("No image is left to look at; the next click begins again.")
    elif not found:
        st.write(f"The captions of the images up to number {last:,} agree.")
    if st.button("Look at the next images"):
        st.session_state[CONTRADICTIONS] = last or 0
        st.rerun()


def _unseen() -> None:
    """Findings among the next captions with colored masks, looked through on demand: it reads pixels."""
    after = st.session_state.get(UNSEEN, 0)
    if st.button("Look through the pictures" if not after else "Look at the next ones"):
        with st.spinner("Looking at the pictures"), context.reading() as session:
            found, last = quality_checks.unseen_colors(session, context.media(), after, LOOKED_AT)
        st.session_state[UNSEEN] = last or 0
        if last is None:
            st.write("No caption is left to look at; the next click begins again.")
        elif not found:
            st.write(f"The captions up to number {last} say what their pictures show.")
        _findings(found, "caption")


draw()
