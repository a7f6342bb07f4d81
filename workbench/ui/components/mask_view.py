"""Mask view: an image with its regions over it, and the tools to correct one: clicks, a box, a polygon, a brush and an eraser."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from workbench.imaging import Correction
from workbench.ui.components.source import asset

_component = st.components.v2.component(
    "workbench_mask_view",
    html='<div class="masks" tabindex="0"></div>\n',
    css=asset("mask_view.css"),
    js=asset("mask_view.js"),
)


@dataclass(frozen=True)
class Outline:
    """One region to show: its COCO run-length mask in the image's pixels, the short tag on it, and whether it is lit or only outlined."""

    id: int
    mask: dict[str, Any]
    label: str
    lit: bool


def mask_view(
    src: str,
    size: tuple[int, int],
    outlines: Sequence[Outline],
    *,
    key: str,
    correcting: bool = False,
    waiting: Correction | None = None,
    height: int = 560,
) -> tuple[int | None, Correction | None]:
    """Show an image of `size` (width, height) with outlines; returns (region clicked, correction made), None where nothing happened.

    Where regions overlap is hatched. While `correcting`, a click adds to the lit mask and with Alt or Shift takes away; B is a box to
    cut out, G a polygon, P and E paint and erase, and V goes back to clicks. A correction that is `waiting` for its answer is shown,
    and no other is taken meanwhile.
    """
    result = _component(
        key=key,
        data={
            "src": src,
            "width": size[0],
            "height": size[1],
            "outlines": [asdict(outline) for outline in outlines],
            "correcting": correcting,
            "waiting": [] if waiting is None else [list(point) for point in waiting.points],
            "view": height,
        },
        on_clicked_change=lambda: None,
        on_corrected_change=lambda: None,
    )
    return result.clicked, _correction(result.corrected) if result.corrected else None


def _correction(said: Mapping[str, Any]) -> Correction:
    points = tuple((float(x), float(y)) for x, y in said.get("points", ()))
    polygons = tuple(tuple((float(x), float(y)) for x, y in polygon) for polygon in said.get("polygons", ()))
    return Correction(said["kind"], points, polygons)
