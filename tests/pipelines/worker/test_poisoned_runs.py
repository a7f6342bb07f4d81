"""A run that ends every worker is set aside, and a child that keeps ending is started ever later."""

import subprocess
import sys
from itertools import pairwise

import pytest

from db.enums import RunStatus
from pipelines.worker import child_processes
from pipelines.worker.child_processes import KeptAlive
from workbench import runs


@pytest.fixture
def run_id(store) -> int:
    with store.writing() as session:
        run = runs.create(session, "thumbnails", {}, requested_by="ada")
        run.workflow_id = "w"
        return runs.start(session, run.id, workflow_id="w", executor="one").id


def dies(store, run_id: int, executor: str = "one") -> bool:
    with store.writing() as session:
        return runs.worker_died(session, run_id, executor)


def test_a_run_that_ends_two_workers_at_one_place_is_set_aside_and_can_be_resumed(store, run_id):
    assert [dies(store, run_id), dies(store, run_id)] == [False, True]
    with store.writing() as session:
        run = runs.get(session, run_id)
        assert run.status is RunStatus.FAILED
        assert "Set aside: 2 workers ended at the same place" in run.message
        assert runs.resume(session, run_id, actor="ada").worker_deaths == 0


def test_a_run_that_gets_on_between_two_deaths_goes_on(store, run_id):
    for done in range(1, 6):
        assert not dies(store, run_id)
        with store.writing() as session:
            runs.progress(session, run_id, done=done)
            assert runs.get(session, run_id).status is RunStatus.RUNNING


def test_the_death_of_a_worker_that_has_it_no_more_says_nothing_of_a_run(store, run_id):
    assert not any(dies(store, run_id, "another") for _ in range(5))


def test_what_is_no_text_in_a_strangers_file_can_be_reported(store, run_id):
    with store.writing() as session:
        runs.item_failed(session, run_id, "a\x00\udce9.jpg" + "x" * 5000, "broken\ud800" + "y" * 5000)
        [item] = runs.items(session, run_id)
    assert item.item.startswith("a��.jpg")
    assert (len(item.item), len(item.reason)) == (300, 1000)


@pytest.mark.slow
def test_a_child_that_keeps_ending_is_started_ever_later(monkeypatch):
    moment = [1000.0]
    monkeypatch.setattr(child_processes.time, "monotonic", lambda: moment[0])
    started = []

    def start() -> subprocess.Popen:
        child = subprocess.Popen([sys.executable, "-c", "raise SystemExit(7)"])
        child.wait()
        started.append(moment[0])
        return child

    kept = KeptAlive("It", start)
    said = []
    for _ in range(4000):
        said.append(kept.look())
        moment[0] += 0.1
    pauses = [round(later - earlier) for earlier, later in pairwise(started)]
    assert pauses[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert "status 7; it is started again in 1 s" in said[0]
