"""Edits: many captions at once, looked at first, applied as one batch, taken back by one click."""

from collections.abc import Callable

import pandas as pd
import streamlit as st
from sqlalchemy.orm import Session

from db.enums import CaptionLevel
from workbench import bulk_edits, events
from workbench.bulk_edits import Batch, Change
from workbench.errors import WorkbenchError
from workbench.ui import context, wording

SHOWN = 200
"""Changes in the preview's table; all of them are counted."""

KINDS = ("Find and replace", "Relevel", "Delete", "Tag images")
ACTION_WORDS = {
    "create": "proposed or added",
    "edit": "replaced",
    "level": "releveled",
    "drop": "deleted or dropped",
    "accept": "accepted",
    "tag": "tagged",
    "untag": "untagged",
}
RULES = "as the rules read it"

Edit = Callable[[Session, bool], list[Change]]


def draw() -> None:
    """The page."""
    st.title("Edits")
    st.caption(
        "Change every caption that a query finds. What would happen is shown first; each edit is one batch, taken back by one click."
    )
    kind = st.segmented_control("Edit", KINDS, default=KINDS[0], required=True, label_visibility="collapsed")
    query = st.text_input(
        "Which captions" if kind != KINDS[3] else "Which images", st.query_params.get("q", ""), placeholder="level:complete color:red",
        help="A query as in the Library; empty means all.",
    )  # fmt: skip
    edit = {KINDS[0]: _replace, KINDS[1]: _relevel, KINDS[2]: _delete, KINDS[3]: _tag}[kind](query)
    if edit is not None:
        _preview(edit)
    _batches()


def _replace(query: str) -> Edit | None:
    find, put, regex = st.columns([3, 3, 1.4], vertical_alignment="bottom")
    pattern = find.text_input("Find", placeholder="grey")
    replacement = put.text_input("Replace by", placeholder="gray", help="In a regular expression \\1 is its first group")
    as_regex = regex.toggle("Regular expression")
    if not pattern:
        return None
    words = {"query": query, "regex": as_regex}
    return lambda session, apply: bulk_edits.replace(session, pattern, replacement, **words, actor=context.actor(), apply=apply)


def _relevel(query: str) -> Edit | None:
    choices = [*CaptionLevel, RULES]
    level = st.segmented_control("Level", choices, format_func=lambda value: value if value == RULES else wording.level(value))
    if level is None:
        return None
    wanted = None if level == RULES else CaptionLevel(level)
    return lambda session, apply: bulk_edits.relevel(session, wanted, query=query, actor=context.actor(), apply=apply)


def _delete(query: str) -> Edit | None:
    if not query.strip():
        st.caption("Say which captions by a query; deleted ones stay in the store until then and come back by taking the batch back.")
        return None
    return lambda session, apply: bulk_edits.remove(session, query=query, actor=context.actor(), apply=apply)


def _tag(query: str) -> Edit | None:
    put, take = st.columns(2)
    add = [word for word in put.text_input("Put on", placeholder="night, checked").split(",") if word.strip()]
    remove = [word for word in take.text_input("Take off").split(",") if word.strip()]
    if not add and not remove:
        return None
    return lambda session, apply: bulk_edits.retag(session, add=add, take=remove, query=query, actor=context.actor(), apply=apply)


def _preview(edit: Edit) -> None:
    try:
        with context.reading() as session:
            changes = edit(session, False)
    except WorkbenchError as refusal:
        st.error(str(refusal))
        return
    possible = [change for change in changes if not change.problem]
    left = len(changes) - len(possible)
    words, button = st.columns([5, 1.4], vertical_alignment="center")
    words.markdown(f"**{wording.count(len(possible), 'change')}**" + (f" · {left:,} left alone, with the reason" if left else ""))
    if button.button("Apply", type="primary", disabled=not possible, width="stretch"):
        with context.attempt(), context.transaction() as session:
            done = edit(session, True)
            context.say(f"{wording.count(sum(not change.problem for change in done), 'change')} made, as one batch.")
        st.rerun()
    if changes:
        rows = [(change.image_id, change.before, change.after, change.problem) for change in changes[:SHOWN]]
        st.dataframe(pd.DataFrame(rows, columns=["image", "before", "after", "left alone because"]), hide_index=True, width="stretch")
    if len(changes) > SHOWN:
        st.caption(f"The first {SHOWN} of {len(changes):,}.")


def _batches() -> None:
    with context.reading() as session:
        found = bulk_edits.recent(session)
    if not found:
        return
    st.subheader("Recent batches")
    for batch in found:
        _batch_line(batch)


def _batch_line(batch: Batch) -> None:
    words, button = st.columns([6, 1], vertical_alignment="center")
    what = ACTION_WORDS.get(batch.action, batch.action)
    things = wording.count(batch.count, "change")
    words.caption(f"{wording.ago(batch.created_at)} · {wording.plain(batch.actor)} · {batch.subject.replace('_', ' ')} {what} · {things}")
    if not batch.stands:
        button.caption("taken back")
    elif button.button("Take back", key=f"roll-{batch.batch_id}", width="stretch"):
        with context.attempt(), context.transaction() as session:
            number = events.rollback(session, batch.batch_id, actor=context.actor())
            context.say(f"{wording.count(number, 'change')} taken back.")
        st.rerun()


draw()
