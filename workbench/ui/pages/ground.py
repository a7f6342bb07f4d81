"""Ground: what a caption mentions beside the image, with the mask of each; run, accept, correct or remove groundings."""

import streamlit as st

from db.models import Image
from workbench import captions, regions
from workbench.captions import CaptionView
from workbench.regions import GroundedMention, RegionView
from workbench.ui.app import context
from workbench.ui.components.color_chips import marked, spans_of
from workbench.ui.components.keys import keys
from workbench.ui.ground import mask_correction, picture_view, region_list
from workbench.ui.shared import image_walk, run_progress, wording
from workbench.ui.shared.links import link

TITLE = "Ground"
DIGITS = "123456789"
KEYS = {
    "ArrowLeft": "previous image", "ArrowRight": "next image", "n": "next caption", "m": "next phrase",
    **dict.fromkeys(DIGITS, ""), "d": "correct the phrase's masks, or stop", "z": "undo the last change of a mask",
    "c": "confirm the mask in hand as yours", "x": "remove the mask in hand",
}  # fmt: skip
FOCUS = {"/": ('input[aria-label="Search"]', "search")}
HINTS = {
    "1–9": "link the phrase to this mask, or unlink it", "s": "show only the mask in hand", "+ − 0": "zoom in, out, fit; the wheel zooms",
    "Space": "hold and drag to move the picture", "v": "click: add, with Alt or Shift take away",
    "b": "box: replaces the mask, with Shift adds",
    "g": "polygon", "p": "paint", "e": "erase", "[ ]": "brush smaller, larger",
}  # fmt: skip


def draw() -> None:
    """The page."""
    place = image_walk.place(
        TITLE, "Masks of what the captions mention belong here. Import images with captions first, or begin with the demo."
    )
    if place is None:
        return
    image = place.image
    pressed = keys(KEYS, key="ground-keys", focus=FOCUS, hints=HINTS, turns=image_walk.TURNS, bound=str(image.id))
    with context.reading() as session:
        views = captions.of_image(session, image.id)
        region_views = regions.of_image(session, image.id)
    numbers = region_list.numbered(region_views)
    picture, words = st.columns([3, 2], gap="medium")
    with words:
        caption_id = _caption(place, views, turn=pressed == "n")
        mention = _mentions(caption_id, region_views, numbers, turn=pressed == "m") if caption_id else None
        in_hand, correct = _target(image, mention, numbers, turn=pressed == "d")
        lit = {region.id for region in mention.regions} if mention else set()
        region_list.draw(image, region_views, numbers, lit)
    with picture:
        picture_view.draw(image, region_views, numbers, mention, lit, in_hand if correct else None)
        image_walk.say_what_changed(place)
        run_progress.watch("ground_phrases")
    _answer(pressed, image, mention, {str(number): region_id for region_id, number in numbers.items()}, in_hand, lit)


def _answer(
    pressed: str | None, image: Image, mention: GroundedMention | None, by_number: dict[str, int], in_hand: int, lit: set[int]
) -> None:
    """Do what a key asks for."""
    if pressed == "z":
        mask_correction.undo(image)
    elif pressed == "x" and in_hand:
        region_list.remove(in_hand)
    elif pressed == "c" and (in_hand or len(lit) == 1):
        region_list.confirm(in_hand or next(iter(lit)))
    elif mention and pressed in by_number:
        region_list.toggle(mention, by_number[pressed], lit)


def _caption(place: image_walk.Place, views: list[CaptionView], turn: bool) -> int | None:
    """The caption in hand as a choice with its words, the next one where it is to `turn`; returns its id."""
    image = place.image
    if not views:
        st.info("This image has no caption yet. Write one first: masks belong to the phrases of a caption.")
        link("caption", "Write a caption", image=image.id)
        return None
    by_id = {view.caption.id: view for view in views}
    key, options = f"caption-of-{image.id}", list(by_id)
    if turn:
        before = st.session_state.get(key, options[0])
        st.session_state[key] = options[(options.index(before) + 1) % len(options)] if before in by_id else options[0]
    caption_id = st.selectbox(
        "Caption", options, key=key,
        format_func=lambda option: f"{wording.LEVEL_GLYPHS[by_id[option].caption.level]} {by_id[option].caption.text}",
    )  # fmt: skip
    view = by_id[caption_id]
    st.html(f'<p class="saying">{marked(view.caption.text, spans_of(view.mentions))}</p>')
    _find_masks(place)
    return caption_id


def _find_masks(place: image_walk.Place) -> None:
    """The buttons that let a worker find masks: of this image, and of all that match."""
    with st.container(horizontal=True, gap="small"):
        query = None
        if st.button("Find masks for all phrases", help="A worker with the model proposes a mask for every phrase of this image"):
            query = f"id:{place.image.id}"
        if place.number > 1 and st.button(
            f"… in all {wording.count(place.number, 'image')}", key="find-in-all", help="The same for every image that the search shows"
        ):
            query = place.query
    if query is not None:
        run_progress.start("ground_phrases", {"query": query}, "Finding masks is queued.")
        st.rerun()


def _mentions(caption_id: int, views: list[RegionView], numbers: dict[int, int], turn: bool) -> GroundedMention | None:
    """The caption's mentions as a choice, the next one where it is to `turn`; returns the one in hand with its regions."""
    with context.reading() as session:
        grounded = regions.for_caption(session, caption_id)
    if not grounded:
        st.caption("This caption mentions nothing that could be colored.")
        return None
    key = f"mention-of-{caption_id}"
    if turn:
        st.session_state[key] = ((st.session_state.get(key) or 0) + 1) % len(grounded)
    chosen = st.radio(
        "Phrase", range(len(grounded)), key=key, label_visibility="collapsed",
        format_func=lambda index: wording.plain(grounded[index].phrase),
        captions=[region_list.state(mention, views, numbers) for mention in grounded],
    )  # fmt: skip
    return grounded[chosen or 0]


def _switch_correcting() -> None:
    st.session_state["correcting"] = not st.session_state.get("correcting", False)


def _target(image: Image, mention: GroundedMention | None, numbers: dict[int, int], turn: bool) -> tuple[int, bool]:
    """The mask that corrections mean (its id, or NEW), and whether they are made now, the other where it is to `turn`."""
    if turn:
        _switch_correcting()
    on = st.session_state.get("correcting", False)
    # A switch of its own for each state: what a browser that is behind says of the other one does not turn it back.
    shown = mention is not None and st.toggle("Correct the masks of this phrase", on, key=f"correcting-{on}", on_change=_switch_correcting)
    if mention is None or not shown:
        return mask_correction.NEW, False
    in_hand = mask_correction.target(mention, numbers)
    mask_correction.get_ready(image)
    return in_hand, True


draw()
