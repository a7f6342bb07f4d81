"""Edits of many captions on a page: looked at once for each state of the store, done at once or, where it takes long, by a worker."""

import streamlit as st

from workbench import runs
from workbench.captions import Batch, Edit, Preview, bulk_edit, history
from workbench.store import events
from workbench.ui.app import context
from workbench.ui.shared import run_progress, wording

JOBS = ("edit_captions", "take_back_batch")


def looked_at(edit: Edit) -> Preview:
    """What an edit would do; raises as `bulk_edits.preview` does."""
    with context.reading() as session:
        state = (edit, context.settings().database_url, events.newest(session))
        known = st.session_state.get("edit-preview")
        if known is None or known[0] != state:
            known = st.session_state["edit-preview"] = (state, bulk_edit.preview(session, edit))
    return known[1]


def carry_out(edit: Edit, preview: Preview) -> None:
    """Make the changes, or ask the workers for them; then the page is drawn again."""
    if bulk_edit.takes_long(preview):
        run_progress.start("edit_captions", vars(edit), "The edit is queued; it can be cancelled, and undone as one batch.")
    else:
        with context.attempt(), context.transaction() as session:
            _batch, done = bulk_edit.apply(session, edit, actor=context.actor())
            context.say(f"{wording.count(sum(not change.problem for change in done), 'change')} made, as one batch.")
    st.rerun()


def take_back(batch: Batch) -> None:
    """Take a whole batch back, or ask the workers to; then the page is drawn again."""
    with context.attempt(), context.transaction() as session:
        history.require_ended(session, batch.batch_id)
        if batch.count > bulk_edit.AT_ONCE:
            runs.create(session, "take_back_batch", {"batch": batch.batch_id}, requested_by=context.actor())
            context.say("Undoing the batch is queued.")
        else:
            number = events.rollback(session, batch.batch_id, actor=context.actor())
            context.say(f"{wording.count(number, 'change')} undone.")
    st.rerun()
