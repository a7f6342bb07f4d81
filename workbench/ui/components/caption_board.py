"""Caption board: images beside their captions at three levels, all of it worked by keyboard and kept in the browser until it is saved."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from workbench.ui.components.source import script, style

_component = st.components.v2.component(
    "workbench_caption_board",
    html='<div class="board" tabindex="-1"></div>\n',
    css=style("caption_board.css"),
    js=script(
        "dom.js",
        "key_events.js",
        "outbox.js",
        "zoom.js",
        "caption_words.js",
        "caption_picture.js",
        "caption_spelling.js",
        "caption_card.js",
        "caption_keys.js",
        "caption_board.js",
    ),
)


@dataclass(frozen=True)
class Message:
    """What the board tells: deeds in their order that are not answered yet, the image on show, and how often it has turned to another."""

    deeds: tuple[Mapping[str, Any], ...]
    image: int
    step: int


def caption_board(
    pages: Sequence[Mapping[str, Any]],
    walk: Mapping[str, Any],
    *,
    key: str,
    words: Sequence[str],
    done: Sequence[str],
    refused: Mapping[str, str],
    told: Sequence[Mapping[str, Any]],
    on_message: Callable[[Message], None],
) -> None:
    """Draw the board; `on_message` hears what was done in it before the page is drawn again.

    `pages`: the image on show and some before and after it, as `workbench.ui.caption.board_data.page` makes them. `walk`: {ids, offset,
    number, image, step}: ids around the image on show, the place of the first of them among `number`, and the last `step` heard; the
    board follows `image` only where it has taken no step since. `words` complete what is typed. `done` are ids of deeds that are in the
    store, `refused` sentences by the id of a deed that is not, `told` sentences {id, text} of which the newest is shown. A deed: {id,
    kind, image, picture (sha256), caption, …}; a `write` names the text `before` it. The browser keeps each one, and sends it again after
    a reload, until it is answered.
    """

    def hear() -> None:
        message = st.session_state[key].did
        if message:
            on_message(Message(tuple(message["deeds"]), message["image"], message["step"]))

    data = {"pages": list(pages), "walk": dict(walk), "words": list(words), "done": list(done), "refused": dict(refused)}
    _component(key=key, data=data | {"told": list(told)}, on_did_change=hear)
