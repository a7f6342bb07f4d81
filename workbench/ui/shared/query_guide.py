"""The grammar beside the field where it is typed: keys with examples, and what the query that stands there includes."""

import streamlit as st
from sqlalchemy.orm import Session

from workbench import search
from workbench.errors import WorkbenchError
from workbench.search.completions import Completions, completions
from workbench.ui.app import context
from workbench.ui.components.query_completion import query_completion
from workbench.ui.shared import wording

__all__ = ["complete", "draw", "say_notes"]

FRESH_SECONDS = 60
"""How long what is offered counts as the store's."""


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def _offered(_session: Session, url: str) -> Completions:
    """What the store at `url` offers where a query is typed, read now and then."""
    return completions(_session)


def complete(*fields: str) -> None:
    """Offer keys, values and views in the text fields of these labels."""
    with context.reading() as session:
        offered = _offered(session, context.settings().database_url)
    query_completion(fields, offered, key="query-completion")


def draw() -> None:
    """A button that opens the keys with an example each."""
    with st.popover("Search help", help="What can be searched for, with examples"):
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
