"""Caption: one image beside its descriptions at three levels, worked by keyboard and saved as they are typed."""

import streamlit as st

from workbench import captions
from workbench.captions import Edit
from workbench.ui.app import context
from workbench.ui.caption import board_data, edit_batches
from workbench.ui.components.caption_board import caption_board
from workbench.ui.components.keys import keys
from workbench.ui.shared import image_walk, run_progress, wording
from workbench.ui.shared.links import link

KEYS = {
    "ArrowLeft": "previous image", "ArrowRight": "next image", "z": "undo the last change", "y": "do it again",
    "p": "describe by the picture's colors",
}  # fmt: skip
FOCUS = {"/": ('input[aria-label="Search"]', "search")}
HINTS = {
    "1 2 3": "edit complete, partial, scarce; again: the next of that level",
    "j k": "next, previous caption (↓ ↑)",
    "e": "edit the chosen caption",
    "Enter": "accept or save, and on; after the last one the next image",
    "Tab": "while writing: take the completion, else as Enter",
    "Ctrl+Enter": "save, and the next image",
    "a": "accept the proposal; Shift+A all of this image",
    "x": "drop",
    "d": "derive partial and scarce; again: more variants",
    "l": "next level, kept as yours",
    "h": "history of the chosen caption",
    "g": "the image's other face",
    "Esc": "leave the field",
}


def draw() -> None:
    """The page."""
    place = image_walk.place("Caption", "Descriptions belong here, one image at a time. Start by importing images in the Library.")
    if place is None:
        return
    run_progress.watch("level_captions", "describe_images", "import_captions", *edit_batches.JOBS)
    image = place.image
    with context.reading() as session:
        views = captions.of_image(session, image.id)
        shown, picture = board_data.cards(session, image, views), board_data.picture(session, image)
        words = board_data.words(session, context.settings().database_url)
    ended = {"done": st.session_state.get("deeds-done", []), "refused": st.session_state.get("deeds-refused", {})}
    board = caption_board(picture, shown, key="caption-board", words=words, **ended)
    _below(place)
    pressed = keys(KEYS, key="caption-keys", focus=FOCUS, hints=HINTS, turns=image_walk.TURNS)
    _answer(place, board.deeds, board.go, pressed)


def _answer(place: image_walk.Place, deeds, go: str, pressed: str | None) -> None:
    if deeds:
        board_data.do(deeds)
    if go:
        image_walk.step(place, back=False)
    elif pressed in ("z", "y", "p"):
        {"z": board_data.take_back, "y": board_data.do_again, "p": board_data.describe}[pressed](place.image)
    if deeds or pressed:
        st.rerun()


def _below(place: image_walk.Place) -> None:
    """What can be done with the proposals of every image that matches."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if st.button("Describe by the picture", help="A proposal with the colors of the masked objects, from the original (P)"):
            board_data.describe(place.image)
            st.rerun()
        with st.popover(f"With all {wording.count(place.number, 'image')}" + (" that match" if place.query.strip() else "")):
            _bulk(place.query)
        link("edits", "Find and replace, relevel, delete, tag…", q=place.query)


def _bulk(query: str) -> None:
    if st.button("Derive partial and scarce", width="stretch"):
        run_progress.start("level_captions", {"query": query, "derive": True}, "Deriving is queued; proposals appear as they are made.")
        st.rerun()
    if st.button("Describe by the pictures", width="stretch", help="Complete captions from originals with masks"):
        run_progress.start("describe_images", {"query": query}, "Describing is queued; proposals appear as they are made.")
        st.rerun()
    take, leave = st.columns(2)
    for column, label, kind in ((take, "Accept all", "accept"), (leave, "Drop all", "remove")):
        edit = Edit(kind, query, proposals=True)
        if column.button(label, width="stretch", help="What is proposed for them, as one batch that the Edits page takes back"):
            edit_batches.carry_out(edit, edit_batches.looked_at(edit))


draw()
