"""A worker that was cut off, taken for dead and comes back leaves its run to the one that has it now."""

import pytest

from db.enums import RunStatus
from pipelines.worker import engine
from pipelines.worker.job import JobContext, StepResult, WorkerStopping
from workbench import runs


@pytest.fixture
def cut_off(store) -> JobContext:
    """What the first of two workers knows of a run that the second goes on with, under the same workflow."""
    with store.writing() as session:
        run = runs.create(session, "thumbnails", {}, requested_by="ada")
        run.workflow_id = "one"
        session.flush()
        for executor in ("first", "second"):
            runs.start(session, run.id, workflow_id="one", executor=executor)
    return JobContext(store, run.id, "thumbnails", {}, "ada", "one", "first")


def test_it_stops_at_its_next_step_and_counts_nothing(store, cut_off):
    with pytest.raises(WorkerStopping):
        cut_off.check()
    with pytest.raises(WorkerStopping):
        cut_off.report(StepResult(done=7))
    with store.reading() as session:
        assert runs.get(session, cut_off.run_id).done == 0


def test_it_does_not_end_the_run_with_what_it_failed_at(store, cut_off):
    def broken(_name, _call):
        raise OSError("the link was cut")

    calls = []

    def durably(name, call):
        calls.append(name)
        return call() if name == "fail" else broken(name, call)

    with pytest.raises(WorkerStopping):
        engine.execute(cut_off, durably)
    assert calls == ["plan", "fail"]
    with store.reading() as session:
        assert runs.get(session, cut_off.run_id).status is RunStatus.RUNNING


def test_the_one_that_has_the_run_goes_on(store, cut_off):
    cut_off.executor = "second"
    cut_off.check()
    cut_off.report(StepResult(done=7))
    with store.reading() as session:
        assert runs.get(session, cut_off.run_id).done == 7
