"""What the caption board shows of an image: the picture with its regions, and its captions as cards."""

import re
from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Any

import cv2
import numpy as np
import streamlit as st
from sqlalchemy.orm import Session

from db.enums import CaptionStatus, Origin
from db.models import Event, Image
from db.tokens import MOST_TOKENS, first_lost
from workbench import captions, regions
from workbench.captions import CaptionView, MentionView, completions, history, spelling
from workbench.imaging import basic_term, masks, representative
from workbench.store import events
from workbench.ui.app.media_routes import thumb_url
from workbench.ui.shared import wording

STEPS = 12
"""Steps of a caption's history on its card."""
FRESH_SECONDS = 600
"""How long a vocabulary counts as the library's."""


def page(session: Session, image: Image, known: Collection[str] = ()) -> dict[str, Any]:
    """All that the board shows of an image: {picture, cards}; words that are `known` are no misspellings."""
    return {"picture": picture(session, image), "cards": cards(session, image, captions.of_image(session, image.id), known)}


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
        "name": image.file_name,
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


@st.cache_data(ttl=FRESH_SECONDS, show_spinner=False)
def known_words(_session: Session, url: str) -> frozenset[str]:
    """The library's own nouns, which are right whatever a dictionary says, read now and then; `url` is the store's."""
    return spelling.vocabulary(_session)


def cards(session: Session, image: Image, views: Iterable[CaptionView], known: Collection[str] = ()) -> list[dict[str, Any]]:
    """The captions for the board: accepted ones before proposals."""
    steps: dict[str, list[Event]] = {}
    for event in history.of_image(session, image.id):
        steps.setdefault(event.subject_id, []).append(event)
    ordered = sorted(views, key=lambda view: (view.caption.status == CaptionStatus.PROPOSED, view.caption.id))
    return [_card(view, steps.get(str(view.caption.id), []), known) for view in ordered]


def _card(view: CaptionView, steps: list[Event], known: Collection[str]) -> dict[str, Any]:
    caption = view.caption
    colorable = [part for part in view.mentions if part.mention.colorable]
    tokens = caption.tokens
    return {
        "id": caption.id,
        "text": caption.text,
        "level": caption.level.value,
        "proposed": caption.status == CaptionStatus.PROPOSED,
        "overruled": caption.level_origin != Origin.RULE,
        "covered": f"{sum(bool(part.colors) for part in colorable)} of {wording.count(len(colorable), 'object')} with a color",
        "tokens": f"{tokens} of {MOST_TOKENS} tokens",
        "over": tokens > MOST_TOKENS,
        "lost": first_lost(caption.text),
        "whence": _whence(view),
        "slips": [asdict(slip) for slip in spelling.check(caption.text, known)],
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
        parts.append(f"level {wording.ORIGIN_WORDS[caption.level_origin]}" + (f" (automatic: {caption.computed_level})" if differs else ""))
    return " · ".join(parts)


def _step(event: Event) -> dict[str, Any]:
    before, after = event.before or {}, event.after or {}
    changed = [f"{before[name]} → {after[name]}" for name in ("text", "level", "status") if name in after and before.get(name)]
    told = " ".join([wording.ago(event.created_at), event.actor, event.action, *(changed or [after.get("text", "")])])
    stands = event.undone_by_id is None and event.action not in (events.UNDO, "create")
    return {"id": event.id, "told": told, "undone": event.undone_by_id is not None, "stands": stands}
