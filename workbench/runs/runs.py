"""Runs of jobs: asked for through either door (a page or the command line), carried out by the workers.

Asking for a run writes a row with status `queued`; stopping and resuming one only change the row's state. The workers look for such rows,
so the web process needs no queue client.
"""

from copy import deepcopy
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.base import now
from db.enums import Role, RunItemStatus, RunStatus
from db.models import Run, RunItem
from workbench import access
from workbench.errors import ConflictError, InvalidInputError, NotFoundError
from workbench.runs.heartbeats import workers
from workbench.runs.job_kinds import JOBS
from workbench.store import events, require
from workbench.texts import legible

LONGEST_NAME, LONGEST_REASON = 300, 1000
"""Characters that are kept of what a stranger's file is called and of what is wrong with it."""
ENDED = (RunStatus.DONE, RunStatus.FAILED, RunStatus.CANCELLED)


def create(session: Session, job: str, parameters: dict[str, Any], *, requested_by: str) -> Run:
    """A new queued run of a job of `JOBS`; parameters left out take their defaults.

    Raises InvalidInputError for an unknown job, an unknown parameter or a missing one; NotAllowedError for too low a role.
    """
    kind = JOBS.get(job)
    if kind is None:
        raise InvalidInputError(f"There is no job {job!r}; there are {', '.join(JOBS)}.")
    access.require(session, kind.role)
    unknown = sorted(set(parameters) - set(kind.required) - set(kind.optional))
    if unknown:
        raise InvalidInputError(f"The job {job} has no parameter {unknown[0]!r}; it has {', '.join([*kind.required, *kind.optional])}.")
    missing = [name for name in kind.required if parameters.get(name) in (None, "", [])]
    if missing:
        raise InvalidInputError(f"The job {job} needs {missing[0]!r}.")
    run = Run(job=job, parameters=deepcopy({**kind.optional, **parameters}), requested_by=requested_by, message="Waits for a worker.")
    session.add(run)
    session.flush()
    return run


def under_way(session: Session, job: str, parameters: dict[str, Any]) -> Run | None:
    """The run of a job with these very parameters that waits or works now, if there is one."""
    asked = {**JOBS[job].optional, **parameters} if job in JOBS else parameters
    open_runs = session.scalars(select(Run).where(Run.job == job, Run.status.in_((RunStatus.QUEUED, RunStatus.RUNNING))).order_by(Run.id))
    return next((run for run in open_runs if run.parameters == asked), None)


def get(session: Session, run_id: int) -> Run:
    """The run; raises NotFoundError."""
    return require(session, Run, run_id, advice="`workbench runs list` shows those that are there")


def listing(session: Session, *, status: RunStatus | None = None, before_id: int | None = None, limit: int = 50) -> list[Run]:
    """Runs, newest first, older than `before_id` where that is given."""
    query = select(Run).order_by(Run.id.desc()).limit(limit)
    if status is not None:
        query = query.where(Run.status == status)
    if before_id is not None:
        query = query.where(Run.id < before_id)
    return list(session.scalars(query))


def items(session: Session, run_id: int, *, after_id: int = 0, limit: int = 200) -> list[RunItem]:
    """Items of the run that failed or were passed over, with their reasons, in the order of their recording."""
    return list(session.scalars(select(RunItem).where(RunItem.run_id == run_id, RunItem.id > after_id).order_by(RunItem.id).limit(limit)))


def unclaimed(session: Session, limit: int = 100) -> list[Run]:
    """Queued runs that no queue has yet, oldest first, locked for the transaction where the store can lock rows."""
    query = select(Run).where(Run.status == RunStatus.QUEUED, Run.workflow_id.is_(None)).order_by(Run.id).limit(limit)
    return list(session.scalars(query.with_for_update(skip_locked=True)))


def start(session: Session, run_id: int, *, workflow_id: str | None = None, executor: str | None = None) -> Run:
    """Mark the run as running on an executor; one that was cancelled meanwhile, or that another workflow has, keeps its state."""
    run = locked(session, run_id)
    if run.status in (RunStatus.QUEUED, RunStatus.RUNNING) and run.workflow_id == workflow_id:
        run.status, run.executor = RunStatus.RUNNING, executor
        run.message = "Is being prepared." if run.started_at is None else run.message
        run.started_at = run.started_at or now()
    session.flush()
    return run


def progress(
    session: Session,
    run_id: int,
    *,
    done: int | None = None,
    failed: int | None = None,
    skipped: int | None = None,
    total: int | None = None,
    message: str | None = None,
    summary: dict[str, Any] | None = None,
) -> None:
    """Set the run's counts (absolute, so that a repeated step counts nothing twice), what it is doing now, and what it has found so far."""
    run = locked(session, run_id)
    before = (run.done, run.failed, run.skipped)
    for name, value in {"done": done, "failed": failed, "skipped": skipped, "total": total}.items():
        if value is not None:
            setattr(run, name, value)
    if (run.done, run.failed, run.skipped) != before:
        run.worker_deaths = 0
    if message is not None and run.status == RunStatus.RUNNING:
        run.message = message
    if summary is not None and run.status == RunStatus.RUNNING:
        run.summary = summary
    session.flush()


