"""A part of a page that is drawn once somebody opens it.

A form of fifty fields that nobody asked for takes a browser longer than all the rest of the page.
"""

from collections.abc import Callable

import streamlit as st

__all__ = ["fold"]


def fold(label: str, key: str, draw: Callable[[], object], *, expanded: bool = False) -> None:
    """A part under a label, drawn by `draw` from its first opening on; folded again it keeps what was entered in it.

    `key` is the page's own name for it.
    """
    part = st.expander(label, expanded=expanded, key=key, on_change="rerun")
    drawn = f"{key}-drawn"
    if part.open or st.session_state.get(drawn):
        st.session_state[drawn] = True
        with part:
            draw()
