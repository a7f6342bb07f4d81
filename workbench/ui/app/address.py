"""What the browser's address says of the search and the image on show, although it follows the server late.

Each message of the browser brings the address as it stands there: one that was sent before the browser had heard of a turn names the image
before it. Such an address is known by what the server left behind in the last seconds, and what the server has set since counts instead.
"""

import time
from dataclasses import dataclass

import streamlit as st

from workbench.ui.components.keys import WENT

FOLLOWED = ("q", "image")
LATE = 15.0
"""Seconds after which an address that was left is a way back and no message that was long on its way."""
SET, PAGE = "address-set", "address-page"


@dataclass(frozen=True)
class _Set:
    """What the server has set last, and what the address said before, as values of FOLLOWED."""

    to: tuple[str, ...]
    left: frozenset[tuple[str, ...]]
    moment: float


def query() -> str:
    """The search that is on show."""
    return _present()[0]


def image() -> int | None:
    """The id of the image that is on show, where the address names one."""
    value = _present()[1]
    return int(value) if value.isdecimal() else None


def change(**values: object) -> None:
    """Let the address say other `values` of FOLLOWED; None takes one out of it."""
    before = _present()
    to = tuple("" if (value := values.get(name, was)) is None else str(value) for name, was in zip(FOLLOWED, before, strict=True))
    if to == before:
        return
    changed = dict(zip(FOLLOWED, to, strict=True))
    st.query_params.from_dict({name: value for name, value in (st.query_params.to_dict() | changed).items() if value})
    earlier: _Set | None = st.session_state.get(SET)
    left = (earlier.left if earlier else frozenset()) | {before}
    st.session_state[SET] = _Set(to, left - {to}, time.monotonic())


def enter(page: str) -> None:
    """Begin to draw a page: what was set on another one is over."""
    if st.session_state.get(PAGE) != page:
        st.session_state[PAGE] = page
        leave()


def leave() -> None:
    """Take the next address as it comes: it is one that somebody goes to."""
    st.session_state.pop(SET, None)


def _present() -> tuple[str, ...]:
    present = tuple(st.query_params.get(name, "") for name in FOLLOWED)
    if st.session_state.pop(WENT, False):  # back or forward in the browser's history: the address is meant as it is
        leave()
    last: _Set | None = st.session_state.get(SET)
    if last is None or present == last.to:
        return present
    if present in last.left and time.monotonic() - last.moment < LATE:
        return last.to
    leave()
    return present
