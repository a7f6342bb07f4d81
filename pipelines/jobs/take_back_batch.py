"""The job that takes back a batch of very many changes, some at a time; the undoings are a batch too, of the run's name.

Before the first is taken back all are looked at: where one thing has changed since, nothing is done at all. What changes while the job is
at work is left as it is and named.
"""

from typing import Any

from pipelines.worker.job import JobContext, Plan, StepResult, batches_of
from workbench.captions import history
from workbench.errors import ConflictError
from workbench.store import events

BATCH = 200


def plan(context: JobContext) -> Plan:
    """The changes of the batch that still stand, newest first; raises ConflictError where one of them cannot be taken back."""
    with context.store.reading() as session:
        history.require_ended(session, context.parameters["batch"])
        batch_events = events.not_undone(session, context.parameters["batch"])
        events.require_untouched(session, batch_events)
    return Plan(batches_of(batch_events, BATCH), len(batch_events))


def step(context: JobContext, batch: list[int]) -> StepResult:
    """Take some changes back; those that are taken back already are left alone."""
    context.check()
    try:
        _take_back(context, batch)
    except ConflictError:
        return _one_by_one(context, batch)
    return StepResult(done=len(batch))


def _one_by_one(context: JobContext, batch: list[int]) -> StepResult:
    """Take back what can be, and name the rest."""
    tally = StepResult()
    for event_id in batch:
        try:
            _take_back(context, [event_id])
            tally += StepResult(done=1)
        except ConflictError as refusal:
            context.failed(f"change {event_id}", str(refusal))
            tally += StepResult(failed=1)
    return tally


def _take_back(context: JobContext, event_ids: list[int]) -> None:
    with context.store.writing() as session:
        events.take_back_some(session, event_ids, actor=context.author, answer_batch=events.batch_of_run(context.run_id))


def finish(context: JobContext, _findings: list[Any]) -> dict[str, Any]:
    """The batch of the undoings, by which all of it comes again."""
    return {"batch": events.batch_of_run(context.run_id)}
