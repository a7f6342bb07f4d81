"""Caption: one image beside its descriptions at three levels, worked by keyboard and saved as they are typed."""

import streamlit as st

from db.models import Image
from workbench.captions import Edit
from workbench.ui.app import address, context
from workbench.ui.caption import board_data, board_deeds, edit_batches
from workbench.ui.components.caption_board import Message, caption_board
from workbench.ui.components.keys import keys
from workbench.ui.shared import deeds, image_walk, run_progress, wording
from workbench.ui.shared.links import link
from workbench.ui.shared.popovers import close, popover

TITLE = "Caption"
POPOVER = "caption-bulk"
AHEAD, BEHIND = 6, 2
"""Images that the board gets along with the one on show, so that it turns to them at once."""
NEAR = 80
"""Ids that the board knows to each side, so that it knows where to turn to when it is far ahead of the server."""
FOCUS = {"/": ('input[aria-label="Search"]', "search")}
HINTS = {
    "1 2 3": "write or edit complete, partial, scarce; again: the next of that level",
    "j k": "next, previous caption (↓ ↑)",
    "e": "edit the chosen caption",
    "Enter": "accept or save, and on; after the last one the next image",
    "Tab": "while writing: take the completion, else as Enter",
    "Ctrl+Enter": "save, and the next image",
    "← →": "previous, next image",
    "a": "accept the proposal; Shift+A all of this image",
    "x": "remove the caption",
    "d": "derive partial and scarce; again: more variants",
    "l": "next level, kept as yours",
    "s": "suggestions for a misspelled word; then 1 2 3; while writing Ctrl+.",
    "h": "history of the chosen caption",
    "p": "propose a caption from the colors of the masked objects",
    "z y": "undo the last change of this image, do it again",
    "g": "show gray, show color",
    "+ − 0": "zoom in, out, fit; the wheel zooms, dragging moves",
    "Esc": "leave the field",
}


def draw() -> None:
    """The page."""
    place = image_walk.place(
        TITLE, "Descriptions belong here, one image at a time. Import images in the Library first, or begin with the demo.", arrows=False
    )
    if place is None:
        return
    _board()
    _below(place)
    run_progress.watch("level_captions", "describe_images", "import_captions", *edit_batches.JOBS)
    keys({}, key="caption-keys", focus=FOCUS, hints=HINTS)


@st.fragment
def _board() -> None:
    """The board, drawn again alone with each thing that is done in it."""
    place = image_walk.stand(TITLE, address.query())
    if place is None:
        st.rerun()
    with context.reading() as session:
        near = [session.get(Image, place.neighbor(steps)) for steps in range(-BEHIND, AHEAD + 1) if place.neighbor(steps) is not None]
        known = board_data.known_words(session, context.settings().database_url)
        pages = [board_data.page(session, image, known) for image in near if image is not None]
        words = board_data.words(session, context.settings().database_url)
    caption_board(
        pages, _walk(place), key="caption-board", words=words, told=st.session_state.get(board_deeds.TOLD, []), on_message=_hear,
        **deeds.answers(TITLE),
    )  # fmt: skip


def _walk(place: image_walk.Place) -> dict:
    first = max(0, place.index - NEAR)
    ids = [int(one) for one in place.walk.ids[first : place.index + NEAR + 1]]
    return {"ids": ids, "offset": first, "number": place.number, "image": place.image.id, "step": st.session_state.get("caption-step", 0)}


def _hear(message: Message) -> None:
    """Do what was done at the board, each thing on the image that it was done to, and then stand where the board stands."""
    deeds.carry_out(TITLE, message.deeds, board_deeds.do)
    if message.step >= st.session_state.get("caption-step", 0):
        st.session_state["caption-step"] = message.step
        image_walk.go_to(TITLE, message.image)


def _below(place: image_walk.Place) -> None:
    """What can be done with the proposals of every image that matches."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        matching = wording.count(place.number, "matching image" if place.query.strip() else "image")
        with popover(f"For all {matching}" if place.number > 1 else "For this image", POPOVER):
            _bulk(place.query)
        link("edits", "Find and replace, change levels, delete, tag…", q=place.query)
    image_walk.say_what_changed(place)


def _bulk(query: str) -> None:
    if st.button("Derive partial and scarce captions", width="stretch"):
        close(POPOVER)
        run_progress.start("level_captions", {"query": query, "derive": True}, "Deriving is queued; proposals appear as they are made.")
        st.rerun()
    if st.button("Propose captions from the colors", width="stretch", help="From the original's colors, where there are masks"):
        close(POPOVER)
        run_progress.start("describe_images", {"query": query}, "Proposing is queued; proposals appear as they are made.")
        st.rerun()
    for label, kind in (("Accept all proposals", "accept"), ("Remove all proposals", "remove")):
        edit = Edit(kind, query, proposals=True)
        if st.button(label, width="stretch", help="As one batch; the Edits page can undo it"):
            close(POPOVER)
            edit_batches.carry_out(edit, edit_batches.looked_at(edit))


draw()
