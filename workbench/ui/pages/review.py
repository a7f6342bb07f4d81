"""Review: one colorization after the other beside its reference, votes and rivals; ✓ ↻ ✗ with a reason, by single keys."""

from typing import cast

import streamlit as st

from workbench import colorizations
from workbench.errors import WorkbenchError
from workbench.reviews import Queued, queue
from workbench.ui.app import context
from workbench.ui.review import review_view, rules_form, verdict_form
from workbench.ui.shared import image_walk, wording
from workbench.ui.shared.links import link

ORDERS = {
    "disagreement": "Disagreement first",
    "adherence": "Lowest adherence first",
    "newest": "Newest first",
    "random": "At random",
}
WHOSE = {"anybody": "Nobody judged", "mine": "I have not judged", "dispute": "Curators disagree"}


def draw() -> None:
    """The page."""
    heading, field, order, whose = st.columns([1, 2.5, 1.5, 4], vertical_alignment="center")
    heading.title("Review")
    with field:
        query = image_walk.search_bar(count=False)
    chosen = order.selectbox("Order", ORDERS, format_func=ORDERS.__getitem__, label_visibility="collapsed")
    with context.reading() as session:
        counts, total = queue.counts(session), colorizations.counts(session)["colorizations"]
    with whose:
        first = st.query_params.get("whose") if st.query_params.get("whose") in WHOSE else "anybody"
        kind = st.segmented_control(
            "Whose", WHOSE, default=first, key="review-whose", format_func=WHOSE.__getitem__, label_visibility="collapsed", required=True
        )
    if query is None:
        return
    if not total:
        st.info("Colorizations wait here for a verdict once there are some: make them on the Colorize page.")
        link("colorize", "Open Colorize")
        return
    review_view.progress(counts, total)
    _queue(query[0], cast(queue.Order, chosen), str(kind or first))
    rules_form.draw()


def _queue(query: str, order: queue.Order, kind: str) -> None:
    if st.session_state.get("review-queue") != (query, order, kind):
        st.session_state["review-queue"], st.session_state["passed"] = (query, order, kind), []
    passed = st.session_state["passed"]
    reviewer = context.actor() if kind == "mine" else None
    try:
        with context.reading() as session:
            waiting = queue.queue(
                session, order=order, query=query, without=passed, limit=2, reviewer=reviewer, in_dispute=kind == "dispute"
            )
    except WorkbenchError as refusal:
        st.error(str(refusal))
        return
    _show(waiting, kind, passed)


def _show(waiting: list[Queued], kind: str, passed: list[int]) -> None:
    if waiting:
        _item(waiting, kind)
    elif passed:
        st.info(f"Only {wording.count(len(passed), 'skipped colorization')} left here.")
        if st.button("Review the skipped ones", type="primary"):
            passed.clear()
            st.rerun()
    elif kind == "dispute":
        st.success("Curators do not disagree about anything here.")
    else:
        st.success("Nothing waits for a verdict here. Clear the query, or go on to a release.")
        link("releases", "Open Releases")


def _item(waiting: list[Queued], kind: str) -> None:
    row = waiting[0].colorization
    picture, aside = st.columns([3, 1.35], gap="medium")
    with picture:
        review_view.pictures(row)
        review_view.rivals(row)
    with aside:
        review_view.facts(waiting[0])
        review_view.verdicts(row, hidden=kind == "mine")
        verdict_form.draw(row, kind)
        st.caption("→ skip · ← back to the skipped one · Z undo the last verdict · ? all keys")
    if len(waiting) > 1:
        review_view.preload(waiting[1].colorization)


draw()
