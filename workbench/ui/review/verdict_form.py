"""The verdict on the colorization on show, by buttons and keys: each belongs to that colorization and to what others had said of it."""

from dataclasses import dataclass

import streamlit as st

from db.enums import Verdict
from db.models import Colorization, Review
from workbench import reviews
from workbench.errors import ConflictError
from workbench.store import events
from workbench.ui.app import context
from workbench.ui.components import keys
from workbench.ui.review import review_view, review_walk
from workbench.ui.review.review_view import OWN, REASONS
from workbench.ui.shared import wording

VERDICT_KEYS = {"a": Verdict.ACCEPT, "w": Verdict.FIX, "x": Verdict.REJECT}
WALK = {"ArrowRight": "next, without a verdict", "ArrowLeft": "previous", "z": "undo the last verdict", "Backspace": ""}
WALK_BACK = {key: words for key, words in WALK.items() if key != "ArrowRight"}
"""The keys at the end of a walk."""


@dataclass(frozen=True)
class Judged:
    """What a verdict is about: a colorization, whose queue it stood in, and what others had said of it when the verdict's author looked."""

    colorization_id: int
    whose: str
    revision: str


def draw(row: Colorization, whose: str) -> None:
    """The buttons, the reasons where one is asked for, and what a key asks for."""
    with context.reading() as session:
        judged = Judged(row.id, whose, _revision(reviews.of_colorization(session, row.id), whose))
    pressed = _pressed(judged)
    if pressed in TURNS:
        TURNS[pressed]()
        st.rerun()
    if pressed in VERDICT_KEYS:
        _choose(judged, VERDICT_KEYS[pressed])
        st.rerun()
    refusing = _refusing(judged)
    with st.container(horizontal=True):
        for key, verdict in VERDICT_KEYS.items():
            shade = "primary" if refusing == verdict else "secondary"
            label = f"{wording.verdict(verdict)}  ({key.upper()})"
            st.button(label, key=f"verdict-{verdict.value}-{row.id}", type=shade, on_click=_choose, args=(judged, verdict))
    if refusing is not None:
        _reasons(judged, refusing, pressed)


def _revision(earlier: list[Review], whose: str) -> str:
    """What others have said; nothing for one whose opinion is to be their own."""
    return "" if whose == "mine" else " ".join(f"{one.id}{one.verdict}" for one in earlier if one.reviewer != context.actor())


def _refusing(judged: Judged) -> Verdict | None:
    """The verdict on this colorization that waits for its reason."""
    colorization_id, verdict = st.session_state.get("refusing", (None, None))
    return verdict if colorization_id == judged.colorization_id else None


def _pressed(judged: Judged) -> str | None:
    """The key that was pressed for this colorization; a reason's key may follow its verdict's before the page is drawn."""
    known = {key: verdict.value for key, verdict in VERDICT_KEYS.items()} | REASONS | WALK
    focus = {"0": (f'input[aria-label="{OWN}"]', "write another reason")} if _refusing(judged) else None
    hints = {"s f b": "slider, flip, side by side"}
    bound = f"{judged.colorization_id} {judged.revision}"
    return keys.keys(known, key="review-keys", focus=focus, hints=hints, bound=bound, unbound=("z", "Backspace", "ArrowLeft"))


def _reasons(judged: Judged, refusing: Verdict, pressed: str | None) -> None:
    st.write(f"{wording.verdict(refusing)} because")
    key, own = judged.colorization_id, f"own-{judged.colorization_id}"
    with st.container(gap=None):
        for number, reason in REASONS.items():
            label = f"{number}  {reason}"
            st.button(label, key=f"reason-{number}-{key}", type="tertiary", on_click=_keep, args=(judged, refusing, reason))
    st.text_input(
        OWN, key=own, placeholder="0  another reason, then Enter", label_visibility="collapsed",
        on_change=lambda: _keep(judged, refusing, st.session_state[own].strip()),
    )  # fmt: skip
    if pressed in REASONS:
        _keep(judged, refusing, REASONS[pressed])
        st.rerun()


def _choose(judged: Judged, verdict: Verdict) -> None:
    if verdict == Verdict.ACCEPT:
        _keep(judged, verdict, "")
    else:
        st.session_state["refusing"] = (judged.colorization_id, verdict)


def _keep(judged: Judged, verdict: Verdict, reason: str) -> None:
    """Give the verdict, unless another curator has said something of the colorization since its author looked."""
    if verdict != Verdict.ACCEPT and not reason:
        return
    st.session_state.pop("refusing", None)
    give = reviews.settle if judged.whose == "dispute" else reviews.review
    with context.attempt():
        with context.transaction() as session:
            earlier = reviews.of_colorization(session, judged.colorization_id)
            if _revision(earlier, judged.whose) != judged.revision:
                raise ConflictError(f"Not saved: meanwhile {earlier[-1].reviewer} judged this colorization. Look, then judge.")
            give(session, judged.colorization_id, verdict, reviewer=context.actor(), reason=reason, batch_id=events.new_batch())
        review_walk.on_show().go_on_from(judged.colorization_id)


def _turn(steps: int) -> None:
    st.session_state.pop("refusing", None)
    review_walk.on_show().turn(steps)


def _take_back() -> None:
    st.session_state.pop("refusing", None)
    for judged in review_view.take_back():
        review_walk.on_show().go_back_to(judged)


TURNS = {"ArrowRight": lambda: _turn(1), "ArrowLeft": lambda: _turn(-1), "z": _take_back, "Backspace": _take_back}
"""What the keys do that give no verdict."""
