"""A click is carried out by a worker with segment-anything: once, fast on the second one, undone like any, never lost."""

import threading
import time

import numpy as np
import pytest
import torch
from sqlalchemy import delete, func, select

from db.enums import CaptionLevel, RegionOrigin, RunStatus
from db.models import Event, Region
from workbench import captions, images, regions, runs
from workbench.imaging import masks
from workbench.imaging.mask_editing import Correction
from workbench.regions import interactive_segmentation
from workbench.store import events

pytestmark = pytest.mark.model

BOX = Correction("box", ((2.0, 2.0), (30.0, 30.0)))


@pytest.fixture
def sam(store, monkeypatch):
    """A tiny real segment-anything whose weights lie in the store; the pictures that it read, in order."""
    from segment_anything import SamPredictor

    from pipelines.inference import loaded_models
    from tests.lcad.sam import know_tiny, tiny_sam

    know_tiny(monkeypatch)
    monkeypatch.delenv("WORKBENCH_SAM_WEIGHTS", raising=False)
    (store.settings.home / "weights").mkdir()
    torch.save(tiny_sam().model.state_dict(), store.settings.home / "weights" / "sam_tiny.pth")
    loaded_models._predictor.cache_clear()
    loaded_models._read.clear()
    read, original = [], SamPredictor.set_image
    monkeypatch.setattr(SamPredictor, "set_image", lambda self, rgb: (read.append(rgb.shape), original(self, rgb))[1])
    yield read
    loaded_models._predictor.cache_clear()
    loaded_models._read.clear()


@pytest.fixture
def place(store, library, sam) -> tuple[int, int]:
    """An image without regions, and the mention of a cup in its complete caption."""
    (image_id,) = library(1)
    with store.writing() as session:
        session.execute(delete(Region))
        [caption] = [view.caption for view in captions.of_image(session, image_id) if view.caption.level is CaptionLevel.COMPLETE]
        return image_id, regions.for_caption(session, caption.id)[0].mention.id


def parameters(place, correction, region_id=interactive_segmentation.NEW) -> dict:
    return {
        "image_id": place[0], "mention_id": place[1], "region_id": region_id,
        "correction": {"kind": correction.kind, "points": [list(point) for point in correction.points]},
    }  # fmt: skip


def the_region(store) -> Region:
    with store.reading() as session:
        return session.scalars(select(Region)).one()


def predicted(store, points, adds, box=None, before=None) -> np.ndarray:
    """What the tiny segment-anything itself says of the first image."""
    from lcad.grounding import mask_of_clicks
    from tests.lcad.sam import tiny_sam

    predictor = tiny_sam()
    with store.reading() as session:
        predictor.set_image(images.upright_rgb(store.media, images.get(session, 1)))
    return mask_of_clicks(predictor, points, adds, box, before)[0]


@pytest.mark.slow
def test_a_box_begins_a_mask_that_tells_its_method_and_undo_takes_it_back(store, place, carry_out):
    run = carry_out("correct_mask", **parameters(place, BOX))
    region = the_region(store)
    assert (run.status, run.message) == (RunStatus.DONE, "1 done.")
    assert run.summary["method"] == "segment-anything"
    assert run.summary["region"] == region.id
    assert (region.origin, region.label, region.author, region.run_id) == (RegionOrigin.SAM, "cup", "tester", run.id)
    np.testing.assert_array_equal(masks.decode(region.mask), predicted(store, [], [], ((2.0, 2.0), (30.0, 30.0))))
    with store.writing() as session:
        change = regions.last_change(session, place[0])
        assert (change.actor, change.run_id) == ("tester", run.id)
        events.rollback(session, change.batch_id, actor="tester")
        assert regions.of_image(session, place[0]) == []


@pytest.mark.slow
def test_the_second_click_reads_no_picture_and_is_predicted_from_both(store, place, sam, carry_out):
    carry_out("correct_mask", **parameters(place, BOX))
    first = masks.decode(the_region(store).mask)
    second = a_click_that_is_obeyed(store, first)
    read = len(sam)
    run = carry_out("correct_mask", **parameters(place, second, the_region(store).id))
    assert run.status is RunStatus.DONE, run.message
    assert len(sam) == read
    with store.reading() as session:
        clicks = interactive_segmentation.clicks_of(session, the_region(store).id)
    assert clicks.complete
    assert clicks.box == BOX.points
    np.testing.assert_array_equal(masks.decode(the_region(store).mask), predicted(store, clicks.points, clicks.adds, clicks.box, first))


