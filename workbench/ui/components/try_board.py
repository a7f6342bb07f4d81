"""Try board: a picture, its caption's phrases with where the model looks for them, pins and strokes, and the results as they come."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from workbench.ui.components.source import script, style

PARTS = ("dom.js", "key_events.js", "outbox.js", "zoom.js", "try_picture.js", "try_board.js")

_component = st.components.v2.component(
    "workbench_try_board",
    html='<div class="tries" tabindex="-1"></div>\n',
    css=style("try_board.css"),
    js=script(*PARTS),
)


@dataclass(frozen=True)
class PhraseView:
    """A phrase of the caption: its place, addresses of where the model looks for it and of its mask, and the color that it is to have."""

    start: int
    end: int
    heat: str
    mask: str
    is_found: bool
    color: str


@dataclass(frozen=True)
class PinView:
    """A pinned color: what it is pinned to, its name, its chip ("" for a term), and the polygons of a stroke in the picture's pixels."""

    label: str
    color: str
    chip: str
    polygons: Sequence[Sequence[Sequence[float]]] = ()


@dataclass(frozen=True)
class RowView:
    """A caption and its results by seed: each an address and a line under it, or none yet."""

    level: str
    glyph: str
    text: str
    cells: tuple[dict[str, Any] | None, ...]


def try_board(
    src: str,
    size: tuple[int, int],
    caption: str,
    *,
    key: str,
    inputs: str,
    phrases: Sequence[PhraseView],
    pins: Sequence[PinView],
    rows: Sequence[RowView],
    seeds: Sequence[int],
    state: str,
    colors: Sequence[str],
    done: Sequence[str],
    refused: Mapping[str, str],
    on_deeds: Callable[[Sequence[Mapping[str, Any]]], None],
) -> None:
    """Draw the board of a picture of `size` (width, height) in gray; `inputs` names what the results belong to.

    `state` is a sentence of what goes on; `colors` are names to complete. A deed has {id, kind, inputs} and, of kind "pin", `color` with
    `span` of a phrase or `polygons` of a stroke; of kind "unpin", `number`; of kind "keep", `cells`. It is sent until its id is among
    `done` or `refused`.
    """

    def hear() -> None:
        if message := st.session_state[key].did:
            on_deeds(message["deeds"])

    data = {
        "src": src,
        "width": size[0],
        "height": size[1],
        "caption": caption,
        "inputs": inputs,
        "phrases": [asdict(phrase) for phrase in phrases],
        "pins": [asdict(pin) for pin in pins],
        "rows": [asdict(row) for row in rows],
        "seeds": list(seeds),
        "state": state,
        "colors": list(colors),
        "done": list(done),
        "refused": dict(refused),
    }
    _component(key=key, data=data, on_did_change=hear)