def item_failed(session: Session, run_id: int, item: str, reason: str) -> None:
    """Record why an item failed; the same item once."""
    _record_item(session, run_id, item, reason, RunItemStatus.FAILED)


def item_skipped(session: Session, run_id: int, item: str, reason: str) -> None:
    """Record why an item was passed over; the same item once."""
    _record_item(session, run_id, item, reason, RunItemStatus.SKIPPED)


def _record_item(session: Session, run_id: int, item: str, reason: str, status: RunItemStatus) -> None:
    item, reason = legible(item, LONGEST_NAME), legible(reason, LONGEST_REASON)
    row = session.scalar(select(RunItem).where(RunItem.run_id == run_id, RunItem.item == item))
    if row is None:
        row = RunItem(run_id=run_id, item=item, status=status, reason=reason)
        session.add(row)
    row.status, row.reason = status, reason
    session.flush()


def finish(session: Session, run_id: int, summary: dict[str, Any], message: str = "") -> Run:
    """Mark a running run as done with its summary; a cancelled one stays cancelled."""
    run = locked(session, run_id)
    run.summary = summary
    if run.status == RunStatus.RUNNING:
        run.status, run.message, run.finished_at = RunStatus.DONE, message or _closing(run), now()
    session.flush()
    return run


def _closing(run: Run) -> str:
    parts = [f"{run.done} done"]
    parts += [f"{run.failed} failed"] if run.failed else []
    parts += [f"{run.skipped} skipped"] if run.skipped else []
    return ", ".join(parts) + "."


def fail(session: Session, run_id: int, message: str) -> Run:
    """Mark the run as failed with the sentence that says why; a cancelled one stays cancelled."""
    run = locked(session, run_id)
    if run.status in (RunStatus.QUEUED, RunStatus.RUNNING):
        run.status, run.message, run.finished_at = RunStatus.FAILED, message, now()
    session.flush()
    return run


def cancel(session: Session, run_id: int, *, actor: str) -> Run:
    """Cancel a queued or running run; its worker stops at the next item. Raises ConflictError where it has ended.

    Whoever asked for it may, and a curator; raises NotAllowedError for others.
    """
    run = locked(session, run_id)
    _require_own(session, run)
    if run.status in ENDED:
        raise ConflictError(f"Run {run_id} is {run.status.value} already.")
    before = run.status.value
    run.status, run.message, run.finished_at = RunStatus.CANCELLED, f"Cancelled by {actor}.", now()
    _event(session, run, "cancel", before, actor)
    return run


def resume(session: Session, run_id: int, *, actor: str) -> Run:
    """Queue a failed or cancelled run again, or one whose worker is dead; what it has done stays done.

    Raises ConflictError where it is done, waits already or is running on a live worker, NotAllowedError as `cancel` does.
    """
    run = locked(session, run_id)
    _require_own(session, run)
    alive = {worker.executor for worker in workers(session)}
    if run.status in (RunStatus.DONE, RunStatus.QUEUED) or (run.status == RunStatus.RUNNING and run.executor in alive):
        raise ConflictError(f"Run {run_id} is {run.status.value}; only a failed or cancelled run can be resumed.")
    before = run.status.value
    session.execute(delete(RunItem).where(RunItem.run_id == run_id))
    run.done = run.failed = run.skipped = run.total = run.worker_deaths = 0
    run.finished_at = run.workflow_id = run.executor = None
    run.status, run.message = RunStatus.QUEUED, "Waits for a worker."
    _event(session, run, "resume", before, actor)
    return run


def _require_own(session: Session, run: Run) -> None:
    who = access.access_of(session)
    access.require(session, JOBS[run.job].role if who and who.actor == run.requested_by and run.job in JOBS else Role.CURATOR)


def _event(session: Session, run: Run, action: str, before: str, actor: str) -> None:
    session.flush()
    was, now_is = {"status": before}, {"status": run.status.value}
    events.record(session, actor=actor, action=action, subject="run", subject_id=run.id, run_id=run.id, before=was, after=now_is)


def is_cancelled(session: Session, run_id: int, *, workflow_id: str | None = None) -> bool:
    """Whether work on the run has to stop: it was cancelled, or another workflow has it now."""
    row = session.execute(select(Run.status, Run.workflow_id).where(Run.id == run_id)).one()
    return row.status == RunStatus.CANCELLED or (workflow_id is not None and row.workflow_id != workflow_id)


def is_elsewhere(session: Session, run_id: int, *, workflow_id: str | None, executor: str) -> bool:
    """Whether another worker than this executor goes on with the same workflow of the run."""
    own = (Run.id == run_id, Run.workflow_id == workflow_id, Run.executor.is_not(None), Run.executor != executor)
    return session.scalar(select(Run.id).where(*own)) is not None


def locked(session: Session, run_id: int) -> Run:
    """The run, locked until the transaction ends where the database can. Raises NotFoundError."""
    run = session.get(Run, run_id, with_for_update=True, populate_existing=True)
    if run is None:
        raise NotFoundError(f"There is no run {run_id}; `workbench runs list` shows those that are there.")
    return run
