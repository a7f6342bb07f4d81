"""Workers carry out runs durably: they hand over when stopped, resume where they stopped, and take over from the dead."""

import time
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from dbos import DBOS, DBOSClient, _sys_db_sqlite
from dbos._migration import sqlite_migrations
from sqlalchemy import create_engine, text

from db.base import now
from db.enums import RunStatus
from pipelines.worker import dispatch, engine
from pipelines.worker.process import jobs_url
from tests.pipelines.worker.counted_work import QUICK, ask, ended, the_run, wait_for
from workbench import runs


@pytest.mark.slow
def test_a_queued_run_is_carried_out_batch_by_batch(store, job, working):
    run_id = ask(store)
    worker, _ = working()
    run = ended(store, run_id)
    assert (run.status, run.done, run.total, run.executor) == (RunStatus.DONE, 6, 6, worker.executor)
    assert run.summary == {"batches": [0, 1, 2, 3, 4, 5]}
    assert run.message == "6 done."
    assert job.steps == [0, 1, 2, 3, 4, 5]


@pytest.mark.slow
def test_a_stopped_worker_hands_its_run_over_and_the_next_one_goes_on_where_it_stopped(store, job, working):
    job.gate(3)
    run_id = ask(store)
    worker, stop = working()
    wait_for(lambda: 3 in job.steps, "the fourth batch")
    stop()
    assert the_run(store, run_id).status is RunStatus.RUNNING
    with store.reading() as session:
        assert runs.workers(session) == []
    job.gate(3).set()
    again, _ = working()
    assert again.executor == worker.executor
    run = ended(store, run_id)
    assert (run.status, run.done) == (RunStatus.DONE, 6)
    assert job.steps == [0, 1, 2, 3, 3, 4, 5]
    assert run.summary == {"batches": [0, 1, 2, 3, 4, 5]}


@pytest.mark.slow
def test_a_cancelled_run_stops_at_once_and_a_resumed_one_is_done_whole(store, job, working):
    job.gate(2)
    run_id = ask(store)
    working()
    wait_for(lambda: 2 in job.steps, "the third batch")
    with store.writing() as session:
        runs.cancel(session, run_id, actor="ann")
    run = the_run(store, run_id)
    assert (run.status, run.message) == (RunStatus.CANCELLED, "Cancelled by ann.")
    job.gate(2).set()
    time.sleep(0.5)
    assert job.steps == [0, 1, 2]
    with store.writing() as session:
        runs.resume(session, run_id, actor="ann")
    run = ended(store, run_id)
    assert (run.status, run.done, run.failed) == (RunStatus.DONE, 6, 0)


@pytest.mark.slow
def test_a_run_cancelled_before_a_worker_came_is_never_begun(store, job, working):
    run_id, other = ask(store), ask(store)
    with store.writing() as session:
        runs.cancel(session, run_id, actor="ann")
    working()
    ended(store, other)
    assert the_run(store, run_id).status is RunStatus.CANCELLED
    assert len(job.steps) == 6


@pytest.mark.slow
def test_an_error_fails_the_run_with_a_sentence_and_the_worker_goes_on(store, job, working, monkeypatch):
    broken = ask(store, "level_captions")
    whole = ask(store)
    plan = job.plan

    def breaks(context):
        if context.job == "level_captions":
            raise KeyError("lost")
        return plan(context)

    monkeypatch.setattr(job, "plan", breaks)
    working()
    assert ended(store, whole).status is RunStatus.DONE
    run = ended(store, broken)
    assert run.status is RunStatus.FAILED
    assert run.message.startswith(f"The job broke (KeyError); the worker's log tells where, under run {broken}.")
    assert "lost" not in run.message


@pytest.mark.slow
def test_work_of_a_dead_worker_is_taken_over_by_a_living_one(store, job, working):
    """The dead one is a process that stopped giving signs of life while its workflow was pending under its name."""
    job.gate(1)
    run_id = ask(store)
    _, stop = working(name="dying")
    wait_for(lambda: 1 in job.steps, "the second batch")
    stop()
    client = DBOSClient(system_database_url=jobs_url(store))
    (workflow,) = client.list_workflows(status="ENQUEUED")
    _pretend_dead(store, client, workflow.workflow_id)
    client.destroy()
    job.gate(1).set()
    living, _ = working(name="living")
    run = ended(store, run_id)
    assert (run.status, run.done, run.executor) == (RunStatus.DONE, 6, living.executor)
    with store.reading() as session:
        (dead,) = [worker for worker in runs.workers(session, live=False) if worker.executor == "dying"]
        assert dead.stopped_at is not None


