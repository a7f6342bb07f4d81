"""Who waits for a run has a worker at hand: one is started where none is at work, and again where it died."""

import subprocess
import sys

import pytest

from pipelines.commands import console
from pipelines.worker import child_processes
from workbench import runs


@pytest.fixture
def started(monkeypatch) -> list[subprocess.Popen]:
    """The workers that were started, each of which ends at once with status 7."""
    children = []

    def start(_settings, **_options) -> subprocess.Popen:
        child = subprocess.Popen([sys.executable, "-c", "raise SystemExit(7)"])
        child.wait()
        children.append(child)
        return child

    monkeypatch.setattr(console, "start_worker", start)
    return children


def test_a_worker_that_died_is_started_again_and_that_is_said(store, monkeypatch, started, capsys):
    moment = [1000.0]
    monkeypatch.setattr(child_processes.time, "monotonic", lambda: moment[0])
    with console.worker_at_hand(store) as look:
        assert len(started) == 1
        for _ in range(3):
            moment[0] += 10
            look()
            look()
    said = " ".join(capsys.readouterr().err.split())
    assert len(started) > 1
    assert "The worker ended with status 7; it is started again in 1 s. Its messages are in" in said
    assert "worker.log" in said


def test_where_a_worker_is_at_work_none_is_started(store, started):
    with store.writing() as session:
        runs.heartbeat(session, "one", host="here", pid=1, queues=["files"], capabilities={})
    with console.worker_at_hand(store) as look:
        look()
    assert started == []
