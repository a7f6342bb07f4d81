"""Library map: a dot for each picture, like beside like; a box around some becomes a query, a click chooses one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from workbench.ui.components.source import script, style

_component = st.components.v2.component(
    "workbench_library_map",
    html='<div class="map"></div>\n',
    css=style("library_map.css"),
    js=script("dom.js", "library_map.js"),
)


@dataclass(frozen=True)
class Point:
    """One picture: its place in [0, side], its media key, its name, and whether it matches the query."""

    id: int
    x: float
    y: float
    key: str
    name: str
    match: bool


def library_map(points: Sequence[Point], *, key: str, side: float, said: str, chosen: int | None) -> tuple[int | None, list[int] | None]:
    """Draw the map with a line of words; returns what was clicked just now, and the box (left, top, right, bottom) that was drawn."""
    result = _component(
        key=key,
        data={"points": [asdict(point) for point in points], "side": side, "said": said, "chosen": chosen},
        on_picked_change=lambda: None,
        on_area_change=lambda: None,
    )
    return result.picked, result.area
