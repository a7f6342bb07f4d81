"""Mask view: an image with its masks over it, and the tools to correct one: clicks, a box, a polygon, a brush and an eraser."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from workbench.imaging.mask_editing import Correction
from workbench.ui.components.source import script, style

_component = st.components.v2.component(
    "workbench_mask_view",
    html='<div class="masks" tabindex="0"></div>\n',
    css=style("mask_view.css"),
    js=script("dom.js", "key_events.js", "outbox.js", "zoom.js", "mask_rle.js", "mask_paint.js", "mask_view.js"),
)


@dataclass(frozen=True)
class Outline:
    """One region to show: its COCO run-length mask in the image's pixels, the short tag on it, and whether it is lit or only outlined."""

    id: int
    mask: dict[str, Any]
    label: str
    lit: bool


@dataclass(frozen=True)
class Bound:
    """What a deed of the view is about: the image (id and sha256), the mention in hand and the mask that is corrected (0 for a new one)."""

    image: int
    picture: str
    mention: int
    region: int


def mask_view(
    src: str,
    size: tuple[int, int],
    outlines: Sequence[Outline],
    *,
    key: str,
    bound: Bound,
    done: Sequence[str],
    refused: Mapping[str, str],
    on_deeds: Callable[[Sequence[Mapping[str, Any]]], None],
    correcting: bool = False,
    waiting: Correction | None = None,
) -> None:
    """Show an image of `size` (width, height) with its masks; `on_deeds` hears what was done before the page is drawn again.

    The rest of the picture is dimmed where a mask is lit, and what the lit mask shares with others is hatched. While `correcting`, a
    click adds to the lit mask and with Alt or Shift takes away; B is a box to cut out, G a polygon, P and E paint and erase, and V goes
    back to clicks. A correction that is `waiting` for its answer is shown, and no other is taken meanwhile. A deed carries what `bound`
    said when it was begun: {id, kind, image, picture, mention, region, fresh, …}, of kind "link" (with `linked`, whether they were) or
    "correct" (with `correction` {kind, points, polygons} and `replaces`); `fresh` tells one new mask from another. It is sent until its
    id is among `done` or `refused`.
    """

    def hear() -> None:
        if message := st.session_state[key].did:
            on_deeds(message["deeds"])

    data = {
        "src": src,
        "width": size[0],
        "height": size[1],
        "outlines": [asdict(outline) for outline in outlines],
        "bound": asdict(bound),
        "correcting": correcting,
        "waiting": [] if waiting is None else [list(point) for point in waiting.points],
        "done": list(done),
        "refused": dict(refused),
    }
    _component(key=key, data=data, on_did_change=hear)


def correction_of(deed: Mapping[str, Any]) -> Correction:
    """The correction that a deed of kind "correct" asks for."""
    said = deed["correction"]
    points = tuple((float(x), float(y)) for x, y in said.get("points", ()))
    polygons = tuple(tuple((float(x), float(y)) for x, y in polygon) for polygon in said.get("polygons", ()))
    return Correction(said["kind"], points, polygons)
