"""Undoing a batch of changes from a page: at once where it is soon done, else by a worker."""

import streamlit as st

from workbench import runs
from workbench.captions import bulk_edit, history
from workbench.store import events
from workbench.ui.app import context
from workbench.ui.shared import wording

DONE = "batches-of-this-visit"
"""What was done to many images at once in this visit, for undo."""


def note(batch_id: str) -> None:
    """Remember a batch of this visit, so that undoing begins with it."""
    st.session_state.setdefault(DONE, []).append(batch_id)


def undo_last(nothing: str) -> None:
    """Undo the newest batch of this visit; where there is none, say `nothing`."""
    done: list[str] = st.session_state.get(DONE, [])
    if done:
        undo(done.pop())
    else:
        context.say(nothing)


def undo(batch_id: str, thing: str = "change") -> None:
    """Undo a batch, or ask the workers to, and say so; where it cannot be undone the page says why."""
    with context.attempt():
        with context.reading() as session:
            history.require_ended(session, batch_id)
            number = len(events.not_undone(session, batch_id))
        with context.transaction() as session:
            if number > bulk_edit.AT_ONCE:
                runs.create(session, "take_back_batch", {"batch": batch_id}, requested_by=context.actor())
                context.say("Undoing the batch is queued.")
            else:
                undone = events.rollback(session, batch_id, actor=context.actor())
                context.say(f"{wording.count(undone, thing)} undone.")
