"""Walking through what waits for a verdict: the list as it was when the walk began, in its order, and the place in it."""

import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from workbench.reviews import queue
from workbench.ui.app import context
from workbench.ui.shared import wording


@dataclass(frozen=True)
class Scope:
    """What waits here: of a query, in an order, and for whom ("anybody", "mine", "dispute")."""

    query: str
    order: queue.Order
    whose: str

    @property
    def reviewer(self) -> str | None:
        """The one who has not judged it, where it waits for this visitor."""
        return context.actor() if self.whose == "mine" else None

    @property
    def in_dispute(self) -> bool:
        """Whether it waits for one who settles it."""
        return self.whose == "dispute"


@dataclass
class Walk:
    """Ids of colorizations as they waited when the walk began: a verdict takes none of them from the list that is being walked."""

    scope: Scope
    ids: Sequence[int]
    place: int = 0
    """The one on show, from 0; beyond the last one at the end."""
    judged: set[int] = field(default_factory=set)
    """Those that this visitor judged on this walk."""
    began: float = field(default_factory=time.time)
    """Seconds since the epoch."""

    @property
    def present(self) -> int | None:
        """The colorization on show; None at the end."""
        return self.ids[self.place] if self.place < len(self.ids) else None

    @property
    def next(self) -> int | None:
        """The one that a verdict leads to."""
        return next((one for one in self.ids[self.place + 1 :] if one not in self.judged), None)

    def turn(self, steps: int) -> None:
        """Go some steps on, or, negative, back."""
        self.place = min(max(0, self.place + steps), len(self.ids))

    def go_on_from(self, colorization_id: int) -> None:
        """To the next one after this that was not judged on this walk."""
        self.judged.add(colorization_id)
        if self.present == colorization_id:
            following = self.next
            self.place = len(self.ids) if following is None else self.ids.index(following)

    def go_back_to(self, colorization_id: int) -> None:
        """To one whose verdict was taken back."""
        self.judged.discard(colorization_id)
        if colorization_id in self.ids:
            self.place = self.ids.index(colorization_id)


def walk(scope: Scope) -> Walk:
    """The walk of this visit; begun anew where something else is asked for. Raises InvalidInputError for a query that cannot be read."""
    current: Walk | None = st.session_state.get("review-walk")
    if current is None or current.scope != scope:
        current = st.session_state["review-walk"] = _begin(scope)
    return current


def on_show() -> Walk:
    """The walk that the page showed last."""
    return st.session_state["review-walk"]


def leave_out(gone: int) -> None:
    """Go on without a colorization that was deleted meanwhile."""
    current = on_show()
    current.ids = array("q", [one for one in current.ids if one != gone])


def still_waiting(current: Walk) -> list[int]:
    """Those of the walk that wait for a verdict by now, in the walk's order."""
    waiting = set(_ids(current.scope))
    return [one for one in current.ids if one in waiting]


def begin_with(ids: Sequence[int]) -> None:
    """Walk through these."""
    st.session_state["review-walk"] = Walk(on_show().scope, array("q", ids))


def say_what_changed(current: Walk) -> None:
    """A notice where more or fewer wait by now than this list has left, with the way to begin anew."""
    scope, left = current.scope, len(current.ids) - len(current.judged.intersection(current.ids))
    with context.reading() as session:
        number = queue.count_waiting(session, query=scope.query, reviewer=scope.reviewer, in_dispute=scope.in_dispute)
    if number == left:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        moment = time.strftime("%H:%M", time.localtime(current.began))
        change = "fewer" if number < left else "more"
        st.caption(
            f"This list stays as it was at {moment}, with {wording.count(left, 'colorization')} left; "
            f"by now {number:,} wait, {abs(number - left):,} {change}."
        )
        st.button("Refresh the list", key="review-again", type="tertiary", on_click=_begin_again)


def _begin(scope: Scope) -> Walk:
    return Walk(scope, array("q", _ids(scope)))


def _begin_again() -> None:
    st.session_state["review-walk"] = _begin(on_show().scope)


def _ids(scope: Scope) -> list[int]:
    with context.reading() as session:
        return queue.waiting_ids(session, order=scope.order, query=scope.query, reviewer=scope.reviewer, in_dispute=scope.in_dispute)
