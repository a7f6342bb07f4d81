"""Review: one colorization after the other beside its reference, votes and rivals; ✓ ↻ ✗ with a reason, by single keys."""

from typing import cast

import streamlit as st

from db.enums import Verdict
from db.models import Colorization
from workbench import colorizations
from workbench.errors import WorkbenchError
from workbench.reviews import Queued, queue
from workbench.store import events
from workbench.ui.app import context
from workbench.ui.components.keys import keys
from workbench.ui.review import review_view, rules_form
from workbench.ui.review.review_view import OWN, REASONS
from workbench.ui.shared import image_walk, wording
from workbench.ui.shared.links import link

ORDERS = {
    "disagreement": "Disagreement first",
    "adherence": "Lowest adherence first",
    "newest": "Newest first",
    "random": "At random",
}
WHOSE = {"anybody": "Nobody judged", "mine": "I have not judged", "dispute": "Curators disagree"}
VERDICT_KEYS = {"a": Verdict.ACCEPT, "w": Verdict.FIX, "x": Verdict.REJECT}
WALK = {"ArrowRight": "skip for now", "ArrowLeft": "back to the one skipped last", "z": "undo the last verdict", "Backspace": ""}


def draw() -> None:
    """The page."""
    heading, field, order, whose = st.columns([1, 2.5, 1.5, 4], vertical_alignment="center")
    heading.title("Review")
    with field:
        found = image_walk.search_bar(count=False)
    chosen = order.selectbox("Order", ORDERS, format_func=ORDERS.__getitem__, label_visibility="collapsed")
    with context.reading() as session:
        counts, total = queue.counts(session), colorizations.counts(session)["colorizations"]
    with whose:
        first = st.query_params.get("whose") if st.query_params.get("whose") in WHOSE else "anybody"
        kind = st.segmented_control(
            "Whose", WHOSE, default=first, key="review-whose", format_func=WHOSE.__getitem__, label_visibility="collapsed", required=True
        )
    if found is None:
        return
    if not total:
        st.info("Colorizations wait here for a verdict once there are some: make them on the Colorize page.")
        link("colorize", "Open Colorize")
        return
    review_view.progress(counts, total)
    _queue(found[0], cast(queue.Order, chosen), str(kind or first))
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
        _verdict(row, _pressed(row), kind)
        st.caption("→ skip · ← back to the skipped one · Z undo the last verdict · ? all keys")
    if len(waiting) > 1:
        review_view.preload(waiting[1].colorization)


def _pressed(row: Colorization) -> str | None:
    """The key that was pressed for this colorization; a reason's key may follow its verdict's before the page is drawn."""
    refusing = st.session_state.get("refusing")
    known = {key: verdict.value for key, verdict in VERDICT_KEYS.items()} | REASONS | WALK
    focus = {"0": (f'input[aria-label="{OWN}"]', "write another reason")} if refusing else None
    return keys(known, key="review-keys", focus=focus, hints={"s f b": "slider, flip, side by side"}, bound=str(row.id))


def _verdict(row: Colorization, pressed: str | None, kind: str) -> None:
    if pressed in WALK:
        _walk(row, pressed)
    with st.container(horizontal=True):
        for key, verdict in VERDICT_KEYS.items():
            shade = "primary" if st.session_state.get("refusing") == verdict else "secondary"
            if st.button(f"{wording.verdict(verdict)}  ({key.upper()})", key=f"verdict-{verdict.value}", type=shade) or pressed == key:
                _choose(row, verdict, kind)
    refusing = st.session_state.get("refusing")
    if refusing:
        st.write(f"{wording.verdict(refusing)} because")
        with st.container(gap=None):
            chosen = [reason for key, reason in REASONS.items() if st.button(f"{key}  {reason}", key=f"reason-{key}", type="tertiary")]
        own = st.text_input(OWN, key=f"own-{row.id}", placeholder="0  another reason, then Enter", label_visibility="collapsed")
        reason = chosen[0] if chosen else REASONS.get(pressed or "") or own.strip()  # a key without a verdict before it says nothing
        if reason:
            _keep(row, refusing, reason, kind)


def _choose(row: Colorization, verdict: Verdict, kind: str) -> None:
    if verdict == Verdict.ACCEPT:
        _keep(row, verdict, "", kind)
    st.session_state["refusing"] = verdict
    st.rerun()


def _keep(row: Colorization, verdict: Verdict, reason: str, kind: str) -> None:
    st.session_state.pop("refusing", None)
    give = queue.settle if kind == "dispute" else queue.review
    with context.attempt(), context.transaction() as session:
        give(session, row.id, verdict, reviewer=context.actor(), reason=reason, batch_id=events.new_batch())
    st.rerun()


def _walk(row: Colorization, pressed: str) -> None:
    st.session_state.pop("refusing", None)
    passed = st.session_state["passed"]
    if pressed == "ArrowRight":
        passed.append(row.id)
    elif pressed == "ArrowLeft" and passed:
        passed.pop()
    elif pressed in ("z", "Backspace"):
        review_view.take_back()
    st.rerun()


draw()
