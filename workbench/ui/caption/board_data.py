"""What the caption board shows of an image, and what its deeds do to the store."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import cv2
import numpy as np
import streamlit as st
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, CaptionStatus, Origin
from db.models import Event, Image
from db.tokens import MOST_TOKENS, first_lost
from workbench import captions, images, regions
from workbench.captions import CaptionView, MentionView, completions, history
from workbench.errors import ConflictError, WorkbenchError
from workbench.imaging import basic_term, masks, representative
from workbench.regions import colors_from_masks
from workbench.store import events
from workbench.ui.app import context
from workbench.ui.app.media_routes import thumb_url
from workbench.ui.shared import wording

KEPT = 60
"""Ends of deeds that are told to the browser again."""
STEPS = 12
"""Steps of a caption's history on its card."""
MORE_VARIANTS = 3
FRESH_SECONDS = 600
"""How long a vocabulary counts as the library's."""


def picture(session: Session, image: Image) -> dict[str, Any]:
    """The image with the outlines of its regions, for the board."""
    outlines = [
        {
            "id": view.region.id,
            "path": outline(view.region.mask["counts"], tuple(view.region.mask["size"])),
            "label": view.region.label or "unnamed",
            "mentions": [mention.id for mention in view.mentions],
        }
        for view in regions.of_image(session, image.id)
    ]
    faces = {name: thumb_url(image.upright_key, kind, 1024) for name, kind in (("src", "color"), ("gray", "gray"))}
    note = f"{image.file_name} · {image.width} × {image.height} · {image.source or 'no source named'}"
    return {
        "id": image.id,
        "sha256": image.sha256,
        "width": image.width,
        "height": image.height,
        "outlines": outlines,
        "note": note,
        **faces,
    }


@st.cache_data(max_entries=2000, show_spinner=False)
def outline(counts: str, size: tuple[int, int]) -> str:
    """The outline of a mask as the data of an SVG path, in the image's pixels."""
    mask = masks.decode({"size": list(size), "counts": counts}).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    lines = [cv2.approxPolyDP(contour, max(size) / 500, True)[:, 0] for contour in contours]
    return " ".join("M" + "L".join(f"{x} {y}" for x, y in line) + "Z" for line in lines if len(line) > 2)


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def words(_session: Session, url: str) -> list[str]:
    """The library's vocabulary, read now and then; `url` is the store's."""
    return completions.words(_session)


def cards(session: Session, image: Image, views: Iterable[CaptionView]) -> list[dict[str, Any]]:
    """The captions for the board: accepted ones before proposals."""
    steps: dict[str, list[Event]] = {}
    for event in history.of_image(session, image.id):
        steps.setdefault(event.subject_id, []).append(event)
    ordered = sorted(views, key=lambda view: (view.caption.status == CaptionStatus.PROPOSED, view.caption.id))
    return [_card(view, steps.get(str(view.caption.id), [])) for view in ordered]


def _card(view: CaptionView, steps: list[Event]) -> dict[str, Any]:
    caption = view.caption
    colorable = [part for part in view.mentions if part.mention.colorable]
    tokens = caption.tokens
    return {
        "id": caption.id,
        "text": caption.text,
        "level": caption.level.value,
        "proposed": caption.status == CaptionStatus.PROPOSED,
        "overruled": caption.level_origin != Origin.RULE,
        "covered": f"{sum(bool(part.colors) for part in colorable)}/{len(colorable)} objects",
        "tokens": f"{tokens}/{MOST_TOKENS}",
        "over": tokens > MOST_TOKENS,
        "lost": first_lost(caption.text),
        "whence": _whence(view),
        "mentions": [
            {
                "id": part.mention.id,
                "start": part.mention.start,
                "end": part.mention.end,
                "colored": bool(part.colors),
                "title": f"{part.mention.object}: {', '.join(part.colors) or 'no color'}",
                "chips": _chips(caption.text, part),
            }
            for part in colorable
        ],
        "past": [_step(event) for event in steps[:STEPS]],
    }


def _chips(text: str, part: MentionView) -> list[dict[str, Any]]:
    """A chip behind each word that gives the mention a color: a word of its phrase, else the nearest one that names the color."""
    start, end = part.mention.start, part.mention.end
    placed = []
    for color in part.colors:
        naming = [word for word in re.finditer(r"[^\W\d_]+", text) if basic_term(word.group()) == color]
        best = min(naming, key=lambda word: max(start - word.start(), word.end() - end, 0), default=None)
        if best is not None:
            placed.append({"end": best.end(), "color": representative(color)})
    return sorted(placed, key=lambda chip: chip["end"])