def a_click_that_is_obeyed(store, first) -> Correction:
    """A second click for which the random weights have an answer that changes something."""
    for x in range(2, 48, 3):
        for adds in (True, False):
            try:
                mask = predicted(store, [(float(x), 20.0)], [adds], BOX.points, first)
            except ValueError:
                continue
            if (mask != first).any():
                return Correction("add" if adds else "remove", ((float(x), 20.0),))
    raise AssertionError("no click would do")


def test_a_click_on_a_mask_that_a_hand_has_drawn_only_adds_to_it(store, place, carry_out):
    drawn = np.zeros((40, 48), bool)
    drawn[30:, 30:] = True
    with store.writing() as session:
        region = regions.add(session, place[0], drawn, origin=RegionOrigin.HUMAN, author="tester")
    run = carry_out("correct_mask", **parameters(place, BOX, region.id))
    assert run.status is RunStatus.DONE, run.message
    after = masks.decode(the_region(store).mask)
    assert (after & drawn).sum() == drawn.sum() < after.sum()
    assert the_region(store).origin is RegionOrigin.SAM
    with store.writing() as session:
        events.undo(session, regions.last_change(session, place[0]).id, actor="tester")
        np.testing.assert_array_equal(masks.decode(regions.get(session, region.id).mask), drawn)
        assert regions.get(session, region.id).origin is RegionOrigin.HUMAN
        assert interactive_segmentation.clicks_of(session, region.id) == interactive_segmentation.Clicks(complete=False), (
            "an undone click counts no more"
        )


def test_a_step_that_is_repeated_after_an_interruption_adds_nothing(store, place):
    from pipelines.jobs import correct_mask
    from pipelines.worker.job import JobContext

    with store.writing() as session:
        run = runs.create(session, "correct_mask", parameters(place, BOX), requested_by="tester")
        runs.start(session, run.id)
    context = JobContext(store, run.id, run.job, run.parameters, "tester")
    assert correct_mask.step(context, interactive_segmentation.NEW).done == 1
    with store.reading() as session:
        told = session.scalar(select(func.count(Event.id)))
    assert correct_mask.step(context, interactive_segmentation.NEW).done == 1
    with store.reading() as session:
        assert session.scalar(select(func.count(Event.id))) == told


def test_a_click_that_fails_says_why_is_kept_and_can_be_tried_again(store, place, carry_out):
    weights = store.settings.home / "weights" / "sam_tiny.pth"
    content = weights.read_bytes()
    weights.write_bytes(content[:100])
    run = carry_out("correct_mask", **parameters(place, BOX))
    assert run.status is RunStatus.FAILED
    assert run.message.startswith("Segment-anything cannot be loaded")
    with store.writing() as session:
        waiting = interactive_segmentation.latest(session, place[0])
        assert (waiting.id, interactive_segmentation.correction_of(waiting)) == (run.id, BOX)
        runs.resume(session, run.id, actor="tester")
        assert interactive_segmentation.latest(session, place[0]).status is RunStatus.QUEUED
        assert interactive_segmentation.drop(session, run.id, actor="tester")
        assert interactive_segmentation.latest(session, place[0]) is None


def test_a_click_that_was_dropped_while_it_was_cut_out_leaves_nothing(store, place, monkeypatch):
    from pipelines.jobs import correct_mask
    from pipelines.worker import engine
    from pipelines.worker.job import JobContext

    with store.writing() as session:
        run = runs.create(session, "correct_mask", parameters(place, BOX), requested_by="tester")
        runs.start(session, run.id)

    def dropped_meanwhile(*_given):
        with store.writing() as session:
            assert interactive_segmentation.drop(session, run.id, actor="tester")
        return np.ones((40, 48), bool), 1.0

    monkeypatch.setattr(correct_mask, "_cut", dropped_meanwhile)
    assert engine.execute(JobContext(store, run.id, run.job, run.parameters, "tester")) is RunStatus.CANCELLED
    with store.reading() as session:
        assert session.scalars(select(Region)).all() == []


