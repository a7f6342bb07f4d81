"""Ground: what a caption mentions beside the image, with the mask of each; run, accept, correct or remove groundings."""

import streamlit as st

from db.enums import Origin
from db.models import Image
from workbench import captions, masks, regions
from workbench.captions import CaptionView
from workbench.regions import GroundedMention, RegionView
from workbench.ui import context, correcting, progress, walk, wording
from workbench.ui.components.keys import keys
from workbench.ui.components.mask_view import Outline, mask_view
from workbench.ui.files import thumb_url
from workbench.ui.marking import marked, spans_of

KEYS = {
    "ArrowLeft": "previous image", "ArrowRight": "next image", "m": "next mention", "z": "undo the last change of a mask",
    "x": "remove the mask in hand",
}  # fmt: skip
TOOLS = {"v": "click: add, with Alt take away", "b": "box", "g": "polygon", "p": "paint", "e": "erase"}
LEAST_OVERLAP = 0.01


def draw() -> None:
    """The page."""
    place = walk.place("Ground", "Captions meet their objects here. Import images with captions in the Library first.")
    if place is None:
        return
    progress.watch("ground_phrases")
    image = place.image
    pressed = keys(KEYS, key="ground-keys", hints=TOOLS)
    with context.reading() as session:
        views = captions.of_image(session, image.id)
        found = regions.of_image(session, image.id)
    picture, words = st.columns([3, 2], gap="medium")
    with words:
        mention = _mentions(image, views, turn=pressed == "m")
        lit = {region.id for region in mention.regions} if mention else set()
        _regions(image, found, lit)
    with picture:
        in_hand = _image(image, found, mention, lit)
    if pressed in ("ArrowLeft", "ArrowRight"):
        walk.step(place, back=pressed == "ArrowLeft")
    elif pressed == "z":
        correcting.undo(image)
    elif pressed == "x" and in_hand:
        _remove(in_hand)


def _mentions(image: Image, views: list[CaptionView], turn: bool) -> GroundedMention | None:
    """The caption's mentions as a choice, the next one where it is to `turn`; returns the one in hand with its regions."""
    if not views:
        st.info("This image has no caption yet; write one on the Caption page, then ground it.")
        return None
    by_id = {view.caption.id: view for view in views}
    caption_id = st.selectbox(
        "Caption", by_id, key=f"caption-of-{image.id}",
        format_func=lambda key: f"{wording.LEVEL_GLYPHS[by_id[key].caption.level]} {by_id[key].caption.text}",
    )  # fmt: skip
    view = by_id[caption_id]
    st.html(f'<p class="saying">{marked(view.caption.text, spans_of(view.mentions))}</p>')
    with context.reading() as session:
        grounded = regions.for_caption(session, caption_id)
    if st.button("Ground this image's phrases", help="A worker with the model finds a mask for every phrase"):
        progress.start("ground_phrases", {"query": f"id:{image.id}"}, "Grounding is queued.")
        st.rerun()
    if not grounded:
        st.caption("This caption mentions nothing that could be colored.")
        return None
    key = f"mention-of-{caption_id}"
    if turn:
        st.session_state[key] = (st.session_state.get(key, 0) + 1) % len(grounded)
    chosen = st.radio(
        "Mention", range(len(grounded)), key=key, label_visibility="collapsed",
        format_func=lambda index: wording.plain(grounded[index].phrase), captions=[_state(mention) for mention in grounded],
    )  # fmt: skip
    return grounded[chosen or 0]


def _state(mention: GroundedMention) -> str:
    return wording.count(len(mention.regions), "mask") if mention.regions else "not grounded"


def _image(image: Image, found: list[RegionView], mention: GroundedMention | None, lit: set[int]) -> int:
    """The picture with its masks; returns the id of the one in hand, NEW (0) without one."""
    correct = mention is not None and st.toggle("Correct the masks of this mention", key="correcting")
    in_hand = correcting.target(mention) if correct else correcting.NEW
    if correct:
        correcting.say_method()
    waits = correcting.waiting(image)
    shown = {in_hand} if correct else lit
    outlines = [Outline(view.region.id, view.region.mask, view.region.label, view.region.id in shown) for view in found]
    clicked, correction = mask_view(
        thumb_url(image.upright_key, "color", 1024), (image.width, image.height), outlines, key=f"masks-{image.id}", correcting=correct,
        waiting=waits,
    )  # fmt: skip
    if mention and clicked is not None:
        _toggle(mention, clicked, lit)
    if mention and correction:
        correcting.correct(image, mention, in_hand, correction)
    return in_hand


def _toggle(mention: GroundedMention, region_id: int, lit: set[int]) -> None:
    """A click puts the mention on a region, or takes it off."""
    with context.attempt(), context.transaction() as session:
        if region_id in lit:
            regions.unground(session, mention.mention.id, region_id, actor=context.actor())
        else:
            regions.ground(session, mention.mention.id, region_id, origin=Origin.HUMAN, actor=context.actor())
    st.rerun()


def _regions(image: Image, found: list[RegionView], lit: set[int]) -> None:
    if found:
        st.markdown(f"**{wording.count(len(found), 'region')}** of the image")
    with st.container(gap=None):
        for view in found:
            _region_line(image, view, [other for other in found if other is not view], view.region.id in lit)


def _region_line(image: Image, view: RegionView, others: list[RegionView], lit: bool) -> None:
    region = view.region
    meant = ", ".join(sorted({mention.object for mention in view.mentions})) or "not mentioned"
    share = region.area_px / (image.width * image.height)
    shared = [(masks.overlap(region.mask, other.region.mask), other.region.label or "unnamed") for other in others]
    over = "".join(f" · {part:.0%} on {wording.plain(label)}" for part, label in sorted(shared, reverse=True) if part >= LEAST_OVERLAP)
    text, button = st.columns([6, 1], vertical_alignment="center")
    glyph = "◼" if lit else "◻"
    text.caption(f"{glyph} {wording.plain(region.label) or 'unnamed'} · {share:.1%} · {region.origin.value} · {wording.plain(meant)}{over}")
    if button.button("Remove", key=f"remove-{region.id}", type="tertiary"):
        _remove(region.id)


def _remove(region_id: int) -> None:
    with context.attempt(), context.transaction() as session:
        regions.remove(session, region_id, actor=context.actor())
    st.rerun()


draw()
