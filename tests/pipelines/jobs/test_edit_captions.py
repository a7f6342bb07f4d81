"""Edits of very many captions are runs: some at a time, cancelled and resumed without harm, and one batch that is taken back whole."""

import pytest

from db.enums import RunStatus
from pipelines.jobs import edit_captions, take_back_batch
from pipelines.worker.job import JobContext
from workbench import captions, images, runs
from workbench.captions import bulk_edit, history
from workbench.exports.caption_files import rows
from workbench.store import events

pytestmark = pytest.mark.slow


@pytest.fixture
def small_steps(monkeypatch):
    for job in (edit_captions, take_back_batch):
        monkeypatch.setattr(job, "BATCH", 2)


@pytest.fixture
def stocked(store, library, small_steps):
    """Four images with three captions each."""
    return library(4)


def everything(store):
    with store.reading() as session:
        tags = [images.tags(session, image.id) for image in images.find(session)]
        return list(rows(session, "status:accepted,proposed,dropped")), tags


EDITS = {
    "replace": {"kind": "replace", "pattern": "cup", "replacement": "mug"},
    "relevel": {"kind": "relevel", "query": "level:complete", "level": "scarce"},
    "remove": {"kind": "remove", "query": "level:partial"},
    "retag": {"kind": "retag", "add": ["night", "checked"]},
}


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
@pytest.mark.slow
def test_a_run_makes_the_edit_as_one_batch_and_another_takes_it_back(store, stocked, carry_out, edit):
    before = everything(store)
    run = carry_out("edit_captions", **edit)
    assert (run.status, run.failed, run.done) == (RunStatus.DONE, 0, run.total)
    changed = everything(store)
    assert changed != before
    with store.reading() as session:
        [batch] = history.recent(session)
        assert (batch.batch_id, batch.stands, batch.actor) == (run.summary["batch"], True, f"tester (run {run.id})")
    back = carry_out("take_back_batch", batch=batch.batch_id)
    assert (back.status, back.done) == (RunStatus.DONE, batch.count)
    assert everything(store) == before
    with store.reading() as session:
        assert [batch.stands for batch in history.recent(session)] == [False]
    carry_out("take_back_batch", batch=back.summary["batch"])  # and forward again
    assert everything(store) == changed


def test_a_step_that_is_repeated_changes_nothing_more(store, stocked):
    with store.writing() as session:
        run = runs.create(session, "edit_captions", {"kind": "replace", "pattern": "cup", "replacement": "cupcup"}, requested_by="tester")
        runs.start(session, run.id)
    context = JobContext(store, run.id, run.job, run.parameters, "tester")
    plan = edit_captions.plan(context)
    assert edit_captions.step(context, plan.batches[0]).done == 2
    once = everything(store)
    assert edit_captions.step(context, plan.batches[0]).done == 2
    assert everything(store) == once


def test_what_a_cancelled_run_did_is_a_batch_and_a_resumed_one_goes_on_with_it(store, stocked):
    before = everything(store)
    with store.writing() as session:
        run = runs.create(session, "edit_captions", {"kind": "replace", "pattern": "cup", "replacement": "cupcup"}, requested_by="tester")
        runs.start(session, run.id)
    context = JobContext(store, run.id, run.job, run.parameters, "tester")
    for batch in edit_captions.plan(context).batches[:2]:
        edit_captions.step(context, batch)
    for batch in edit_captions.plan(context).batches:  # as a resumed run plans again
        edit_captions.step(context, batch)
    with store.writing() as session:
        assert captions.count(session, "cupcup") == 12
        assert captions.count(session, "cupcupcupcup") == 0
        assert events.rollback(session, events.batch_of_run(run.id), actor="tester") == 12
    assert everything(store) == before


def test_what_cannot_be_changed_is_named_and_left_alone(store, stocked, carry_out):
    run = carry_out("edit_captions", kind="replace", pattern="red |brown ", regex=True)
    assert (run.status, run.done, run.skipped) == (RunStatus.DONE, 0, 8)
    with store.reading() as session:
        reasons = {item.reason for item in runs.items(session, run.id)}
        assert reasons == {"Its image has that caption already."}
        assert history.recent(session) == []


def test_a_batch_of_which_one_thing_changed_since_is_not_taken_back_at_all(store, stocked, carry_out):
    run = carry_out("edit_captions", kind="replace", pattern="cup", replacement="mug")
    with store.writing() as session:
        captions.edit(session, 1, "a jug", actor="cy")
    after = everything(store)
    back = carry_out("take_back_batch", batch=run.summary["batch"])
    assert back.status is RunStatus.FAILED
    assert "undo the later changes first" in back.message
    assert everything(store) == after


def test_what_changes_while_a_batch_is_taken_back_is_left_as_it_is_and_named(store, stocked, carry_out, monkeypatch):
    run = carry_out("edit_captions", kind="replace", pattern="cup", replacement="mug")
    look = events.require_untouched

    def meanwhile(session, standing):
        look(session, standing)
        with store.writing() as other:
            captions.edit(other, 1, "a jug", actor="cy")

    monkeypatch.setattr(events, "require_untouched", meanwhile)
    back = carry_out("take_back_batch", batch=run.summary["batch"])
    assert (back.done, back.failed) == (11, 1)
    with store.reading() as session:
        assert captions.get(session, 1).text == "a jug"
        assert captions.count(session, "mug") == 0


def test_a_batch_is_not_taken_back_while_its_run_is_at_work(store, stocked, workbench):
    with store.writing() as session:
        run = runs.create(session, "edit_captions", EDITS["replace"], requested_by="tester")
        runs.start(session, run.id)
    context = JobContext(store, run.id, run.job, run.parameters, "tester")
    edit_captions.step(context, edit_captions.plan(context).batches[0])
    batch, home = events.batch_of_run(run.id), ("--home", store.settings.home)
    refused = workbench("captions", "undo", batch, *home)
    assert (refused.status, "still at work on this batch" in refused.messages) == (1, True)
    with store.writing() as session:
        runs.cancel(session, run.id, actor="tester")
    assert workbench("captions", "undo", batch, "--json", *home).json["undone"] == 2
    assert "undone already" in workbench("captions", "undo", batch, *home).output


def test_the_proposals_of_a_run_are_taken_back_as_one(store, stocked, carry_out):
    before = everything(store)
    run = carry_out("level_captions", query="level:complete")
    assert run.summary["proposals"] > 0
    with store.reading() as session:
        [batch] = history.recent(session)
        assert batch.batch_id == events.batch_of_run(run.id)
    carry_out("take_back_batch", batch=batch.batch_id)
    assert everything(store) == before


def test_the_command_makes_a_run_of_an_edit_that_takes_long(store, stocked, workbench, monkeypatch):
    monkeypatch.setattr(bulk_edit, "AT_ONCE", 3)
    home = ("--home", store.settings.home)
    run = workbench("captions", "replace", "cup", "mug", "--apply", "--no-wait", "--json", *home).json
    assert (run["job"], run["status"]) == ("edit_captions", "queued")
    assert run["parameters"]["pattern"] == "cup"
