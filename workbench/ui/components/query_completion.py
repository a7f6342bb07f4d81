"""Query completion: keys, values and saved views offered in the fields of a page that take a query."""

from collections.abc import Sequence
from dataclasses import asdict

import streamlit as st

from workbench.search.completions import Completions
from workbench.ui.components.source import script, style

_component = st.components.v2.component(
    "workbench_query_completion",
    html='<div class="offers" hidden role="listbox" aria-label="What may be written here"></div>\n',
    css=style("query_completion.css"),
    js=script("dom.js", "key_events.js", "query_completion.js"),
)


def query_completion(fields: Sequence[str], offered: Completions, *, key: str) -> None:
    """Complete what is typed in the text fields of these labels, wherever on the page they are."""
    _component(key=key, data={"fields": list(fields), **asdict(offered)})
