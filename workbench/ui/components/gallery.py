"""Gallery: lazily loaded pictures with marks, several of which can be chosen by mouse or keyboard."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from workbench.ui.components.source import script, style

_component = st.components.v2.component(
    "workbench_gallery",
    html='<div class="gallery" role="listbox" aria-multiselectable="true" aria-label="Pictures" tabindex="0"></div>\n',
    css=style("gallery.css"),
    js=script("dom.js", "gallery.js"),
)


@dataclass(frozen=True)
class Tile:
    """One picture of a gallery: what it shows, and its other face while G is held or the pointer is on it."""

    id: int
    src: str
    other: str = ""
    title: str = ""
    marks: str = ""
    """Glyphs in the corner: levels, verdict."""
    note: str = ""
    """A line under the picture."""


def gallery(
    tiles: Sequence[Tile],
    *,
    key: str,
    chosen: Sequence[int] = (),
    columns: int = 5,
    selectable: bool = True,
    strip: bool = False,
    on_change: Callable[[], None] | None = None,
) -> tuple[list[int], int | None]:
    """Draw tiles; returns the chosen ids and the id that was opened just now (Enter or double click), if any.

    Click chooses one, Ctrl adds, Shift extends, A chooses all, Escape none; the arrow keys move. `chosen` sets what is marked at first.
    """
    result = _component(
        key=key,
        data={"tiles": [asdict(tile) for tile in tiles], "columns": columns, "selectable": selectable, "strip": strip},
        default={"chosen": list(chosen)},
        on_chosen_change=on_change or _ignore,
        on_opened_change=_ignore,
    )
    shown = {tile.id for tile in tiles}
    return [tile for tile in (result.chosen or []) if tile in shown], result.opened


def _ignore() -> None:
    """A state needs a callback to exist."""