@pytest.mark.slow
def test_grounding_leaves_a_mask_alone_that_a_person_clicked_together(store, place, tiny, carry_out):
    carry_out("correct_mask", **parameters(place, BOX))
    run = carry_out("ground_phrases", checkpoint=tiny)
    assert run.summary["regions"] == 0
    assert the_region(store).origin is RegionOrigin.SAM


@pytest.mark.slow
def test_a_live_worker_carries_a_click_out(store, place):
    from pipelines.worker.process import Worker, queues_to_serve
    from tests.pipelines.worker.counted_work import QUICK

    with store.writing() as session:
        assert not interactive_segmentation.served(session)
        run_id = interactive_segmentation.ask(session, *place, interactive_segmentation.NEW, BOX, requested_by="tester").id
    assert "clicks" in queues_to_serve([], store.settings.home)
    worker = Worker(store, ["clicks"], rhythm=QUICK)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and (run := _run(store, run_id)).status not in runs.ENDED:
        time.sleep(0.05)
    with store.reading() as session:
        assert interactive_segmentation.served(session)
    worker.stop()
    thread.join(30)
    assert (run.status, run.executor) == (RunStatus.DONE, worker.executor)
    assert run.summary["region"] == the_region(store).id


@pytest.mark.slow
def test_a_picture_is_read_before_the_first_click_on_it_and_once(store, place, sam, carry_out, library):
    from pipelines.worker.process import Worker
    from tests.pipelines.worker.counted_work import QUICK

    other = library(2)[1]
    with store.writing() as session:
        assert interactive_segmentation.get_ready(session, place[0], requested_by="ann") is None, "nobody cuts clicks out"
    worker = Worker(store, ["clicks"], rhythm=QUICK)
    worker._sign()
    with store.writing() as session:
        first = interactive_segmentation.get_ready(session, place[0], requested_by="ann").id
        second = interactive_segmentation.get_ready(session, other, requested_by="ann").id
        assert interactive_segmentation.get_ready(session, other, requested_by="ann") is None
        assert runs.get(session, first).status is RunStatus.CANCELLED, "she has gone on to another picture"
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    assert _ended(store, second).status is RunStatus.DONE
    assert len(sam) == 1
    with store.writing() as session:
        assert interactive_segmentation.get_ready(session, other, requested_by="bob") is None, "the worker has it before it"
        mention = regions.for_caption(session, captions.of_image(session, other)[0].caption.id)[0].mention.id
        click = interactive_segmentation.ask(session, other, mention, interactive_segmentation.NEW, BOX, requested_by="bob").id
    assert _ended(store, click).status is RunStatus.DONE
    assert len(sam) == 1, "the click found the picture read"
    worker.stop()
    thread.join(30)


@pytest.mark.slow
def test_a_worker_that_was_there_before_the_weights_takes_them_up(store, place):
    from pipelines.worker.process import Worker, queues_to_serve
    from tests.pipelines.worker.counted_work import QUICK

    weights = store.settings.home / "weights" / "sam_tiny.pth"
    content = weights.read_bytes()
    weights.unlink()
    assert queues_to_serve(["files", "clicks"], store.settings.home) == ["files"]
    worker = Worker(store, ["files"], later=["clicks"], rhythm=QUICK)
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    with store.writing() as session:
        before = runs.create(session, "thumbnails", {}, requested_by="tester").id
    assert _ended(store, before).status is RunStatus.DONE
    weights.write_bytes(content)
    with store.writing() as session:
        click = interactive_segmentation.ask(session, *place, interactive_segmentation.NEW, BOX, requested_by="tester").id
        after = runs.create(session, "thumbnails", {}, requested_by="tester").id
    assert [_ended(store, run_id).status for run_id in (click, after)] == [RunStatus.DONE] * 2
    with store.reading() as session:
        assert interactive_segmentation.served(session)
    worker.stop()
    thread.join(30)
    assert not thread.is_alive()


def _ended(store, run_id: int, seconds: float = 60):
    deadline = time.monotonic() + seconds
    while (run := _run(store, run_id)).status not in runs.ENDED and time.monotonic() < deadline:
        time.sleep(0.05)
    return run


def _run(store, run_id: int):
    with store.reading() as session:
        return runs.get(session, run_id)
