"""Edits of many captions on a page: looked at once for each state of the store, done at once or, where it takes long, by a worker."""

import streamlit as st

from workbench.captions import Batch, Edit, Preview, bulk_edit
from workbench.store import events
from workbench.ui.app import context
from workbench.ui.shared import run_progress, undoing, wording

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
        with context.attempt():
            batch, done = bulk_edit.apply_in_parts(edit, actor=context.actor(), reading=context.reading, writing=context.transaction)
            undoing.note(batch)
            context.say(f"{wording.count(sum(not change.problem for change in done), 'change')} made, as one batch.")
    st.rerun()


def take_back(batch: Batch) -> None:
    """Take a whole batch back, or ask the workers to; then the page is drawn again."""
    undoing.undo(batch.batch_id)
    st.rerun()
