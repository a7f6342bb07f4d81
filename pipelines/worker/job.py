"""What a job is: a plan of batches, a step for one batch, and a closing; and what it is given to work with.

A job is a module of this room with three functions:

    plan(context) -> Plan              the batches that are still to do; JSON values, so that a plan survives its worker
    step(context, batch) -> StepResult      one batch; repeating it changes nothing, for its outputs are keyed
    finish(context, findings) -> dict  the summary of the whole run, from what the steps found
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Protocol

from sqlalchemy.orm import Session

from workbench import runs
from workbench.errors import CancelledError
from workbench.open_store import Store
from workbench.store import batches

CHECK_SECONDS = 1.0
"""Between two questions to the store whether a run was cancelled, while a model samples."""


class WorkerStopping(BaseException):
    """This worker is going down, or its run was given to another one: leave the step as it is."""


@dataclass(frozen=True)
class Plan:
    """The batches of a run, and how many items they hold together."""

    batches: list[Any]
    total: int
    skipped: int = 0
    """Items that need no work, part of the total."""


@dataclass(frozen=True)
class StepResult:
    """How many items were done, failed, and passed over, and what was found (JSON values, for the closing)."""

    done: int = 0
    failed: int = 0
    skipped: int = 0
    findings: list[Any] = field(default_factory=list)

    def __add__(self, other: "StepResult") -> "StepResult":
        return StepResult(
            self.done + other.done, self.failed + other.failed, self.skipped + other.skipped, [*self.findings, *other.findings]
        )


@dataclass
class JobContext:
    """What a job knows of its run."""

    store: Store
    run_id: int
    job: str
    parameters: dict[str, Any]
    actor: str
    workflow_id: str | None = None
    executor: str | None = None
    """The worker that carries the run out; none where nobody else could."""
    stopping: threading.Event = field(default_factory=threading.Event)
    before: StepResult = StepResult()
    """The counts of the batches before this one."""
    checked: float = float("-inf")
    """When the store was last asked whether the run goes on, in monotonic seconds."""

    @property
    def author(self) -> str:
        """The name under which the run's changes are recorded."""
        return f"{self.actor} (run {self.run_id})"

    def check(self) -> None:
        """Stop here where the run was cancelled (CancelledError) or its worker is going down, or has it no longer (WorkerStopping)."""
        if self.stopping.is_set():
            raise WorkerStopping
        with self.store.reading() as session:
            if runs.is_cancelled(session, self.run_id, workflow_id=self.workflow_id):
                raise CancelledError(f"Run {self.run_id} was cancelled.")
            self.require_held(session)

    def require_held(self, session: Session) -> None:
        """Stop here (WorkerStopping) where another worker has the run: this one was cut off, and was taken for dead meanwhile."""
        if self.executor is None:
            return
        if runs.is_elsewhere(session, self.run_id, workflow_id=self.workflow_id, executor=self.executor):
            raise WorkerStopping

    def keep_going(self, _done: int, _total: int) -> bool:
        """True, or stop as `check` does: for a model's progress, which asks after every step of its own.

        The store is asked at most once in CHECK_SECONDS, for a small model takes a hundred steps a second.
        """
        if self.stopping.is_set() or monotonic() - self.checked >= CHECK_SECONDS:
            self.checked = monotonic()
            self.check()
        return True

    def report(self, tally: StepResult, message: str | None = None) -> None:
        """Show the counts so far: those of earlier batches and `tally` of this one."""
        with self.store.writing() as session:
            self.report_in(session, tally, message)

    def report_in(self, session: Session, tally: StepResult, message: str | None = None) -> None:
        """Show the counts so far, in the transaction that stores what they count."""
        self.require_held(session)
        counts = self.before + tally
        runs.progress(session, self.run_id, done=counts.done, failed=counts.failed, skipped=counts.skipped, message=message)

    def say(self, message: str) -> None:
        """Show what the run is doing now."""
        with self.store.writing() as session:
            runs.progress(session, self.run_id, message=message)

    def failed(self, item: str, reason: str) -> None:
        """Record why an item failed."""
        with self.store.writing() as session:
            runs.item_failed(session, self.run_id, item, reason)

    def skipped(self, item: str, reason: str) -> None:
        """Record why an item was passed over."""
        with self.store.writing() as session:
            runs.item_skipped(session, self.run_id, item, reason)


class Job(Protocol):
    """A module of this room that is a job."""

    plan: Callable[[JobContext], Plan]
    step: Callable[[JobContext, Any], StepResult]
    finish: Callable[[JobContext, list[Any]], dict[str, Any]]


def batches_of(items: list[Any], size: int) -> list[list[Any]]:
    """The items in consecutive lists of at most `size`."""
    return list(batches(items, size))
