"""The loop goes all the way round by itself, and a second walk adds nothing but its runs."""

import pytest

from db.enums import RunStatus
from pipelines.demo.loop import Loop, Plan
from pipelines.worker.engine import execute
from pipelines.worker.job import JobContext
from workbench import runs
from workbench.errors import WorkbenchError

pytestmark = pytest.mark.model

QUERY = "source:demo (file:mug-and-cone OR file:three-solids OR tag:studio)"
COUNTED = ("images", "captions", "regions", "colorizations", "ratings", "reviews", "exported_files", "colorizations_with_retrained", "runs")


@pytest.fixture
def loop(store, tiny):
    """A loop over a few of the demo's scenes at a small size, its runs carried out in this process."""

    def follow(run_id: int):
        with store.writing() as session:
            run = runs.start(session, run_id)
        execute(JobContext(store, run.id, run.job, run.parameters, run.requested_by))
        with store.reading() as session:
            return runs.get(session, run_id)

    said: list[str] = []
    plan = Plan(base=tiny, training_steps=2, grounder_steps=2, sampling_steps=2, size=64, studios=4, query=QUERY)
    return Loop(store, follow, said.append, plan)


@pytest.mark.slow
@pytest.mark.usefixtures("forked")
def test_the_whole_loop_leaves_something_at_every_station_and_is_walked_once(loop, store):
    summary = loop.walk()
    assert all(summary[name] > 0 for name in COUNTED)
    assert summary["release"]["items"] > 0
    assert summary["release"]["splits"] == 3
    assert summary["retrained_checkpoint"] > 0
    assert summary["simulated_ratings"] == summary["ratings"]
    assert [item["job"] for item in summary["failed_items"]] == ["import_images"]
    assert "cut short" in summary["failed_items"][0]["reason"]
    assert 0 < summary["validation_loss_after"] < 10
    assert set(summary["evaluations"]) == set(summary["evaluations_by_captions_alone"]) == {"tiny", "tiny-2"}
    with store.reading() as session:
        assert {run.status for run in runs.listing(session)} == {RunStatus.DONE}
        (training,) = [run for run in runs.listing(session) if run.job == "retrain_checkpoint"]
    assert training.parameters["grounder_steps"] == 2
    again = loop.walk()
    changing = ("runs", "seconds", "failed_items", "exported_files")
    assert {name: value for name, value in again.items() if name not in changing} == {
        name: value for name, value in summary.items() if name not in changing
    }
    assert again["exported_files"] == summary["exported_files"]


def test_a_run_that_fails_stops_the_loop_with_its_reason(store):
    def fails(run_id: int):
        with store.writing() as session:
            return runs.fail(session, run_id, "there is no room left")

    with pytest.raises(WorkbenchError, match="The loop stopped at run 1, make_demo: there is no room left"):
        Loop(store, fails, lambda _text: None).walk()
