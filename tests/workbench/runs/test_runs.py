"""Runs are asked for, followed, stopped and resumed by rows alone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.base import now
from db.enums import RunItemStatus, RunStatus
from db.models import Event, Worker
from workbench import runs
from workbench.errors import ConflictError, InvalidInputError, NotFoundError


@pytest.fixture
def run(session):
    """A queued run."""
    return runs.create(session, "colorize_images", {"seeds": [1]}, requested_by="ann")


def beat(session, executor: str, **changes) -> None:
    facts = {"host": "here", "pid": 1, "queues": ["files"], "capabilities": {}}
    runs.heartbeat(session, executor, **{**facts, **changes})


def test_parameters_left_out_take_their_defaults(run):
    assert run.parameters["seeds"] == [1]
    assert run.parameters["levels"] == ["complete", "partial", "scarce"]
    assert run.parameters["instances"] is True
    assert (run.status, run.message) == (RunStatus.QUEUED, "Waits for a worker.")


def test_a_run_that_waits_or_works_is_found_by_what_was_asked_for(session, run):
    assert runs.under_way(session, "colorize_images", {"seeds": [1]}) is run
    assert runs.under_way(session, "colorize_images", {"seeds": [2]}) is None
    assert runs.under_way(session, "paint", {"seeds": [1]}) is None
    runs.start(session, run.id)
    assert runs.under_way(session, "colorize_images", {"seeds": [1]}) is run
    runs.finish(session, run.id, {})
    assert runs.under_way(session, "colorize_images", {"seeds": [1]}) is None


@pytest.mark.parametrize(
    ("job", "parameters", "says"),
    [
        ("paint", {}, "There is no job 'paint'"),
        ("colorize_images", {"color": "red"}, "has no parameter 'color'"),
        ("import_images", {}, "needs 'paths'"),
        ("import_images", {"paths": []}, "needs 'paths'"),
        ("export_release", {"release_id": None}, "needs 'release_id'"),
    ],
)
def test_what_no_job_can_do_is_refused_before_it_is_queued(session, job, parameters, says):
    with pytest.raises(InvalidInputError, match=says):
        runs.create(session, job, parameters, requested_by="ann")


def test_defaults_are_not_shared_between_runs(session, run):
    run.parameters["levels"].append("none")
    assert runs.create(session, "colorize_images", {}, requested_by="ann").parameters["levels"] == ["complete", "partial", "scarce"]


def test_counts_are_absolute_so_that_a_repeated_step_counts_nothing_twice(session, run):
    runs.start(session, run.id, executor="one")
    for _ in range(2):
        runs.progress(session, run.id, done=8, failed=1, total=20, message="Is at work.")
    assert (run.done, run.failed, run.total, run.message) == (8, 1, 20, "Is at work.")
    assert run.started_at is not None


def test_an_item_is_recorded_once_with_its_last_reason(session, run):
    runs.item_failed(session, run.id, "a.png", "too large")
    runs.item_skipped(session, run.id, "b.png", "there already")
    runs.item_failed(session, run.id, "a.png", "cut short")
    told = [(item.item, item.status, item.reason) for item in runs.items(session, run.id)]
    assert told == [("a.png", RunItemStatus.FAILED, "cut short"), ("b.png", RunItemStatus.SKIPPED, "there already")]
    assert [item.item for item in runs.items(session, run.id, after_id=1)] == ["b.png"]


def test_a_finished_run_says_what_it_did(session, run):
    runs.start(session, run.id)
    runs.progress(session, run.id, done=3, failed=1, skipped=2, total=6)
    done = runs.finish(session, run.id, {"colorizations": 3})
    assert (done.status, done.message) == (RunStatus.DONE, "3 done, 1 failed, 2 skipped.")
    assert done.finished_at is not None
    with pytest.raises(ConflictError, match="is done already"):
        runs.cancel(session, run.id, actor="ann")
    with pytest.raises(ConflictError, match="only a failed or cancelled run"):
        runs.resume(session, run.id, actor="ann")


def test_a_cancelled_run_stays_cancelled_whatever_its_worker_says_later(session, run):
    runs.start(session, run.id)
    runs.cancel(session, run.id, actor="ann")
    assert runs.is_cancelled(session, run.id)
    runs.progress(session, run.id, done=4, message="Is at work.")
    assert runs.finish(session, run.id, {}).status is RunStatus.CANCELLED
    assert runs.fail(session, run.id, "broke").message == "Cancelled by ann."
    assert runs.start(session, run.id).status is RunStatus.CANCELLED


def test_a_resumed_run_starts_over_with_a_clean_slate_and_its_history_is_kept(session, run):
    runs.start(session, run.id)
    runs.item_failed(session, run.id, "a.png", "too large")
    runs.progress(session, run.id, done=1, failed=1, total=5)
    runs.fail(session, run.id, "there is no room left")
    again = runs.resume(session, run.id, actor="ben")
    assert (again.status, again.done, again.failed, again.total, again.workflow_id) == (RunStatus.QUEUED, 0, 0, 0, None)
    assert runs.items(session, run.id) == []
    event = session.scalar(select(Event).where(Event.action == "resume"))
    assert (event.actor, event.before, event.after) == ("ben", {"status": "failed"}, {"status": "queued"})


def test_a_running_run_is_resumed_only_where_its_worker_is_dead(session, run):
    beat(session, "one")
    runs.start(session, run.id, executor="one")
    with pytest.raises(ConflictError):
        runs.resume(session, run.id, actor="ann")
    runs.worker_stopped(session, "one")
    assert runs.resume(session, run.id, actor="ann").status is RunStatus.QUEUED


def test_work_stops_where_another_workflow_has_the_run(session, run):
    run.workflow_id = "new"
    session.flush()
    assert runs.is_cancelled(session, run.id, workflow_id="old")
    assert not runs.is_cancelled(session, run.id, workflow_id="new")
    assert runs.start(session, run.id, workflow_id="old", executor="one").executor is None


def test_runs_are_listed_newest_first_by_status_and_page(session):
    ids = [runs.create(session, "thumbnails", {}, requested_by="ann").id for _ in range(5)]
    runs.start(session, ids[0])
    assert [run.id for run in runs.listing(session, limit=2)] == ids[:-3:-1]
    assert [run.id for run in runs.listing(session, before_id=ids[2])] == [ids[1], ids[0]]
    assert [run.id for run in runs.listing(session, status=RunStatus.RUNNING)] == [ids[0]]
    assert [run.id for run in runs.unclaimed(session)] == ids[1:]
    with pytest.raises(NotFoundError, match="There is no run 99"):
        runs.get(session, 99)
    with pytest.raises(NotFoundError):
        runs.cancel(session, 99, actor="ann")


def test_a_worker_is_alive_while_it_beats_and_dead_when_it_falls_silent(session):
    beat(session, "one")
    beat(session, "two")
    assert [worker.executor for worker in runs.workers(session)] == ["one", "two"]
    session.get(Worker, "one").heartbeat_at = now() - timedelta(seconds=runs.STALE_SECONDS + 1)
    session.flush()
    assert [worker.executor for worker in runs.workers(session)] == ["two"]
    assert [worker.executor for worker in runs.dead_workers(session, but="two")] == ["one"]
    assert runs.dead_workers(session, but="one") == [], "who asks is alive"
    runs.worker_stopped(session, "one")
    assert runs.dead_workers(session, but="two") == []
    assert [worker.executor for worker in runs.workers(session, live=False)] == ["one", "two"]


def test_a_worker_that_comes_back_has_started_anew(session):
    beat(session, "one")
    worker = session.get(Worker, "one")
    worker.started_at = now() - timedelta(hours=1)
    session.flush()
    beat(session, "one")
    assert worker.started_at < now() - timedelta(minutes=59)
    beat(session, "one", pid=2)
    assert worker.started_at > now() - timedelta(minutes=1)
    runs.worker_stopped(session, "one")
    beat(session, "one", pid=2)
    assert worker.stopped_at is None
