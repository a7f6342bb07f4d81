"""The grammar beside the field where it is typed: keys with examples, and what the query that stands there includes."""

import streamlit as st

from workbench import search
from workbench.errors import WorkbenchError
from workbench.ui.shared import wording

__all__ = ["draw", "say_notes"]


def draw() -> None:
    """A button that opens the keys with an example each."""
    with st.popover("Keys", help="What can be searched for, with examples"):
        lines = [f"| `{example.replace('|', '')}` | {wording.plain(finds)} |" for example, finds in search.GUIDE]
        st.markdown("\n".join(["| type | finds |", "|---|---|", *lines]))


def say_notes(query: str) -> None:
    """What the colors of a query include; nothing for a query that cannot be read, which is said elsewhere."""
    try:
        said = search.notes(search.parse(query))
    except WorkbenchError:
        return
    for note in said:
        st.caption(wording.plain(note))
