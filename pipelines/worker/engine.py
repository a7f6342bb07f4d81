"""How a run is carried out: plan, batches, closing, each a durable step of one workflow."""

import importlib
import logging
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from importlib.util import find_spec
from typing import Any, cast

from dbos import DBOS

from db.enums import RunStatus
from pipelines.worker import disk_reserve, queue_payloads
from pipelines.worker.job import Job, JobContext, StepResult
from pipelines.worker.queue_payloads import PlanPayload, StepPayload
from workbench import logs, runs
from workbench.errors import CancelledError, MissingPartError, WorkbenchError, store_trouble
from workbench.open_store import Store

log = logging.getLogger("workbench.jobs")

NO_SPACE = "There is no space left on the disk. Free some and resume the run; nothing is lost."
MODEL_PARTS = ("torch", "torchvision", "diffusers", "transformers", "safetensors", "accelerate")

Durably = Callable[[str, Callable[[], Any]], Any]
"""Calls a function under a name, or returns what it returned before an interruption."""


def missing_model_parts() -> list[str]:
    """Packages of the `model` extra that are not installed here."""
    return [name for name in MODEL_PARTS if find_spec(name) is None]


def load_job(name: str) -> Job:
    """The module of a job; raises MissingPartError where it needs the model and the model extra is absent.

    A job's module is imported when it is first needed, so that a worker without torch can do the jobs that need none.
    """
    missing = missing_model_parts() if runs.JOBS[name].needs_model else []
    if missing:
        raise MissingPartError(model_is_missing(name, missing))
    return cast(Job, importlib.import_module(f"pipelines.jobs.{name}"))


def model_is_missing(job: str, missing: list[str]) -> str:
    """The sentence for a job that needs the model where it is not installed."""
    return (
        f"The job {job} needs the model extra ({', '.join(missing)} not installed). On the machine of a worker run "
        "pip install 'lcad-workbench[model]', start the worker again and resume the run."
    )


def execute(context: JobContext, durably: Durably = lambda _name, call: call()) -> RunStatus:
    """Carry out one run that has been started; return the status it ended with.

    A WorkbenchError fails the run with its sentence; any other error fails it too, and its traceback goes to the log.
    """
    try:
        plan = queue_payloads.read(PlanPayload, durably("plan", lambda: _plan(context)))
        tally = StepResult(skipped=plan.skipped)
        for number, batch in enumerate(plan.batches):
            at_batch = replace(context, before=tally)
            left = durably(f"batch {number}", lambda at_batch=at_batch, batch=batch: _step(at_batch, batch))
            tally += StepResult(**dict(queue_payloads.read(StepPayload, left)))
        return RunStatus(durably("finish", lambda: _finish(context, tally.findings)))
    except CancelledError:
        return RunStatus.CANCELLED
    except WorkbenchError as error:
        message = str(error)
    except Exception as error:
        log.exception("the run broke")
        message = sentence_for(error, context.run_id)
        if message == NO_SPACE:
            disk_reserve.release(context.store.settings.home)
    return RunStatus(durably("fail", lambda: _fail(context, message)))


def sentence_for(error: Exception, run_id: int) -> str:
    """What a run says of an error that is none of the domain's: no path, statement or value, which stand in the worker's log."""
    trouble, root = store_trouble(error), getattr(error, "orig", None) or error
    if trouble == "full":
        return NO_SPACE
    if trouble == "busy":
        return "Another job held the store for longer than this one could wait. Resume the run; nothing is lost."
    if trouble == "read-only":
        return "The store's folder cannot be written to now. Make it writable again and resume the run; nothing is lost."
    if isinstance(root, MemoryError):
        return "The worker had no memory left. Give it more, or let fewer things run beside it, and resume the run."
    return f"The job broke ({type(root).__name__}); the worker's log tells where, under run {run_id}. Resume the run once that is mended."


def _plan(context: JobContext) -> dict[str, Any]:
    context.check()
    plan = load_job(context.job).plan(context)
    with context.store.writing() as session:
        runs.progress(session, context.run_id, total=plan.total, skipped=plan.skipped, message="Is at work.")
    return queue_payloads.as_json({"batches": plan.batches, "skipped": plan.skipped})


def _step(context: JobContext, batch: Any) -> dict[str, Any]:
    context.check()
    tally = load_job(context.job).step(context, batch)
    context.report(tally)
    return queue_payloads.as_json(asdict(tally))


def _finish(context: JobContext, findings: list[Any]) -> str:
    context.check()
    summary = load_job(context.job).finish(context, findings)
    with context.store.writing() as session:
        context.require_held(session)
        return runs.finish(session, context.run_id, summary).status.value


def _fail(context: JobContext, message: str) -> str:
    with context.store.writing() as session:
        context.require_held(session)
        return runs.fail(session, context.run_id, message).status.value


@dataclass
class Hands:
    """What this worker process gives to its workflows."""

    store: Store
    executor: str
    stopping: threading.Event = field(default_factory=threading.Event)
    busy: set[str] = field(default_factory=set)
    """Ids of the workflows that are at work in this process."""


_hands: Hands | None = None


def equip(hands: Hands) -> None:
    """Set what the workflows of this process work with; once, before the queue is started."""
    global _hands
    _hands = hands


def _logged(carry_out: Callable[[JobContext, Durably], RunStatus], context: JobContext) -> str:
    """Carry a run out, durably, and write its beginning and its end into the log."""
    log.info("begins")
    status = carry_out(context, lambda name, call: DBOS.run_step({"name": name}, call))
    with context.store.reading() as session:
        run = runs.get(session, context.run_id)
    level = logging.WARNING if status is RunStatus.FAILED else logging.INFO
    log.log(level, "%s: %d done, %d failed, %d skipped of %d", status.value, run.done, run.failed, run.skipped, run.total)
    return status.value


@DBOS.workflow(name="run_job")
def run_job(run_id: int) -> str:
    """The durable workflow of one run; returns the status it ended with."""
    hands, workflow_id = _hands, DBOS.workflow_id
    if hands is None or workflow_id is None:
        raise RuntimeError("expected a workflow of a process that `equip` was called in")
    run_id = queue_payloads.read_run_id(run_id)
    hands.busy.add(workflow_id)
    try:
        with hands.store.writing() as session:
            run = runs.start(session, run_id, workflow_id=workflow_id, executor=hands.executor)
        context = JobContext(hands.store, run_id, run.job, run.parameters, run.requested_by, workflow_id, hands.executor, hands.stopping)
        with logs.bound(run=run_id, job=run.job, actor=run.requested_by):
            return _logged(execute, context)
    finally:
        hands.busy.discard(workflow_id)
