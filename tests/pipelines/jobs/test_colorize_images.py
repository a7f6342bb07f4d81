"""Colorizing makes what is missing, once, keyed by everything the pixels depend on."""

import io

import numpy as np
import PIL.Image
import pytest
from sqlalchemy import func, select

from db.enums import CaptionLevel, FoundBy, RegionOrigin, RunStatus
from db.models import Checkpoint, Colorization, Region
from workbench import captions, colorizations, images, runs
from workbench.reviews import Basis, basis_of, measured, worth

pytestmark = pytest.mark.model


def rows(store) -> list[Colorization]:
    with store.reading() as session:
        return list(session.scalars(select(Colorization).order_by(Colorization.id)))


@pytest.mark.slow
def test_every_caption_and_seed_is_colored_once_with_its_settings_and_adherence(store, library, tiny, carry_out):
    library(2)
    run = carry_out("colorize_images", checkpoint=tiny, seeds=[0, 5])
    assert run.status is RunStatus.DONE, run.message
    assert (run.total, run.done, run.failed) == (12, 12, 0)
    assert run.summary["colorizations"] == 12
    made = rows(store)
    assert {(row.caption_id, row.seed) for row in made} == {(caption, seed) for caption in range(1, 7) for seed in (0, 5)}
    assert made[0].settings == {"steps": None, "guidance": None, "instances": True}
    assert made[0].run_id == run.id
    assert {mention["phrase"] for mention in made[0].facts["mentions"]} == {"a red cup", "a brown table"}
    assert 0 <= made[0].adherence <= 1
    assert next(row for row in made if row.caption_text == "a cup on a table").adherence is None
    picture = PIL.Image.open(io.BytesIO(store.media.read(made[0].media_key)))
    assert picture.size == (48, 40)
    assert len({row.media_key for row in made if row.caption_id == 1}) == 2
    again = carry_out("colorize_images", checkpoint=tiny, seeds=[0, 5])
    assert (again.status, again.total) == (RunStatus.DONE, 0)
    assert [row.id for row in rows(store)] == [row.id for row in made]


@pytest.mark.slow
def test_levels_and_query_pick_what_is_colored(store, library, tiny, carry_out):
    first, _ = library(2)
    run = carry_out("colorize_images", checkpoint=tiny, levels=["scarce"], query=f"id:{first}", instances=False)
    assert run.done == 1
    assert [row.caption_text for row in rows(store)] == ["a cup on a table"]
    assert rows(store)[0].settings["instances"] is False


@pytest.mark.slow
def test_without_instances_the_masks_still_judge(store, library, tiny, carry_out):
    library(1)
    carry_out("colorize_images", checkpoint=tiny, levels=["complete"], instances=False)
    assert rows(store)[0].adherence is not None


@pytest.mark.slow
def test_where_automatic_masks_steered_adherence_is_that_in_masks_found_in_another_way(store, library, tiny, carry_out):
    library(1)
    with store.writing() as session:  # the finder had found what is there, so the denoiser is asked now
        for region in session.scalars(select(Region)):
            region.origin, region.found_by = RegionOrigin.GRABCUT, FoundBy.FINDER
    carry_out("colorize_images", checkpoint=tiny, levels=["complete"])
    [row] = rows(store)
    assert (basis_of(row), measured(row).basis) == (Basis.STEERING, Basis.INDEPENDENT)
    assert measured(row).value == row.facts["independent_adherence"]
    assert worth(row) == measured(row).value
    carry_out("colorize_images", checkpoint=tiny, levels=["complete"], instances=False)
    assert "independent_adherence" not in rows(store)[1].facts, "its own masks did not steer"


@pytest.mark.slow
def test_an_image_whose_file_is_gone_fails_with_its_reason_and_the_others_are_colored(store, library, tiny, carry_out):
    first, _ = library(2)
    with store.reading() as session:
        store.media.path(images.get(session, first).upright_key).unlink()
    run = carry_out("colorize_images", checkpoint=tiny, levels=["complete"])
    assert (run.status, run.done, run.failed) == (RunStatus.DONE, 1, 1)
    with store.reading() as session:
        (item,) = runs.items(session, run.id)
    assert "missing from the media store" in item.reason


