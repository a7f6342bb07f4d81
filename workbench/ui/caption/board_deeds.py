"""What the deeds of the caption board do to the store, each bound to the picture, the caption and the text that its author saw."""

import time

import streamlit as st
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, CaptionStatus, Origin
from db.models import Caption, Event, Image
from workbench import captions, images
from workbench.captions import history
from workbench.errors import ConflictError, NotFoundError
from workbench.regions import colors_from_masks
from workbench.store import events
from workbench.ui.app import context
from workbench.ui.shared import wording
from workbench.ui.shared.deeds import Deed

MORE_VARIANTS = 3
TOLD = "caption-told"


def do(session: Session, deed: Deed) -> None:
    """Do one deed; raises WorkbenchError, with nothing changed, where it does not fit what the store holds by now."""
    who, image = context.actor(), _image_of(session, deed)
    match deed["kind"]:
        case "write":
            captions.edit(session, _unchanged(session, deed).id, deed["text"], actor=who)
        case "add":
            _add(session, deed, who)
        case "accept":
            captions.accept(session, [_caption_of(session, deed).id], actor=who)
        case "drop":
            captions.drop(session, [_caption_of(session, deed).id], actor=who)
        case "level":
            captions.set_level(session, _caption_of(session, deed).id, deed["level"] and CaptionLevel(deed["level"]), actor=who)
        case "derive":
            _derive(session, _caption_of(session, deed), who)
        case "undo":
            _take_back_one(session, deed, who)
        case "take_back":
            _take_back(session, image, who)
        case "do_again":
            _do_again(session, image, who)
        case "describe":
            _describe(session, image, who)


def say(sentence: str) -> None:
    """Tell the person at the board."""
    st.session_state[TOLD] = [{"id": time.monotonic_ns(), "text": sentence}]


def _image_of(session: Session, deed: Deed) -> Image:
    image = images.get(session, deed["image"])
    if image.sha256 != deed["picture"]:
        raise ConflictError("The browser kept a change for a picture of another store; it was not made here.")
    return image


def _caption_of(session: Session, deed: Deed) -> Caption:
    caption = session.get(Caption, deed["caption"])
    if caption is None or caption.status == CaptionStatus.DROPPED:
        raise NotFoundError("This caption was removed meanwhile.")
    if caption.image_id != deed["image"]:
        raise ConflictError("This caption belongs to another image; nothing was changed.")
    return caption


def _unchanged(session: Session, deed: Deed) -> Caption:
    """The caption of a deed that replaces its text, where it still reads as its author saw it."""
    caption = _caption_of(session, deed)
    if caption.text not in (deed["before"], deed["text"]):
        raise ConflictError(f"Not saved: meanwhile this caption was changed to “{caption.text}”. Enter saves your text over it.")
    return caption


def _add(session: Session, deed: Deed, who: str) -> None:
    """A caption that was removed before comes back by being written again."""
    added = captions.add(session, deed["image"], deed["text"], text_origin=Origin.HUMAN, author=who)
    captions.accept(session, [added.id], actor=who)
    if added.level != deed["level"]:
        say(f"{deed['name']}: saved as {wording.level(added.level)}, as its words say; L changes the level.")


def _derive(session: Session, caption: Caption, who: str) -> None:
    """Propose what is not there yet; asked again, some variants more."""
    present = sum(view.caption.derived_from_id == caption.id for view in captions.of_image(session, caption.image_id))
    if not captions.derive(session, caption.id, author=who, variants=MORE_VARIANTS + present):
        say("Nothing can be derived from this caption: it names no colors.")


def _take_back_one(session: Session, deed: Deed, who: str) -> None:
    event = session.get(Event, deed["event"])
    if event is None or (event.subject, event.subject_id) != ("caption", str(_caption_of(session, deed).id)):
        raise ConflictError("This step belongs to another caption; nothing was changed.")
    if event.undone_by_id is None:
        events.undo(session, event.id, actor=who)


def _take_back(session: Session, image: Image, who: str) -> None:
    """Undo the newest change of a person to the image's captions; what was undone can be done again."""
    change = history.last_change(session, image.id)
    if change is None:
        say("Nothing is left to undo on this image.")
        return
    undone = history.take_back(session, change, actor=who)
    st.session_state.setdefault(f"redo-{image.id}", []).append(undone)
    say(f"Undone: {change.action}. Y does it again.")


def _do_again(session: Session, image: Image, who: str) -> None:
    """Take the newest undoing of this visit back."""
    stack = st.session_state.get(f"redo-{image.id}", [])
    if not stack:
        say("Nothing was undone on this image.")
        return
    try:
        for event_id in reversed(stack.pop()):
            events.undo(session, event_id, actor=who)
    except ConflictError:
        raise ConflictError("This was changed since, so the undone step cannot be done again.") from None


def _describe(session: Session, image: Image, who: str) -> None:
    """Propose a caption with the colors that the original shows."""
    made = colors_from_masks.describe(session, context.media(), image.id, author=who)
    if made.status == CaptionStatus.PROPOSED:
        say(f"Proposed from the colors: {made.text}")
    else:
        say(f"A caption says this already: {made.text}")
