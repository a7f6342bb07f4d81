"""Trying colors: cells come with maps of their phrases; what is kept becomes rows, what is not leaves nothing."""

import io

import numpy as np
import PIL.Image
import pytest
from sqlalchemy import func, select

from db.enums import Origin, RunStatus
from db.models import Caption, Colorization, Event, Image
from workbench import images, runs, tries
from workbench.errors import ConflictError
from workbench.imaging import masks, png_of
from workbench.store import events
from workbench.tries import Asked

pytestmark = [pytest.mark.model, pytest.mark.slow]

CAPTIONS = {"complete": "a burgundy cup on a brown table", "scarce": "a cup on a table"}
PIXELS = np.random.default_rng(3).integers(40, 200, (40, 48, 3), np.uint8)
DOT = np.zeros((40, 48), bool)
DOT[4:12, 4:12] = True


@pytest.fixture
def tried(store, tiny, carry_out):
    """tried(**settings) -> the ended run of a try of a dropped photo."""

    def call(**settings):
        chosen = tries.settings_of(**settings)
        picture = store.media.put(png_of(PIXELS), ".png")
        return carry_out("try_colors", picture=picture, captions=CAPTIONS, seeds=[0, 7], checkpoint=tiny, settings=chosen, sha256="0" * 64)

    return call


def photo():
    return images.prepare(png_of(PIXELS), "dropped.png")


def count(store, model) -> int:
    with store.reading() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_every_level_and_seed_is_a_cell_and_phrases_have_maps(store, tried):
    run = tried(pins=[{"thing": "table", "color": "mint"}, {"stroke": masks.encode(DOT), "color": "#0a5"}])
    assert run.status is RunStatus.DONE, run.message
    assert set(tries.results(run)) == {"complete:0", "complete:7", "scarce:0", "scarce:7"}
    for cell in tries.results(run).values():
        made = np.asarray(PIL.Image.open(io.BytesIO(store.media.read(cell["key"]))).convert("RGB")).astype(int)
        assert made.shape == PIXELS.shape
        assert made[DOT][:, 1].mean() > made[DOT][:, 0].mean() + 10  # the stroke is green
    assert [CAPTIONS["complete"][one["start"] : one["end"]] for one in run.summary["phrases"]] == ["a burgundy cup", "a brown table"]
    assert [one["exact"] for one in run.summary["phrases"]] == ["burgundy", "mint"]
    assert PIL.Image.open(io.BytesIO(store.media.read(run.summary["phrases"][0]["heat"]))).size == (48, 40)
    assert (count(store, Image), count(store, Colorization), count(store, Caption)) == (0, 0, 0)


def test_what_is_kept_is_rows_in_one_batch_that_can_be_undone(store, tried):
    run = tried(palette=["navy", "mint"])
    with store.writing() as session:
        kept = tries.keep(session, store.media, run.id, ["scarce:7"], photo=photo(), whole=True, actor="ann")
    with store.reading() as session:
        row = session.get_one(Colorization, kept.colorizations[0])
        caption = session.get_one(Caption, row.caption_id)
        assert (caption.text, caption.text_origin, row.seed, row.run_id) == (CAPTIONS["scarce"], Origin.RULE, 7, run.id)
        assert row.settings == {"steps": None, "guidance": None, "instances": True, "palette": ["navy", "mint"]}
        assert set(session.scalars(select(Event.actor).where(Event.batch_id == kept.batch_id))) == {"ann"}
    with store.writing() as session:
        again = tries.keep(session, store.media, run.id, ["scarce:7"], photo=photo(), whole=True, actor="ann")
    assert (again.image.id, again.colorizations) == (kept.image.id, kept.colorizations)
    with store.writing() as session:
        events.rollback(session, kept.batch_id, actor="ann")
    assert (count(store, Image), count(store, Colorization), count(store, Caption)) == (0, 0, 0)


def test_of_what_is_not_kept_nothing_stays(store, tried):
    run = tried()
    with store.writing() as session:
        tries.forget(session, store.media, run.id, actor="ann")
    assert list(store.media.listing()) == []
    with store.reading() as session:
        left = runs.get(session, run.id)
        assert (left.summary, left.parameters["captions"], left.parameters["picture"]) == ({}, {}, "")


def test_what_was_kept_survives_the_forgetting_of_the_rest(store, tried):
    run = tried()
    with store.writing() as session:
        kept = tries.keep(session, store.media, run.id, ["complete:0"], photo=photo(), whole=True, actor="ann")
        tries.forget(session, store.media, run.id, actor="ann")
    with store.reading() as session:
        row = session.get_one(Colorization, kept.colorizations[0])
        image = session.get_one(Image, row.image_id)
        needed = {row.media_key, image.media_key, image.upright_key}
    assert {stored.name for stored in store.media.listing()} == needed
    with store.writing() as session, pytest.raises(ConflictError, match="no longer there"):
        tries.keep(session, store.media, run.id, ["complete:7"], photo=photo(), whole=True, actor="ann")


def test_a_try_that_is_forgotten_while_it_runs_stops_and_leaves_nothing(store, tiny, monkeypatch):
    from pipelines.jobs import try_colors
    from pipelines.worker.engine import execute
    from pipelines.worker.job import JobContext

    with store.writing() as session:
        picture = store.media.put(png_of(PIXELS), ".png")
        run = tries.ask(session, Asked(picture, CAPTIONS, (0, 7), tiny, tries.settings_of()), requested_by="ann")
        runs.start(session, run.id)
    maps = try_colors.phrase_maps

    def forgotten(*arguments):
        with store.writing() as session:
            tries.forget(session, store.media, run.id, actor="ann")
        return maps(*arguments)

    monkeypatch.setattr(try_colors, "phrase_maps", forgotten)
    assert execute(JobContext(store, run.id, run.job, run.parameters, "ann")) is RunStatus.CANCELLED
    assert list(store.media.listing()) == []


def test_a_photo_that_was_tried_smaller_is_colored_at_full_size_when_it_is_kept(store, tried):
    run = tried()
    with store.writing() as session:
        kept = tries.keep(session, store.media, run.id, ["complete:7"], photo=photo(), whole=False, actor="ann")
    assert kept.run is not None
    parameters = kept.run.parameters
    assert (parameters["query"], parameters["levels"], parameters["seeds"], parameters["instances"]) == (
        f"id:{kept.image.id}",
        ["complete"],
        [7],
        True,
    )
    assert count(store, Colorization) == 0
