"""The queue holds JSON that is checked as it is read; what is pickled is never read, and its run is queued again."""

import base64
import logging
import pickle
import threading
import time

import pytest
from dbos import DBOSClient
from dbos._serialization import DefaultSerializer, deserialize_args, deserialize_value
from sqlalchemy import create_engine, text

from db.enums import RunStatus
from pipelines.worker import engine, queue_payloads
from pipelines.worker.job import JobContext, Plan, StepResult
from pipelines.worker.process import Worker, jobs_url
from tests.pipelines.worker.counted_work import QUICK, SECONDS
from workbench import runs
from workbench.errors import InvalidInputError


class Trap:
    """Writes a file where it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def pickled(value) -> str:
    return base64.b64encode(pickle.dumps(value)).decode()


def rows(store, statement: str, **values) -> list:
    jobs = create_engine(store.settings.jobs_url)
    with jobs.begin() as connection:
        result = connection.execute(text(statement), values)
        found = list(result) if result.returns_rows else []
    jobs.dispose()
    return found


def work_until(store, condition) -> None:
    worker = Worker(store, ["files"], rhythm=QUICK)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + SECONDS
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    worker.stop()
    thread.join(SECONDS)
    assert condition()


def status(store, run_id: int) -> RunStatus:
    with store.reading() as session:
        return runs.get(session, run_id).status


def ask(store) -> int:
    with store.writing() as session:
        return runs.create(session, "level_captions", {}, requested_by="ann").id


def test_a_pickled_value_is_never_read_whoever_asks_for_it(tmp_path):
    trap = pickled({"args": (Trap(tmp_path / "sprung"),), "kwargs": {}})
    for read in (
        lambda: deserialize_args(trap, "py_pickle", queue_payloads.SERIALIZER),
        lambda: deserialize_value(trap, "py_pickle", queue_payloads.SERIALIZER),
        lambda: DefaultSerializer().deserialize(trap),
    ):
        with pytest.raises(InvalidInputError, match="is pickled, which could run code; it was not read"):
            read()
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"batches": [], "skipped": "1"}, "skipped"),
        ({"batches": [], "skipped": -1}, "skipped"),
        ({"batches": "all", "skipped": 0}, "batches"),
        ({"batches": [object()], "skipped": 0}, "batches.0"),
        ({"batches": [], "skipped": 0, "more": 1}, "more"),
        ([1], "the whole"),
    ],
)
def test_a_plan_that_is_none_is_refused_with_the_place_and_what_to_do(value, where):
    with pytest.raises(InvalidInputError, match=rf"cannot be used \({where}: .*\). Resume the run: it is planned anew."):
        queue_payloads.read(queue_payloads.PlanPayload, value)


@pytest.mark.parametrize("value", ["1", 0, -3, True, 1.0, None, [1]])
def test_a_workflow_about_no_run_is_refused(value):
    with pytest.raises(InvalidInputError, match="which is no number"):
        queue_payloads.read_run_id(value)


def test_a_run_fails_with_a_sentence_where_the_queue_gives_back_what_no_step_left(store):
    run_id = ask(store)
    with store.writing() as session:
        runs.start(session, run_id)
    spoiled = {"plan": {"batches": [1], "skipped": 0}, "batch 0": {"done": "many"}}
    context = JobContext(store, run_id, "level_captions", {}, "ann")
    assert engine.execute(context, lambda name, call: spoiled.get(name) or call()) is RunStatus.FAILED
    with store.reading() as session:
        assert runs.get(session, run_id).message.startswith("What the queue holds of this run cannot be used (done: ")


def test_a_batch_is_the_same_value_for_the_first_worker_and_for_the_next(store, monkeypatch):
    """JSON has no tuples: what a step is given must not depend on whether its plan was read back from the queue."""
    seen = []

    class Job:
        plan = staticmethod(lambda _context: Plan([(1, "a")], 1))
        step = staticmethod(lambda _context, batch: seen.append(batch) or StepResult(done=1))
        finish = staticmethod(lambda _context, _findings: {})

    monkeypatch.setattr(engine, "load_job", lambda _name: Job)
    run_id = ask(store)
    with store.writing() as session:
        runs.start(session, run_id)
    assert engine.execute(JobContext(store, run_id, "level_captions", {}, "ann")) is RunStatus.DONE
    assert seen == [[1, "a"]]


@pytest.mark.slow
def test_everything_that_a_worker_leaves_in_the_queue_is_json(store):
    run_id = ask(store)
    work_until(store, lambda: status(store, run_id) is RunStatus.DONE)
    tables = ("workflow_status", "operation_outputs")
    assert {row[0] for table in tables for row in rows(store, f"SELECT serialization FROM {table}")} == {"portable_json"}
    assert {row.function_name for row in rows(store, "SELECT function_name FROM operation_outputs")} >= {"plan", "finish"}
    assert queue_payloads.drop_pickled(jobs_url(store)) == 0


@pytest.mark.slow
def test_pickled_workflows_of_an_earlier_version_are_dropped_unread_and_their_runs_carried_out(store, tmp_path, caplog):
    first = ask(store)
    work_until(store, lambda: status(store, first) is RunStatus.DONE)
    waiting = ask(store)
    with store.writing() as session:
        runs.get(session, waiting).workflow_id = "run-of-old"
    client = DBOSClient(system_database_url=jobs_url(store))  # writes as the version before did
    client.enqueue({"workflow_name": "run_job", "queue_name": "files", "workflow_id": "run-of-old"}, waiting)
    client.destroy()
    trap = pickled({"args": (Trap(tmp_path / "sprung"),), "kwargs": {}})
    for table in ("workflow_input", "workflow_status"):
        rows(store, f"UPDATE {table} SET inputs = :trap WHERE workflow_uuid = 'run-of-old'", trap=trap)
    rows(store, "UPDATE operation_outputs SET serialization = 'py_pickle', output = :trap", trap=trap)
    with caplog.at_level(logging.WARNING, "workbench.jobs"):
        work_until(store, lambda: status(store, waiting) is RunStatus.DONE)
    assert "2 workflows of an earlier version were removed from the queue unread; their runs are queued again" in caplog.text
    assert not (tmp_path / "sprung").exists()
    assert rows(store, "SELECT 1 FROM workflow_status WHERE serialization <> 'portable_json'") == []
    assert status(store, first) is RunStatus.DONE


@pytest.mark.slow
def test_a_pickled_workflow_that_comes_while_a_worker_is_up_ends_unread(store, tmp_path):
    before = ask(store)
    work_until(store, lambda: status(store, before) is RunStatus.DONE)

    def come() -> None:
        client = DBOSClient(system_database_url=jobs_url(store))
        client.enqueue({"workflow_name": "run_job", "queue_name": "files", "workflow_id": "late"}, Trap(tmp_path / "sprung"))
        client.destroy()

    threading.Timer(1.0, come).start()  # by then the worker has looked for old ones
    work_until(store, lambda: rows(store, "SELECT status FROM workflow_status WHERE workflow_uuid = 'late'") == [("ERROR",)])
    assert not (tmp_path / "sprung").exists()
