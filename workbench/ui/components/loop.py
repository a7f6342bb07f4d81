"""Loop: the eight stations of the work in a row, each with its count, the last leading back to coloring."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from workbench.ui.components.source import script, style

_component = st.components.v2.component(
    "workbench_loop",
    html='<nav class="loop" aria-label="The loop"></nav>\n',
    css=style("loop.css"),
    js=script("dom.js", "loop.js"),
)


@dataclass(frozen=True)
class Station:
    """One step of the loop: its name, its count, and a word about it."""

    name: str
    value: str
    note: str


def loop(stations: Sequence[Station], *, key: str) -> int | None:
    """Draw the stations; returns the place of the one that was opened just now."""
    return _component(key=key, data=[asdict(station) for station in stations], on_opened_change=lambda: None).opened
