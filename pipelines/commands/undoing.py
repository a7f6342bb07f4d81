"""Undoing a batch of changes: at once where it is soon done, else as a run that takes some back at a time."""

from typing import Annotated

import typer

from pipelines.commands.console import ask, tell
from workbench.captions import bulk_edit, history
from workbench.open_store import Store
from workbench.store import events

MANY = f"More than {bulk_edit.AT_ONCE:,} changes are a run: stay until it is done, or leave it to a worker."
Patient = Annotated[bool, typer.Option("--wait/--no-wait", help=MANY)]


def undo_batch(store: Store, batch: str, things: str, *, wait: bool, as_json: bool) -> None:
    """Undo a batch and say how many things of it that were; raises ConflictError, with nothing undone, where one was changed since."""
    with store.reading() as session:
        history.require_ended(session, batch)
        number = len(events.not_undone(session, batch))
    if number > bulk_edit.AT_ONCE:
        ask(store, "take_back_batch", {"batch": batch}, wait=wait, as_json=as_json)
        return
    with store.writing() as session:
        count = events.rollback(session, batch, actor=store.settings.actor)
    said = f"{count:,} {things} are undone." if count else "This batch is undone already."
    tell({"batch": batch, "undone": count}, said, as_json)
