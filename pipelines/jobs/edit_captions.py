"""The job that makes one edit of very many captions, or of the tags of very many images, some at a time and as one batch.

The batch has the name of its run: a run that was cancelled leaves a batch that can be taken back, one that is resumed goes on with it.
"""

from typing import Any

from pipelines.worker.job import JobContext, Plan, StepResult, batches_of
from workbench.captions import Edit, bulk_edit
from workbench.store import events

BATCH = bulk_edit.CHUNK
"""Captions in one step, which is one transaction: others wait for it."""


def plan(context: JobContext) -> Plan:
    """The captions that the edit would change, as they are now."""
    with context.store.reading() as session:
        affected = bulk_edit.affected(session, Edit(**context.parameters))
    return Plan(batches_of(affected, BATCH), len(affected))


def step(context: JobContext, batch: list[int]) -> StepResult:
    """Change some of them; those that this run has changed already are left alone, and what cannot be done is named."""
    edit, batch_id = Edit(**context.parameters), events.batch_of_run(context.run_id)
    context.check()
    with context.store.reading() as session:
        ahead = bulk_edit.read_ahead(session, edit, batch)
    with context.store.writing() as session:
        rest = bulk_edit.not_yet(session, edit, batch, batch_id)
        named = {"actor": context.author, "batch_id": batch_id, "run_id": context.run_id}
        _batch, changes = bulk_edit.apply(session, edit, keys=rest, ahead=ahead, **named)
    refused = [change for change in changes if change.problem]
    for change in refused:
        context.skipped(f"caption {change.caption_id}: {change.before}", change.problem)
    return StepResult(done=len(batch) - len(refused), skipped=len(refused))


def finish(context: JobContext, _findings: list[Any]) -> dict[str, Any]:
    """The batch, to take it back by."""
    return {"batch": events.batch_of_run(context.run_id)}
