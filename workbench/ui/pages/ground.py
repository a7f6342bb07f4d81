"""Ground: what a caption mentions beside the image, with the mask of each; run, accept, correct or remove groundings."""

import streamlit as st

from db.models import Image
from workbench import captions, regions
from workbench.captions import CaptionView
from workbench.regions import GroundedMention, RegionView
from workbench.ui.app import context
from workbench.ui.app.media_routes import thumb_url
from workbench.ui.components.color_chips import marked, spans_of
from workbench.ui.components.keys import keys
from workbench.ui.components.mask_view import Outline, mask_view
from workbench.ui.ground import mask_correction, region_list
from workbench.ui.shared import image_walk, run_progress, wording

DIGITS = "123456789"
KEYS = {
    "ArrowLeft": "previous image", "ArrowRight": "next image", "n": "next caption", "m": "next mention",
    **dict.fromkeys(DIGITS, ""), "d": "correct the mention's masks, or be done", "z": "undo the last change of a mask",
    "x": "remove the mask in hand",
}  # fmt: skip
HINTS = {
    "1–9": "tie the mention to this region, or take it off", "v": "click: add, with Alt or Shift take away", "b": "box", "g": "polygon",
    "p": "paint", "e": "erase",
}  # fmt: skip


def draw() -> None:
    """The page."""
    place = image_walk.place("Ground", "Captions meet their objects here. Import images with captions in the Library first.")
    if place is None:
        return
    run_progress.watch("ground_phrases")
    image = place.image
    pressed = keys(KEYS, key="ground-keys", hints=HINTS, turns=image_walk.TURNS)
    with context.reading() as session:
        views = captions.of_image(session, image.id)
        found = regions.of_image(session, image.id)
    numbers = region_list.numbered(found)
    picture, words = st.columns([3, 2], gap="medium")
    with words:
        caption_id = _caption(image, views, turn=pressed == "n")
        mention = _mentions(caption_id, found, numbers, turn=pressed == "m") if caption_id else None
        lit = {region.id for region in mention.regions} if mention else set()
        region_list.draw(image, found, numbers, lit)
    with picture:
        in_hand = _image(image, found, numbers, mention, lit, turn=pressed == "d")
    by_number = {str(number): region_id for region_id, number in numbers.items()}
    if pressed == "z":
        mask_correction.undo(image)
    elif pressed == "x" and in_hand:
        region_list.remove(in_hand)
    elif mention and pressed in by_number:
        region_list.toggle(mention, by_number[pressed], lit)


def _caption(image: Image, views: list[CaptionView], turn: bool) -> int | None:
    """The caption in hand as a choice with its words, the next one where it is to `turn`; returns its id."""
    if not views:
        st.info("This image has no caption yet; write one on the Caption page, then ground it.")
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
    if st.button("Ground this image's phrases", help="A worker with the model finds a mask for every phrase"):
        run_progress.start("ground_phrases", {"query": f"id:{image.id}"}, "Grounding is queued.")
        st.rerun()
    return caption_id


def _mentions(caption_id: int, found: list[RegionView], numbers: dict[int, int], turn: bool) -> GroundedMention | None:
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
        "Mention", range(len(grounded)), key=key, label_visibility="collapsed",
        format_func=lambda index: wording.plain(grounded[index].phrase),
        captions=[region_list.state(mention, found, numbers) for mention in grounded],
    )  # fmt: skip
    return grounded[chosen or 0]


def _image(
    image: Image, found: list[RegionView], numbers: dict[int, int], mention: GroundedMention | None, lit: set[int], turn: bool
) -> int:
    """The picture with its numbered masks, corrected or not, the other where it is to `turn`; returns the id of the mask in hand or NEW."""
    if turn:
        st.session_state["correcting"] = not st.session_state.get("correcting", False)
    correct = mention is not None and st.toggle("Correct the masks of this mention", key="correcting")
    in_hand = mask_correction.target(mention, numbers) if correct else mask_correction.NEW
    if correct:
        mask_correction.get_ready(image)
        mask_correction.say_method()
    waits = mask_correction.waiting(image)
    shown = {in_hand} if correct else lit
    outlines = [
        Outline(view.region.id, view.region.mask, str(numbers[view.region.id]), view.region.id in shown)
        for view in sorted(found, key=lambda view: -view.region.area_px)
    ]
    clicked, correction = mask_view(
        thumb_url(image.upright_key, "color", 1024), (image.width, image.height), outlines, key=f"masks-{image.id}", correcting=correct,
        waiting=waits,
    )  # fmt: skip
    if mention and clicked is not None:
        region_list.toggle(mention, clicked, lit)
    if mention and correction:
        mask_correction.correct(image, mention, in_hand, correction)
    return in_hand


draw()
