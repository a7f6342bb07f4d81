"""A counted job in the place of every job, and workers in threads."""

import threading
from types import SimpleNamespace

import pytest

from pipelines.worker import engine
from pipelines.worker.process import Worker
from tests.pipelines.worker.counted_work import QUICK, SECONDS, Counting


@pytest.fixture
def job(monkeypatch) -> Counting:
    """The job that stands in the place of every job of this test."""
    counting = Counting()
    monkeypatch.setattr(engine, "load_job", lambda _name: SimpleNamespace(plan=counting.plan, step=counting.step, finish=counting.finish))
    return counting


@pytest.fixture
def working(store):
    """Start workers in threads of this process: working() -> (worker, stop); all are stopped at the end."""
    started = []

    def start(**options):
        worker = Worker(store, ["files"], **({"rhythm": QUICK} | options))
        thread = threading.Thread(target=worker.run, daemon=True)
        thread.start()

        def stop() -> None:
            worker.stop()
            thread.join(SECONDS)
            assert not thread.is_alive()

        started.append(stop)
        return worker, stop

    yield start
    for stop in started:
        stop()
