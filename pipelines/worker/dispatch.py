"""What every worker does for the whole store, beside its own jobs: hand queued runs to the queue, and take over from the dead."""

import logging
import uuid

from dbos import DBOSClient, WorkflowStatus
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from db.enums import RunStatus
from db.models import Run
from pipelines.worker.engine import missing_model_parts, model_is_missing
from workbench import runs
from workbench.open_store import Store

log = logging.getLogger("workbench.jobs")

UNFINISHED = ["PENDING", "ENQUEUED"]


def claim_queued(store: Store, client: DBOSClient) -> int:
    """Give every queued run a workflow and enqueue it; return how many there were.

    The workflow's id is committed before it is enqueued, so that no other worker enqueues the run too; what falls between the two is
    mended by `mend`. A run that needs the model where no live worker has it fails at once, with what to do.
    """
    with store.writing() as session:
        # This worker itself, too: its own signs of life may be old, as after a disk that was full.
        able = not missing_model_parts() or any(worker.capabilities.get("model") for worker in runs.workers(session))
        claimed = []
        for run in runs.unclaimed(session):
            if runs.JOBS[run.job].needs_model and not able:
                runs.fail(session, run.id, model_is_missing(run.job, missing_model_parts() or ["torch"]))
                continue
            workflow_id = f"run-{run.id}-{uuid.uuid4().hex[:8]}"
            run.workflow_id = workflow_id
            claimed.append((run.id, run.job, workflow_id))
    for run_id, job, workflow_id in claimed:
        _enqueue(client, run_id, job, workflow_id)
    return len(claimed)


def _enqueue(client: DBOSClient, run_id: int, job: str, workflow_id: str) -> None:
    """Enqueue a run's workflow; one that is there already stays as it is."""
    client.enqueue({"workflow_name": "run_job", "queue_name": runs.JOBS[job].queue, "workflow_id": workflow_id}, run_id)


def mend(store: Store, client: DBOSClient, version: str) -> int:
    """Queue again the runs whose workflow the queue does not know or holds for another schema version; return how many.

    The first happens where a worker died between claiming a run and enqueueing it, or where the queue's file was lost; the second
    after an upgrade: workers take only workflows of their own version. A run whose workflow ended without it fails.
    """
    with store.reading() as session:
        held = session.execute(
            select(Run.id, Run.workflow_id).where(Run.status.in_([RunStatus.QUEUED, RunStatus.RUNNING]), Run.workflow_id.is_not(None))
        ).all()
    if not held:
        return 0
    listed = client.list_workflows(workflow_ids=[row.workflow_id for row in held], load_input=False, load_output=False)
    known, lost = {workflow.workflow_id: workflow for workflow in listed}, 0
    with store.writing() as session:
        for run_id, workflow_id in held:
            workflow, run = known.get(workflow_id), runs.get(session, run_id)
            if run.workflow_id != workflow_id or run.status not in (RunStatus.QUEUED, RunStatus.RUNNING):
                continue
            if workflow is None or (workflow.status in UNFINISHED and workflow.app_version not in (None, version)):
                run.status, run.workflow_id, run.executor = RunStatus.QUEUED, None, None
                lost += 1
            elif workflow.status not in UNFINISHED:
                runs.fail(session, run_id, f"The queue ended this run ({workflow.status.lower()}); resume it, and see the worker's log.")
    return lost


def hand_over(store: Store, client: DBOSClient, executor: str) -> int:
    """Put the workflows that an executor holds back into their queues, for any worker; return how many."""
    pending = client.list_workflows(status="PENDING", executor_id=executor, load_input=False, load_output=False)
    with store.reading() as session:
        _put_back(client, pending, _runs_of(session, pending), set())
    return len(pending)


def take_from_dead(session: Session, client: DBOSClient, executor: str) -> int:
    """Put back what a dead executor held, but for the runs that end every worker: they are set aside. Return how many it held."""
    pending = client.list_workflows(status="PENDING", executor_id=executor, load_input=False, load_output=False)
    held = _runs_of(session, pending)
    poisoned = {workflow_id for workflow_id, run in held.items() if runs.worker_died(session, run.id, executor)}
    for workflow_id in poisoned:
        log.error("run %d ended its workers again and is set aside", held[workflow_id].id)
    _put_back(client, pending, held, poisoned)
    return len(pending)


def _runs_of(session: Session, workflows: list[WorkflowStatus]) -> dict[str, Row]:
    """The runs of some workflows (id and job) by the workflow's id."""
    columns = select(Run.workflow_id, Run.id, Run.job)
    return {row.workflow_id: row for row in session.execute(columns.where(Run.workflow_id.in_([w.workflow_id for w in workflows])))}


def _put_back(client: DBOSClient, workflows: list[WorkflowStatus], held: dict[str, Row], left_out: set[str]) -> None:
    for workflow in workflows:
        run = held.get(workflow.workflow_id)
        if run is not None and workflow.workflow_id not in left_out:
            client.resume_workflow(workflow.workflow_id, queue_name=runs.JOBS[run.job].queue)
        else:
            client.cancel_workflow(workflow.workflow_id)  # its run was given to another workflow, or is set aside


def reap(store: Store, client: DBOSClient, executor: str, *, stale_seconds: float) -> list[str]:
    """As worker `executor`, take the work of dead workers from them; return their names.

    All of it happens in one transaction that holds the workers' rows: a second reaper waits or passes by, and where this one dies
    in the middle, the next one repeats it.
    """
    with store.writing() as session:
        dead = runs.dead_workers(session, but=executor, stale_seconds=stale_seconds)
        for worker in dead:
            count = take_from_dead(session, client, worker.executor)
            log.warning("worker %s gave no sign of life for %.0f s; %d of its runs go on elsewhere", worker.executor, stale_seconds, count)
            runs.worker_stopped(session, worker.executor)
        return [worker.executor for worker in dead]
