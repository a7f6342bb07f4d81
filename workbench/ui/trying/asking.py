"""What is asked of the photo in hand: captions at their levels, seeds, checkpoint and settings; and the try that answers it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import streamlit as st

from db.enums import CaptionLevel
from db.models import Checkpoint, Run
from workbench import levels, runs, tries
from workbench.colorizations.asked_colors import notes, palette_of
from workbench.errors import WorkbenchError
from workbench.tries import Asked
from workbench.ui.app import address, context
from workbench.ui.shared import coloring_options, wording
from workbench.ui.trying.photo import Photo

PINS, TRY = "try-pins", "try"


def captions_of(text: str) -> dict[str, str]:
    """A caption at its own level, and what is derived from it for the levels below."""
    own = levels.read_caption(text).level
    derived = {CaptionLevel.SCARCE: levels.derive_scarce(text)}
    if own is CaptionLevel.COMPLETE:
        partial = levels.derive_partial(text)
        derived = {CaptionLevel.PARTIAL: partial[0] if partial else None} | derived
    return {own.value: text} | {level.value: one.text for level, one in derived.items() if one is not None and level is not own}


def fields(photo: Photo, known: list[Checkpoint]) -> tuple[dict[str, str], dict[str, Any]] | None:
    """The fields; returns captions by level and the other values, or None where something cannot be read yet."""
    if st.session_state.get("pins-of") != photo.sha256:
        st.session_state["pins-of"], st.session_state[PINS] = photo.sha256, []
    text = st.text_input(
        "Caption", _first_caption(photo), key=f"caption-of-{photo.sha256}", placeholder="a burgundy car in front of a mint wall"
    )
    first = st.columns([1.5, 1, 1, 1, 1.3, 2.6], vertical_alignment="bottom")
    checkpoint = coloring_options.checkpoint(first[0], known)
    seeds = first[1].text_input("Seeds", "0-2", help="Whole numbers: 0, 1, 2 or 0-3")
    preset = coloring_options.speed(first[2])
    guidance = coloring_options.guidance(first[3])
    expected = coloring_options.variety(first[4])
    palette = coloring_options.palette(first[5])
    if not text.strip():
        st.info("Write a caption: what the picture shows, and which colors it should have.")
        return None
    try:
        settings = tries.settings_of(preset=preset, guidance=guidance, expected=expected, pins=_pins(), palette=palette_of(palette))
        values = {"seeds": coloring_options.parse_seeds(seeds), "checkpoint": checkpoint, "settings": settings}
        return captions_of(text.strip()), values
    except WorkbenchError as refusal:
        st.error(str(refusal))
        return None


def _first_caption(photo: Photo) -> str:
    if photo.image_id is None:
        return ""
    with context.reading() as session:
        accepted = tries.captions_there(session, photo.image_id)
    return accepted[0].text if accepted else ""


def _pins() -> list[dict[str, Any]]:
    return [{name: pin[name] for name in ("thing", "stroke", "color") if name in pin} for pin in st.session_state.get(PINS, [])]


def say_notes(settings: Mapping[str, Any]) -> None:
    """What the names of asked colors mean, where that is not plain."""
    if said := notes(settings):
        st.caption(wording.plain(" · ".join(said)))


def current(photo: Photo, captions: dict[str, str], values: Mapping[str, Any]) -> tuple[str, int]:
    """The name of these inputs and the run of their try, asked for where they are new; the try before is forgotten with its files."""
    inputs = json.dumps([photo.sha256, photo.size, captions, values], sort_keys=True)
    name = hashlib.sha256(inputs.encode()).hexdigest()[:16]
    held: tuple[str, int] | None = st.session_state.get(TRY)
    if held is not None and held[0] == name:
        return held
    with context.transaction() as session:
        tries.forget_old(session, context.media(), actor=context.actor())
        picture = context.media().put(photo.png, ".png")
        request = Asked(picture, captions, **values, image_id=photo.image_id, sha256=photo.sha256)
        run = tries.ask(session, request, requested_by=context.actor())
        if held is not None:
            tries.forget(session, context.media(), held[1], actor=context.actor())
    st.session_state[TRY] = (name, run.id)
    st.session_state["try-kept"] = {}
    return name, run.id


def discard() -> None:
    """Forget the photo in hand and its try."""
    held = st.session_state.pop(TRY, None)
    if held is not None:
        with context.attempt(), context.transaction() as session:
            tries.forget(session, context.media(), held[1], actor=context.actor())
    for name in ("photo", PINS, "dropped", "picked-image", "try-kept"):
        st.session_state.pop(name, None)
    st.session_state["drops"] = st.session_state.get("drops", 0) + 1
    address.change(image=None)


def run_of(run_id: int) -> Run:
    """The run of a try as it stands."""
    with context.reading() as session:
        return runs.get(session, run_id)
