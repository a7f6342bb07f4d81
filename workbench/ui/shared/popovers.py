"""Popovers that close once what they are for is done."""

from typing import Any

import streamlit as st


def popover(label: str, name: str, **options: Any) -> Any:
    """A popover that `close` shuts by its name."""
    return st.popover(label, key=f"{name}-{st.session_state.get(_counter(name), 0)}", **options)


def close(name: str) -> None:
    """Let the popover be shut on the next draw: it is another one then, and nobody has opened that."""
    st.session_state[_counter(name)] = st.session_state.get(_counter(name), 0) + 1


def _counter(name: str) -> str:
    return f"popover-{name}"
