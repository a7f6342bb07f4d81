"""Review: one colorization after the other beside its reference, votes and rivals; ✓ ↻ ✗ with a reason, by single keys."""

from typing import cast

import streamlit as st

from workbench import colorizations
from workbench.errors import WorkbenchError
from workbench.reviews import Queued, queue
from workbench.ui.app import context
from workbench.ui.components import keys
from workbench.ui.review import review_view, review_walk, rules_form, verdict_form
from workbench.ui.review.review_walk import Scope, Walk
from workbench.ui.shared import first_step, image_walk, wording
from workbench.ui.shared.heading import heading
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
    heading("review", "Review")
    query = image_walk.search_bar(count=False)
    order, whose, progress = st.columns([1.5, 3.2, 3], vertical_alignment="center")
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
        first_step.colorizations("Colorizations wait here for a verdict once there are some.")
        return
    with progress:
        review_view.progress(counts, total)
    _queue(Scope(query[0], cast(queue.Order, chosen), str(kind or first)))
    rules_form.draw()


def _queue(scope: Scope) -> None:
    try:
        walk = review_walk.walk(scope)
    except WorkbenchError as refusal:
        st.error(str(refusal))
        return
    item = _on_show(walk)
    if item is None:
        _end(walk)
    else:
        _item(item, walk)
    review_walk.say_what_changed(walk)


def _on_show(walk: Walk) -> Queued | None:
    """The colorization on show, with what its votes say; None at the end of the walk."""
    while walk.present is not None:
        with context.reading() as session:
            queued = queue.queued(session, [walk.present])
        if queued:
            return queued[0]
        review_walk.leave_out(walk.present)
    return None


def _end(walk: Walk) -> None:
    keys.keys(verdict_form.WALK_BACK, key="review-end-keys", turns=verdict_form.TURNS)
    left = review_walk.still_waiting(walk)
    if left:
        st.info(f"Only {wording.count(len(left), 'skipped colorization')} left here.")
        st.button("Review the skipped ones", type="primary", on_click=review_walk.begin_with, args=(left,))
    elif walk.scope.in_dispute:
        st.success("There are no disagreements here.")
    else:
        st.success("Nothing waits for a verdict here. Clear the search, or go on to a release.")
        link("releases", "Open Releases")


def _item(item: Queued, walk: Walk) -> None:
    row, whose = item.colorization, walk.scope.whose
    picture, aside = st.columns([3, 1.35], gap="medium")
    with picture:
        review_view.pictures(row)
        review_view.rivals(row)
    with aside:
        st.caption(f"{walk.place + 1:,} of {wording.count(len(walk.ids), 'colorization')}")
        review_view.facts(item)
        review_view.verdicts(row, hidden=whose == "mine" and row.id not in walk.judged)
        verdict_form.draw(row, whose)
        st.caption("→ next · ← previous · Z undo the last verdict · ? all keys")
    if walk.next is not None:
        review_view.preload(walk.next)


draw()