@pytest.mark.slow
def test_a_worker_whose_signs_of_life_are_late_does_not_take_itself_for_dead(store, job, working):
    """As after a laptop's sleep, or under much other work."""
    job.gate(1)
    run_id = ask(store)
    worker, _ = working(rhythm=replace(QUICK, heartbeat=60, reap=0.05, stale=0.1))
    wait_for(lambda: 1 in job.steps, "the second batch")
    time.sleep(1)
    job.gate(1).set()
    assert ended(store, run_id).status is RunStatus.DONE
    assert job.steps == [0, 1, 2, 3, 4, 5]
    with store.reading() as session:
        assert [found.executor for found in runs.workers(session)] == [worker.executor]


@pytest.mark.slow
def test_a_queue_of_an_earlier_version_of_its_library_is_brought_up_to_date_first(store, job, working, monkeypatch):
    """Its tables lack columns that are read before the library would add them; as do those that another worker is just making."""
    with monkeypatch.context() as earlier:
        earlier.setattr(_sys_db_sqlite, "sqlite_migrations", sqlite_migrations[:4])  # before workflow_status.completed_at
        DBOS.migrate(jobs_url(store))
    run_id = ask(store)
    working()
    assert ended(store, run_id).status is RunStatus.DONE


def _pretend_dead(store, client: DBOSClient, workflow_id: str) -> None:
    jobs = create_engine(store.settings.jobs_url)
    with jobs.begin() as connection:
        connection.execute(
            text("UPDATE workflow_status SET status = 'PENDING', executor_id = 'dying' WHERE workflow_uuid = :id"), {"id": workflow_id}
        )
    jobs.dispose()
    with store.writing() as session:
        (worker,) = runs.workers(session, live=False)
        worker.stopped_at, worker.heartbeat_at = None, now() - timedelta(minutes=5)


@pytest.mark.slow
def test_a_run_that_the_queue_lost_is_queued_again(store, job, working):
    run_id = ask(store)
    with store.writing() as session:
        runs.get(session, run_id).workflow_id = "run-lost-with-its-worker"
    working()
    assert ended(store, run_id).status is RunStatus.DONE


@pytest.mark.slow
def test_a_model_job_fails_with_what_to_do_where_no_live_worker_has_the_model(store, working, monkeypatch):
    monkeypatch.setattr(engine, "find_spec", lambda name: None if name == "torch" else object())
    run_id = ask(store, "colorize_images")
    working()
    run = ended(store, run_id)
    assert run.status is RunStatus.FAILED
    assert "needs the model extra (torch not installed)" in run.message
    assert "resume the run" in run.message


def test_a_worker_whose_own_signs_of_life_are_old_still_takes_model_jobs(store, monkeypatch):
    monkeypatch.setattr(dispatch, "missing_model_parts", list)
    run_id, taken = ask(store, "colorize_images"), []
    assert dispatch.claim_queued(store, SimpleNamespace(enqueue=lambda _options, run: taken.append(run))) == 1
    assert taken == [run_id]
    assert the_run(store, run_id).status is RunStatus.QUEUED


def test_a_stale_workflow_of_a_resumed_run_does_nothing(store, job):
    run_id = ask(store)
    with store.writing() as session:
        runs.get(session, run_id).workflow_id = "new"
    context = engine.JobContext(store, run_id, "thumbnails", {}, "tester", workflow_id="old")
    assert engine.execute(context) is RunStatus.CANCELLED
    assert job.steps == []
    assert the_run(store, run_id).status is RunStatus.QUEUED


def test_nothing_is_claimed_twice(store, job):
    class Client:
        def __init__(self):
            self.enqueued = []

        def enqueue(self, options, run_id):
            self.enqueued.append((options["queue_name"], run_id))

    client, run_id = Client(), ask(store)
    assert dispatch.claim_queued(store, client) == 1
    assert dispatch.claim_queued(store, client) == 0
    assert client.enqueued == [("files", run_id)]
