"""The verdict on the colorization on show, by buttons and keys: each belongs to that colorization, so a late one lands on no other."""

import streamlit as st

from db.enums import Verdict
from db.models import Colorization
from workbench import reviews
from workbench.store import events
from workbench.ui.app import context
from workbench.ui.components import keys
from workbench.ui.review import review_view
from workbench.ui.review.review_view import OWN, REASONS
from workbench.ui.shared import wording

VERDICT_KEYS = {"a": Verdict.ACCEPT, "w": Verdict.FIX, "x": Verdict.REJECT}
WALK = {"ArrowRight": "skip for now", "ArrowLeft": "back to the one skipped last", "z": "undo the last verdict", "Backspace": ""}


def draw(row: Colorization, kind: str) -> None:
    """The buttons, the reasons where one is asked for, and what a key asks for; `kind` says whose queue it is."""
    pressed = _pressed(row)
    if pressed in WALK:
        _walk(row, pressed)
    refusing = _refusing(row)
    with st.container(horizontal=True):
        for key, verdict in VERDICT_KEYS.items():
            shade = "primary" if refusing == verdict else "secondary"
            label = f"{wording.verdict(verdict)}  ({key.upper()})"
            if st.button(label, key=f"verdict-{verdict.value}-{row.id}", type=shade) or pressed == key:
                _choose(row, verdict, kind)
    if refusing is not None:
        _reasons(row, refusing, pressed, kind)


def _refusing(row: Colorization) -> Verdict | None:
    """The verdict on this colorization that waits for its reason."""
    colorization_id, verdict = st.session_state.get("refusing", (None, None))
    return verdict if colorization_id == row.id else None


def _pressed(row: Colorization) -> str | None:
    """The key that was pressed for this colorization; a reason's key may follow its verdict's before the page is drawn."""
    known = {key: verdict.value for key, verdict in VERDICT_KEYS.items()} | REASONS | WALK
    focus = {"0": (f'input[aria-label="{OWN}"]', "write another reason")} if _refusing(row) else None
    hints = {"s f b": "slider, flip, side by side"}
    return keys.keys(known, key="review-keys", focus=focus, hints=hints, bound=str(row.id), unbound=("z", "Backspace", "ArrowLeft"))


def _reasons(row: Colorization, refusing: Verdict, pressed: str | None, kind: str) -> None:
    st.write(f"{wording.verdict(refusing)} because")
    with st.container(gap=None):
        chosen = [reason for key, reason in REASONS.items() if st.button(f"{key}  {reason}", key=f"reason-{key}-{row.id}", type="tertiary")]
    own = st.text_input(OWN, key=f"own-{row.id}", placeholder="0  another reason, then Enter", label_visibility="collapsed")
    reason = chosen[0] if chosen else REASONS.get(pressed or "") or own.strip()
    if reason:
        _keep(row, refusing, reason, kind)


def _choose(row: Colorization, verdict: Verdict, kind: str) -> None:
    if verdict == Verdict.ACCEPT:
        _keep(row, verdict, "", kind)
    st.session_state["refusing"] = (row.id, verdict)
    st.rerun()


def _keep(row: Colorization, verdict: Verdict, reason: str, kind: str) -> None:
    st.session_state.pop("refusing", None)
    give = reviews.settle if kind == "dispute" else reviews.review
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
