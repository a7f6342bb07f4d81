"""Caption board: an image beside its captions in three columns, all of it worked by keyboard and kept in the browser until it is saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from workbench.ui.components.source import asset

_component = st.components.v2.component(
    "workbench_caption_board",
    html='<div class="board" tabindex="-1"></div>\n',
    css=asset("caption_board.css"),
    js=asset("caption_words.js") + asset("caption_picture.js") + asset("caption_board.js"),
)


@dataclass(frozen=True)
class Board:
    """What was done since the last draw: deeds in their order, each with an `id`, and where to go ("next", "previous", "")."""

    deeds: tuple[Mapping[str, Any], ...] = ()
    go: str = ""


def caption_board(
    picture: Mapping[str, Any], cards: Sequence[Mapping[str, Any]], *, key: str, words: Sequence[str], done: Sequence[str], refused: Mapping
) -> Board:
    """Draw the board and return what the visitor did.

    `picture`: {id, src, gray, width, height, outlines: [{id, path, label, mentions}]}. `cards`: captions as
    `workbench.ui.caption.board_data.cards` makes them. `words` complete what is typed. `done` are ids of deeds that are in the store,
    `refused` sentences by the id of a deed that is not. A deed: {id, kind: write | add | accept | drop | level | derive | undo, caption,
    image, …}; the browser keeps each one, and sends it again after a reload, until it is among `done`.
    """
    data = {"picture": dict(picture), "cards": list(cards), "words": list(words), "done": list(done), "refused": dict(refused)}
    result = _component(key=key, data=data, on_did_change=lambda: None)
    return Board(tuple(result.did["deeds"]), result.did["go"]) if result.did else Board()
