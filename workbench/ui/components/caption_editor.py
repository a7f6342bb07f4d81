"""Caption editor: one caption with its color words marked by the colors that they name, saved while it is typed."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from workbench.ui.components.source import asset

_component = st.components.v2.component(
    "workbench_caption_editor",
    html='<div class="editor"></div>\n',
    css=asset("caption_editor.css"),
    js=asset("caption_editor.js"),
)


@dataclass(frozen=True)
class Span:
    """A marked stretch of the text: half-open, in characters, with the colors named there as "#rrggbb"."""

    start: int
    end: int
    colors: tuple[str, ...]


def caption_editor(
    text: str, *, key: str, level: str, spans: Sequence[Span], note: str, proposed: bool = False, actions: Sequence[tuple[str, str]] = ()
) -> tuple[str | None, str | None]:
    """Draw an editable caption; returns (text to save, action asked for), None where nothing happened.

    The text arrives after a short rest, on leaving the field and on Ctrl+Enter. `actions` are (name, label) of small buttons under it;
    Tab accepts a proposal.
    """
    result = _component(
        key=key,
        data={
            "text": text,
            "level": level,
            "spans": [asdict(span) for span in spans],
            "note": note,
            "proposed": proposed,
            "actions": [list(action) for action in actions],
        },
        on_written_change=lambda: None,
        on_action_change=lambda: None,
    )
    return (result.written["text"] if result.written else None), result.action