def _whence(view: CaptionView) -> str:
    """Where the text and the level come from."""
    caption = view.caption
    text = wording.ORIGIN_WORDS[caption.text_origin]
    made = {Origin.RULE: "machine-made", Origin.MODEL: "machine-made"}.get(caption.text_origin, text)
    parts = [f"proposed, {made}" if caption.status == CaptionStatus.PROPOSED else text]
    if caption.level_origin != Origin.RULE:
        differs = caption.computed_level is not None and caption.computed_level != caption.level
        parts.append(f"level {wording.ORIGIN_WORDS[caption.level_origin]}" + (f" (rules: {caption.computed_level})" if differs else ""))
    return " · ".join(parts)


def _step(event: Event) -> dict[str, Any]:
    before, after = event.before or {}, event.after or {}
    changed = [f"{before[name]} → {after[name]}" for name in ("text", "level", "status") if name in after and before.get(name)]
    told = " ".join([wording.ago(event.created_at), event.actor, event.action, *(changed or [after.get("text", "")])])
    stands = event.undone_by_id is None and event.action not in (events.UNDO, "create")
    return {"id": event.id, "told": told, "undone": event.undone_by_id is not None, "stands": stands}


def do(deeds: Iterable[Mapping[str, Any]]) -> None:
    """Do what the board says was done, each once; ends and refusals are kept for the board."""
    done, refused = st.session_state.setdefault("deeds-done", []), st.session_state.setdefault("deeds-refused", {})
    for deed in deeds:
        if deed["id"] in done or deed["id"] in refused:
            continue
        try:
            with context.transaction() as session:
                _do(session, deed)
            done.append(deed["id"])
        except WorkbenchError as refusal:
            refused[deed["id"]] = str(refusal)
            if deed["kind"] not in ("write", "add"):
                context.say_no(str(refusal))
    del done[:-KEPT]
    for old in list(refused)[:-KEPT]:
        del refused[old]


def _do(session: Session, deed: Mapping[str, Any]) -> None:
    who, caption_id = context.actor(), deed.get("caption")
    if images.get(session, deed["image"]).sha256 != deed["picture"]:
        raise ConflictError("The browser kept a change for a picture of another store; it was not made here.")
    match deed["kind"]:
        case "write":
            captions.edit(session, caption_id, deed["text"].strip(), actor=who)
        case "add":
            _add(session, deed, who)
        case "accept":
            captions.accept(session, [caption_id], actor=who)
        case "drop":
            captions.drop(session, [caption_id], actor=who)
        case "level":
            captions.set_level(session, caption_id, deed["level"] and CaptionLevel(deed["level"]), actor=who)
        case "derive":
            _derive(session, caption_id, who)
        case "undo":
            _take_back_one(session, deed["event"], who)


def _add(session: Session, deed: Mapping[str, Any], who: str) -> None:
    """A caption that was dropped before comes back by being written again."""
    added = captions.add(session, deed["image"], deed["text"].strip(), text_origin=Origin.HUMAN, author=who)
    captions.accept(session, [added.id], actor=who)
    if added.level != deed["level"]:
        context.say(f"Read as {wording.level(added.level)}; L changes that.")


def _derive(session: Session, caption_id: int, who: str) -> None:
    """Propose what is not there yet; asked again, some variants more."""
    there = sum(
        view.caption.derived_from_id == caption_id for view in captions.of_image(session, captions.get(session, caption_id).image_id)
    )
    variants = MORE_VARIANTS + there
    made = captions.derive(session, caption_id, author=who, variants=variants)
    if not made:
        context.say("Nothing follows from this caption: it names no colors.")


def _take_back_one(session: Session, event_id: int, who: str) -> None:
    event = session.get(Event, event_id)
    if event is not None and event.undone_by_id is None:
        events.undo(session, event_id, actor=who)


def take_back(image: Image) -> None:
    """Undo the newest change of a person to the image's captions; what was taken back can be done again."""
    with context.attempt(), context.transaction() as session:
        change = history.last_change(session, image.id)
        if change is None:
            context.say("No change of these captions is left to undo.")
            return
        undone = history.take_back(session, change, actor=context.actor())
        st.session_state.setdefault(f"redo-{image.id}", []).append(undone)
        context.say(f"Undone: {change.action}. Y does it again.")


def do_again(image: Image) -> None:
    """Take the newest undoing of this visit back."""
    stack = st.session_state.get(f"redo-{image.id}", [])
    if not stack:
        context.say("Nothing was undone here.")
        return
    with context.attempt(), context.transaction() as session:
        try:
            for event_id in reversed(stack.pop()):
                events.undo(session, event_id, actor=context.actor())
        except ConflictError:
            raise ConflictError("This was changed since, so the undone step cannot be done again.") from None


def describe(image: Image) -> None:
    """Propose a caption with the colors that the original shows."""
    with context.attempt():
        with context.transaction() as session:
            made = colors_from_masks.describe(session, context.media(), image.id, author=context.actor())
            waits = made.status == CaptionStatus.PROPOSED
        text = wording.plain(made.text)
        context.say(f"Proposed from the picture: {text}" if waits else f"The picture says what a caption says already: {text}")
