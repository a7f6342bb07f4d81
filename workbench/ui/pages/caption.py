"""Caption: one image beside its descriptions at three levels, edited by keyboard and saved as they are typed."""

import streamlit as st

from db.enums import CaptionLevel, CaptionStatus, Origin
from db.models import Event, Image
from workbench import captions, events
from workbench.captions import CaptionView
from workbench.query import MOST_TOKENS, estimated_tokens
from workbench.ui import context, walk, wording
from workbench.ui.components.caption_editor import caption_editor
from workbench.ui.components.keys import keys
from workbench.ui.files import thumb_url
from workbench.ui.marking import spans_of

KEYS = {"ArrowLeft": "previous image", "ArrowRight": "next image", "d": "derive partial and scarce", "z": "undo the last change"}
FOCUS = {
    str(number): (f"textarea[data-level={level.value}]", f"edit {wording.level(level)}") for number, level in enumerate(CaptionLevel, 1)
} | {"/": ('input[aria-label="Search"]', "search")}


def draw() -> None:
    """The page."""
    place = walk.place("Caption", "Descriptions belong here, one image at a time. Start by importing images in the Library.")
    if place is None:
        return
    image = place.image
    with context.reading() as session:
        views = captions.of_image(session, image.id)
    picture, words = st.columns([2, 5], gap="medium")
    with picture:
        _picture(image)
    with words:
        for level, column in zip(CaptionLevel, st.columns(3), strict=True):
            with column:
                _column(image, level, [view for view in views if view.caption.level == level])
    _history(image)
    pressed = keys(KEYS, key="caption-keys", focus=FOCUS, hints={"Tab": "accept the proposal being edited", "Esc": "leave the field"})
    _answer(pressed, place, views)


def _picture(image: Image) -> None:
    kind = st.segmented_control("Show", ["Color", "Lightness"], default="Color", required=True, label_visibility="collapsed", key="face")
    st.html(f'<img class="whole" src="{thumb_url(image.upright_key, "color" if kind == "Color" else "gray", 1024)}" alt="the image">')
    source = wording.plain(image.source) or "no source named"
    st.caption(f"{wording.plain(image.file_name)} · {image.width} × {image.height} · {source}")


def _column(image: Image, level: CaptionLevel, views: list[CaptionView]) -> None:
    st.markdown(f"**{wording.level(level)}**")
    for view in views:
        _card(view)
    key = f"new-{image.id}-{level.value}"
    st.text_area(
        f"Add a {level.value} caption", key=key, height=68, placeholder=f"Write a {level.value} caption",
        label_visibility="collapsed", on_change=_add, args=(image.id, key, level),
    )  # fmt: skip


def _card(view: CaptionView) -> None:
    caption = view.caption
    proposed = caption.status == CaptionStatus.PROPOSED
    others = [(f"level:{other.value}", wording.LEVEL_GLYPHS[other]) for other in CaptionLevel if other != caption.level]
    actions = [("accept", "Accept"), ("drop", "Drop")] if proposed else [*others, ("derive", "Derive"), ("drop", "Drop")]
    written, action = caption_editor(
        caption.text,
        key=f"caption-{caption.id}",
        level=caption.level.value,
        spans=spans_of(view.mentions),
        note=_note(view),
        proposed=proposed,
        actions=actions,
    )
    if written is not None:
        _change(lambda session, actor: captions.edit(session, caption.id, written.strip(), actor=actor))
    if action:
        _act(action, caption.id)


def _note(view: CaptionView) -> str:
    """How many of its objects have a color, how much of the text encoder's room it takes, and where it comes from."""
    colorable = [part for part in view.mentions if part.mention.colorable]
    colored = sum(bool(part.colors) for part in colorable)
    origin = wording.ORIGIN_WORDS[view.caption.text_origin]
    whence = f"proposed {origin}" if view.caption.status == CaptionStatus.PROPOSED else origin
    return f"{colored}/{len(colorable)} objects · {estimated_tokens(view.caption.text)}/{MOST_TOKENS} tokens · {whence}"


def _act(action: str, caption_id: int) -> None:
    verb, _, level = action.partition(":")
    actions = {
        "accept": lambda session, actor: captions.accept(session, [caption_id], actor=actor),
        "drop": lambda session, actor: captions.drop(session, [caption_id], actor=actor),
        "derive": lambda session, actor: captions.derive(session, caption_id, author=actor),
        "level": lambda session, actor: captions.set_level(session, caption_id, CaptionLevel(level), actor=actor),
    }
    _change(actions[verb])


def _change(action) -> None:
    with context.attempt(), context.transaction() as session:
        action(session, context.actor())
    st.rerun()


def _add(image_id: int, key: str, level: CaptionLevel) -> None:
    text = st.session_state[key].strip()
    if not text:
        return
    with context.attempt():
        with context.transaction() as session:
            added = captions.add(session, image_id, text, text_origin=Origin.HUMAN, author=context.actor())
        if added.level != level:
            context.say(f"Read as {wording.level(added.level)}; the buttons under it change that.")
    st.session_state[key] = ""


def _answer(pressed: str | None, place: walk.Place, views: list[CaptionView]) -> None:
    if pressed in ("ArrowLeft", "ArrowRight"):
        walk.step(place, back=pressed == "ArrowLeft")
    elif pressed == "d":
        complete = [view.caption for view in views if view.caption.level != CaptionLevel.SCARCE]
        accepted = [caption for caption in complete if caption.status == CaptionStatus.ACCEPTED]
        if accepted:
            _act("derive", min(accepted, key=lambda caption: list(CaptionLevel).index(caption.level)).id)
    elif pressed == "z":
        standing = [event for event in _events(place.image) if event.undone_by_id is None and event.action != "undo"]
        if standing:
            _change(lambda session, actor: events.undo(session, standing[0].id, actor=actor))


def _events(image: Image) -> list[Event]:
    """What happened to the image's captions, dropped ones included, newest first."""
    with context.reading() as session:
        every = captions.find(session, f"id:{image.id} status:accepted,proposed,dropped", limit=500)
        found = [event for caption in every for event in events.history(session, "caption", caption.id)]
    return sorted(found, key=lambda event: -event.id)


def _history(image: Image) -> None:
    with st.expander("History of these captions"):
        found = _events(image)[:30]
        for event in found:
            text = wording.plain((event.after or event.before or {}).get("text", ""))
            undone = " · undone" if event.undone_by_id else ""
            st.caption(f"{wording.ago(event.created_at)} · {wording.plain(event.actor)} · {event.action}{undone} · {text}")


draw()
