"""The changes that an edit would make, row by row: what it changes is marked, and a row that is switched off stays as it is."""

import hashlib
from dataclasses import replace
from html import escape

import streamlit as st

from workbench.captions import Change, Edit, Preview

__all__ = ["draw", "without_left_out"]

ROWS = 20
"""Rows on a page: each is drawn as a line of its own."""


def without_left_out(edit: Edit) -> Edit:
    """The edit without the rows that were switched off."""
    return replace(edit, left_out=tuple(sorted(_left_out(edit))))


def draw(edit: Edit, preview: Preview) -> None:
    """The first changes of a preview, a page at a time."""
    pages = -(-len(preview.first) // ROWS)
    page = st.pagination(pages, key=f"page-{_name(edit)}") if pages > 1 else 1
    shown = preview.first[(page - 1) * ROWS : page * ROWS]
    for change in shown:
        _row(edit, change)
    if preview.possible + preview.refused > len(preview.first):
        more = " Applying goes through the rest too." if preview.more else ""
        st.caption(f"The first {len(preview.first)} changes; rows can be left out among these.{more}")


def _row(edit: Edit, change: Change) -> None:
    name, words = st.columns([1.3, 12], vertical_alignment="center")
    label = f"Image {change.image_id}"
    if change.problem:
        name.caption(f"{label}, skipped")
    else:
        name.checkbox(
            label,
            value=change.subject_id not in _left_out(edit),
            key=f"row-{_name(edit)}-{change.subject_id}",
            on_change=_switch,
            args=(edit, change.subject_id),
            help="Off: this row stays as it is",
        )
    before, after = _marked(change.before, change.old_spans, "del"), _marked(change.after, change.new_spans, "ins")
    reason = f"<br><span class='quiet'>Skipped: {escape(change.problem)}</span>" if change.problem else ""
    words.html(f"<p class='saying'>{before} <span class='quiet'>→</span> {after or '<i>removed</i>'}{reason}</p>")


def _marked(text: str, spans: tuple[tuple[int, int], ...], tag: str) -> str:
    """Text as HTML with the characters [start, end) of each span in a tag."""
    pieces, copied = [], 0
    for start, end in spans:
        pieces += [escape(text[copied:start]), f"<{tag}>{escape(text[start:end])}</{tag}>"]
        copied = end
    return "".join(pieces) + escape(text[copied:])


def _switch(edit: Edit, subject_id: int) -> None:
    left_out = _left_out(edit)
    left_out.symmetric_difference_update({subject_id})


def _left_out(edit: Edit) -> set[int]:
    """The rows that are switched off, kept as long as the edit is the same."""
    name, left_out = st.session_state.get("edit-left-out", ("", set()))
    if name != _name(edit):
        left_out = set()
        st.session_state["edit-left-out"] = (_name(edit), left_out)
    return left_out


def _name(edit: Edit) -> str:
    return hashlib.sha256(repr(edit).encode()).hexdigest()[:12]
