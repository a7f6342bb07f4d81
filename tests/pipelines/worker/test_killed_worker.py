"""`kill -9` of a worker process in the middle of colorizing loses nothing and doubles nothing."""

import os
import signal
import sys
import time
from collections import Counter

import pytest
from sqlalchemy import func, select

from db.enums import RunStatus
from db.models import Colorization, Event
from pipelines.worker import child_processes
from workbench import runs

pytestmark = [pytest.mark.model, pytest.mark.slow]

SECONDS = 120
SEEDS = list(range(4))


@pytest.fixture
def worker_process(store, forked):
    """Start worker processes of the store: worker_process("--stale-after", "10") -> Popen; all are stopped at the end."""
    started = []

    def start(*options: str):
        command = [sys.executable, "-m", "pipelines", "work", "--home", str(store.settings.home), *options]
        child = child_processes.start(command, log=store.settings.home / "worker.log")
        started.append(child)
        return child

    yield start
    child_processes.stop(started, seconds=30)


def ask_for_colors(store, library, tiny) -> int:
    library(4)
    with store.writing() as session:
        return runs.create(session, "colorize_images", {"checkpoint": tiny, "seeds": SEEDS}, requested_by="tester").id


def wait_until(store, run_id: int, condition):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with store.reading() as session:
            run = runs.get(session, run_id)
        if condition(run):
            return run
        time.sleep(0.01)
    raise AssertionError(
        f"{run.status}, {run.done} of {run.total}: {run.message}\n{(store.settings.home / 'worker.log').read_text()[-2000:]}"
    )


def kill(child) -> None:
    os.kill(child.pid, signal.SIGKILL)
    child.wait()


def assert_every_colorization_exists_once(store, run) -> None:
    expected = 4 * 3 * len(SEEDS)
    assert (run.status, run.total, run.done, run.failed) == (RunStatus.DONE, expected, expected, 0)
    with store.reading() as session:
        made = session.execute(select(Colorization.caption_id, Colorization.seed)).all()
        created = session.scalar(select(func.count(Event.id)).where(Event.subject == "colorization", Event.action == "create"))
    assert len(made) == created == expected
    assert Counter(map(tuple, made)) == Counter((caption, seed) for caption in range(1, 13) for seed in SEEDS)


@pytest.mark.slow
def test_a_new_worker_completes_what_a_killed_one_began(store, library, tiny, worker_process, carry_out):
    run_id = ask_for_colors(store, library, tiny)
    first = worker_process()
    half_way = wait_until(store, run_id, lambda run: run.done >= 11)
    kill(first)
    assert half_way.status is RunStatus.RUNNING
    assert half_way.done < half_way.total
    worker_process()
    run = wait_until(store, run_id, lambda run: run.status in runs.ENDED)
    assert_every_colorization_exists_once(store, run)
    assert carry_out("colorize_images", checkpoint=tiny, seeds=SEEDS).total == 0


@pytest.mark.slow
def test_a_living_peer_takes_over_from_a_killed_worker(store, library, tiny, worker_process):
    run_id = ask_for_colors(store, library, tiny)
    workers = {child.pid: child for child in (worker_process("--stale-after", "10"), worker_process("--stale-after", "10"))}
    half_way = wait_until(store, run_id, lambda run: run.done >= 11)
    with store.reading() as session:
        busy = next(worker for worker in runs.workers(session, live=False) if worker.executor == half_way.executor)
    kill(workers[busy.pid])
    run = wait_until(store, run_id, lambda run: run.status in runs.ENDED)
    assert run.executor != half_way.executor
    assert_every_colorization_exists_once(store, run)
