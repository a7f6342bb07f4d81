"""Runs from Python: asked for as the app does, carried out by a worker, and waited for."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from workbench import runs
from workbench.errors import MissingPartError, WorkbenchError
from workbench.open_store import Store

POLL_SECONDS = 0.3
LOOK_SECONDS = 2.0
STOP_SECONDS = 90.0
MOST_PROBLEMS = 200


@dataclass(frozen=True)
class RunState:
    """A run as it stood when it was asked after."""

    id: int
    job: str
    status: str
    """queued, running, done, failed or cancelled."""
    total: int
    done: int
    failed: int
    skipped: int
    message: str
    summary: dict[str, Any]
    """What came of it, as the job tells it."""
    problems: tuple[tuple[str, str], ...]
    """Items that failed or were passed over, with the reason; the first 200."""
    requested_by: str
    finished_at: datetime | None

    @property
    def batch(self) -> str:
        """The name under which `Workbench.undo` takes back what the run changed."""
        return f"run-{self.id}"


def state_of(session: Session, run_id: int) -> RunState:
    """How a run stands; raises NotFoundError."""
    run = runs.get(session, run_id)
    problems = tuple((item.item, item.reason) for item in runs.items(session, run_id, limit=MOST_PROBLEMS))
    counts = {name: getattr(run, name) for name in ("total", "done", "failed", "skipped", "message", "summary")}
    return RunState(
        run.id, run.job, run.status.value, **counts, problems=problems, requested_by=run.requested_by, finished_at=run.finished_at
    )


def wait_for(store: Store, run_id: int) -> RunState:
    """Wait until a run has ended; a worker is started for the time where none is alive.

    Raises WorkbenchError where the run failed or was cancelled, MissingPartError where the worker ends before the run does.
    """
    with _worker_at_hand(store) as look:
        while True:
            with store.reading() as session:
                state = state_of(session, run_id)
            if state.status in runs.ENDED:
                break
            look()
            time.sleep(POLL_SECONDS)
    if state.status != "done":
        raise WorkbenchError(f"Run {run_id}, {state.job}: {state.status}. {state.message}")
    return state


@contextmanager
def _worker_at_hand(store: Store) -> Iterator[Any]:
    """What is called now and then by who waits: it starts a worker where none is alive, and stops that one at the end."""
    own: list[subprocess.Popen] = []
    next_look = 0.0

    def look() -> None:
        nonlocal next_look
        if own and own[0].poll() is not None:
            log = store.settings.home / "worker.log"
            raise MissingPartError(f"The worker ended with status {own[0].returncode} before the run did; its messages are in {log}.")
        if own or time.monotonic() < next_look:
            return
        next_look = time.monotonic() + LOOK_SECONDS
        with store.reading() as session:
            if not runs.workers(session):
                own.append(_start_worker(store))

    try:
        yield look
    finally:
        for worker in own:
            _stop(worker)


def _start_worker(store: Store) -> subprocess.Popen:
    """`workbench work` as a child that ends with this process."""
    arguments = [sys.executable, "-m", "pipelines", "work", "--home", str(store.settings.home), "--with-parent"]
    with (store.settings.home / "worker.log").open("ab") as sink:
        return subprocess.Popen(arguments, start_new_session=True, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT)


def _stop(worker: subprocess.Popen) -> None:
    worker.terminate()
    try:
        worker.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