def test_a_caption_edited_after_the_plan_is_passed_over_with_its_reason(store, library, tiny):
    from pipelines.jobs import colorize_images
    from pipelines.worker.job import JobContext

    library(1)
    with store.writing() as session:
        run = runs.create(session, "colorize_images", {"checkpoint": tiny, "levels": ["complete"]}, requested_by="tester")
        runs.start(session, run.id)
    context = JobContext(store, run.id, run.job, run.parameters, "tester")
    plan = colorize_images.plan(context)
    with store.writing() as session:
        captions.edit(session, 1, "a blue cup on a brown table", actor="ann")
    tally = colorize_images.step(context, plan.batches[0])
    assert (tally.done, tally.skipped) == (0, 1)
    assert rows(store) == []


@pytest.mark.slow
def test_what_the_model_refuses_fails_alone(store, library, tiny, carry_out, monkeypatch):
    from lcad import LCADPipeline

    library(2)
    called = LCADPipeline.__call__

    def refuse(pipeline, images_, texts, *rest, **options):
        if any(np.asarray(image)[0, 0, 1] == 60 for image in images_):  # the first image of the library
            raise ValueError("this picture is refused")
        return called(pipeline, images_, texts, *rest, **options)

    monkeypatch.setattr(LCADPipeline, "__call__", refuse)
    run = carry_out("colorize_images", checkpoint=tiny, levels=["complete"])
    assert (run.status, run.done, run.failed) == (RunStatus.DONE, 1, 1)


def test_an_unknown_checkpoint_fails_the_run_with_a_sentence(library, carry_out):
    library(1)
    run = carry_out("colorize_images", checkpoint="nothing")
    assert run.status is RunStatus.FAILED
    assert 'There is no checkpoint "nothing"' in run.message


def test_a_checkpoint_whose_files_are_gone_fails_the_run_with_a_sentence(store, library, carry_out, tmp_path):
    from workbench.colorizations import checkpoints

    library(1)
    with store.writing() as session:
        checkpoints.register(session, name="gone", location=str(tmp_path / "gone"), digest="0" * 64)
    run = carry_out("colorize_images", checkpoint="gone")
    assert run.status is RunStatus.FAILED
    assert "cannot be loaded" in run.message


@pytest.mark.slow
def test_the_ui_counts_the_same_requests_that_the_job_makes(store, library, tiny, carry_out):
    library(1)
    with store.reading() as session:
        checkpoint_id = session.scalar(select(func.max(Checkpoint.id)))
        settings = {"steps": None, "guidance": None, "instances": True}
        parameters = {"query": "", "levels": list(CaptionLevel), "checkpoint_id": checkpoint_id, "settings": settings, "seeds": [0]}
        assert len(colorizations.pending(session, **parameters)) == 3
    carry_out("colorize_images", checkpoint=tiny)
    with store.reading() as session:
        assert colorizations.pending(session, **parameters) == []


@pytest.mark.slow
def test_pinned_things_and_a_palette_are_inputs_and_the_things_have_their_colors(store, library, tiny, carry_out):
    from lcad.chroma import target_of
    from lcad.imaging import image_to_lab

    library(1)
    parameters = {"checkpoint": tiny, "levels": ["scarce"]}
    carry_out("colorize_images", **parameters)
    pinned = carry_out("colorize_images", **parameters, pins=[{"thing": "cup", "color": "Burgundy"}], palette=["#0a5"])
    plain, colored = rows(store)
    assert (pinned.done, plain.caption_id, plain.settings) == (1, colored.caption_id, {"steps": None, "guidance": None, "instances": True})
    assert colored.settings == plain.settings | {"pins": [{"thing": "cup", "color": "burgundy"}], "palette": ["#00aa55"]}
    pixels = np.asarray(PIL.Image.open(io.BytesIO(store.media.read(colored.media_key))).convert("RGB"))
    assert b"burgundy" in store.media.read(colored.media_key)  # the file says it too
    lab = image_to_lab(pixels)[:, :24].reshape(-1, 3)  # the cup's half of the picture
    goal = target_of("burgundy").members[0][np.rint(lab[:, 0]).astype(int)]
    assert np.median(lab[:, 1:], axis=0) == pytest.approx(np.median(goal, axis=0), abs=1.5)
    assert carry_out("colorize_images", **parameters, pins=[{"thing": "cup", "color": "burgundy"}], palette=["#00AA55"]).total == 0
