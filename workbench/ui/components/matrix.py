"""Matrix: colorizations of captions (rows) by seed or checkpoint (columns), filling as they arrive; two can be picked to compare."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from workbench.ui.components.color_chips import Span
from workbench.ui.components.source import script, style

_component = st.components.v2.component(
    "workbench_matrix",
    html='<div class="matrix" role="group" aria-label="Colorizations"></div>\n',
    css=style("matrix.css"),
    js=script("dom.js", "matrix.js"),
)


@dataclass(frozen=True)
class Cell:
    """One colorization: its picture and a line under it."""

    id: int
    src: str
    note: str


@dataclass(frozen=True)
class Row:
    """One caption: its level's glyph, text with marked spans, the image's gray source, and a cell (or none yet) for every column."""

    glyph: str
    text: str
    spans: tuple[Span, ...]
    source: str
    source_title: str
    first_of_image: bool
    cells: tuple[Cell | None, ...]


def matrix(rows: Sequence[Row], columns: Sequence[str], *, key: str) -> list[int]:
    """Draw the matrix; returns the ids of the picked cells, at most two, in the order of picking."""
    result = _component(
        key=key,
        data={"rows": [asdict(row) for row in rows], "columns": list(columns)},
        default={"picked": []},
        on_picked_change=lambda: None,
    )
    shown = {cell.id for row in rows for cell in row.cells if cell}
    return [cell for cell in (result.picked or []) if cell in shown]
