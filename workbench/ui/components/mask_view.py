"""Mask view: an image with its regions over it, and a polygon, box or brush to draw a new one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from workbench.ui.components.source import asset

_component = st.components.v2.component(
    "workbench_mask_view",
    html='<div class="masks" tabindex="0"></div>\n',
    css=asset("mask_view.css"),
    js=asset("mask_view.js"),
)


@dataclass(frozen=True)
class Outline:
    """One region to show: its COCO run-length mask in the image's pixels, and whether it is lit or only outlined."""

    id: int
    mask: dict[str, Any]
    label: str
    lit: bool


@dataclass(frozen=True)
class Drawing:
    """What a person drew: closed polygons of (x, y) in image pixels, whose union is meant."""

    polygons: tuple[tuple[tuple[float, float], ...], ...]


def mask_view(
    src: str, size: tuple[int, int], outlines: Sequence[Outline], *, key: str, drawing: bool = False, height: int = 560
) -> tuple[int | None, Drawing | None]:
    """Show an image of `size` (width, height) with outlines; returns (region clicked, drawing finished), None where nothing happened.

    With `drawing`, clicks set the corners of a polygon (double click or Enter closes), B changes to a box and P to a brush.
    """
    result = _component(
        key=key,
        data={
            "src": src,
            "width": size[0],
            "height": size[1],
            "outlines": [asdict(outline) for outline in outlines],
            "drawing": drawing,
            "view": height,
        },
        on_clicked_change=lambda: None,
        on_drawn_change=lambda: None,
    )
    drawn = result.drawn and Drawing(tuple(tuple((float(x), float(y)) for x, y in polygon) for polygon in result.drawn))
    return result.clicked, drawn or None
