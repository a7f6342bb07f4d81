"""Findings of a check as cards: the picture, the captions in question and the reason, acted on in place."""

from collections import Counter
from collections.abc import Callable
from html import escape
from pathlib import PurePath

import streamlit as st
from sqlalchemy.orm import Session

from db.enums import CaptionStatus
from db.models import Caption, Image
from workbench import captions, images
from workbench.captions import CaptionView
from workbench.errors import ConflictError, NotFoundError
from workbench.regions import Finding
from workbench.store import events
from workbench.ui.app import context
from workbench.ui.app.media_routes import thumb_url
from workbench.ui.components.color_chips import marked, spans_of
from workbench.ui.shared import wording
from workbench.ui.shared.links import link

DONE = "checks-done"
"""Batches of what was done on this page in this visit, for undo."""
MOST_CAPTIONS = 4
ACROSS = 3
"""Cards beside each other."""


def draw(findings: list[Finding], check: str) -> None:
    """A card for each finding, in its order; named by what it is about, so that one that goes takes nothing typed from the others."""
    named: Counter[str] = Counter()
    places = [place for _ in range(0, len(findings), ACROSS) for place in st.columns(ACROSS, gap="small")]
    for one, place in zip(findings, places, strict=False):
        row = f"{check}-{one.image_id}-{one.caption_id}-{one.other_id}"
        named[row] += 1
        with context.reading() as session:
            image = session.get(Image, one.image_id)
            views = _in_question(session, one)
            other = session.get(Image, one.other_id) if one.other_id else None
        if image is not None:
            with place, st.container(border=True, height="stretch", gap="small"):
                _card(one, f"{row}-{named[row]}", image, views, other)


def _in_question(session: Session, finding: Finding) -> list[CaptionView]:
    """The caption of a finding; where it is about the image, its captions, complete ones first."""
    views = captions.of_image(session, finding.image_id)
    if finding.caption_id is not None:
        return [view for view in views if view.caption.id == finding.caption_id]
    return sorted(views, key=lambda view: list(wording.LEVEL_GLYPHS).index(view.caption.level))[:MOST_CAPTIONS]


def _card(finding: Finding, row: str, image: Image, views: list[CaptionView], other: Image | None) -> None:
    shown = [image] if other is None else [image, other]
    pictures = "".join(f'<img src="{thumb_url(one.upright_key, "color", 256)}" alt="{escape(one.file_name)}">' for one in shown)
    st.html(f'<div class="pictures">{pictures}</div>')
    st.markdown(f"**{wording.plain(finding.reason)}** · {wording.plain(PurePath(image.file_name).name)}")
    editable = finding.caption_id is not None or row.startswith("contradictions")
    for view in views if editable else views[:1]:
        _caption(view, row, editable=editable)
    with st.container(horizontal=True, gap="small"):
        link("caption", "Caption", image=image.id)
        link("ground", "Ground", image=image.id)
        if finding.caption_id is None and not row.startswith("contradictions"):
            st.button("Delete image", key=f"delete-{row}-{image.id}", on_click=_delete_image, args=(image.id,))


def _caption(view: CaptionView, row: str, *, editable: bool) -> None:
    """A caption with its colors; where it is in question also a field to change it in place, and ways to be rid of it."""
    caption = view.caption
    st.html(f'<p class="saying">{wording.LEVEL_GLYPHS[caption.level]} {marked(caption.text, spans_of(view.mentions))}</p>')
    if not editable:
        return
    # The key names the text, so that a field is never filled with what was typed over another one.
    key = f"{row}-{caption.id}-{hash(caption.text)}"
    st.text_input(
        "Change the caption", caption.text, key=f"text-{key}", label_visibility="collapsed", on_change=_rewrite,
        args=(caption.id, caption.text, f"text-{key}"),
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        st.button("Remove caption", key=f"drop-{key}", on_click=_act, args=(caption.id, caption.text, _drop))
        if row.startswith("colorless"):
            st.button("Automatic level", key=f"level-{key}", on_click=_act, args=(caption.id, caption.text, _read_level))


def _rewrite(caption_id: int, before: str, field: str) -> None:
    text = st.session_state[field].strip()
    if text and text != before:
        _act(
            caption_id, before, lambda session, caption, batch: captions.edit(session, caption, text, actor=context.actor(), batch_id=batch)
        )


def _drop(session: Session, caption_id: int, batch: str) -> None:
    captions.drop(session, [caption_id], actor=context.actor(), batch_id=batch)


def _read_level(session: Session, caption_id: int, batch: str) -> None:
    captions.set_level(session, caption_id, None, actor=context.actor(), batch_id=batch)


def _act(caption_id: int, before: str, do: Callable[[Session, int, str], object]) -> None:
    """Change the caption that the row showed, if it still reads as it did there."""
    batch = events.new_batch()
    with context.attempt():
        with context.transaction() as session:
            caption = session.get(Caption, caption_id)
            if caption is None or caption.status == CaptionStatus.DROPPED:
                raise NotFoundError("This caption was removed meanwhile; nothing was changed.")
            if caption.text != before:
                raise ConflictError(f"Not changed: meanwhile this caption reads “{caption.text}”.")
            do(session, caption_id, batch)
        st.session_state.setdefault(DONE, []).append(batch)
        context.say("Saved. Z undoes it.")


def _delete_image(image_id: int) -> None:
    with context.attempt():
        with context.transaction() as session:
            batch = images.remove(session, [image_id], actor=context.actor())
        st.session_state.setdefault(DONE, []).append(batch)
        context.say("The image is deleted. Z brings it back.")


def undo() -> None:
    """Undo the newest thing that was done on this page in this visit."""
    done: list[str] = st.session_state.get(DONE, [])
    if not done:
        context.say("Nothing is left to undo on this page.")
        return
    with context.attempt():
        with context.transaction() as session:
            events.rollback(session, done.pop(), actor=context.actor())
        context.say("Undone.")
