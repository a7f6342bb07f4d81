"""A library's own regions become scenes with exact masks, grounded captions and their sources named, once for each seed."""

from itertools import pairwise

import numpy as np
import PIL.Image
import pytest
from sqlalchemy import func, select

from db.enums import CaptionLevel, Origin, RegionOrigin, RunStatus, Split
from db.models import Caption, Event, Image, Region
from pipelines.composing.library_sources import gather, settle
from pipelines.jobs import compose_scenes
from pipelines.worker.job import JobContext, WorkerStopping
from workbench import captions, images, regions, releases, runs
from workbench.images import SCENE_SOURCE
from workbench.imaging import masks
from workbench.releases import split_bindings

NAMES = ("cup", "cat", "kite", "shoe")
COUNT = 9


@pytest.fixture
def shelf(store, tmp_path) -> list[int]:
    """Twelve photos in color, each with one thing that stands whole in it, and a caption of it."""
    made = []
    for number in range(12):
        rng = np.random.default_rng(number)
        pixels = rng.integers(90, 140, (72, 96, 3), np.uint8) + np.uint8([40, 0, 20])
        thing = np.zeros((72, 96), bool)
        thing[20:50, 30 : 60 + number] = True
        pixels[thing] = rng.integers(40, 220, 3, np.uint8)
        path = tmp_path / f"{number}.png"
        PIL.Image.fromarray(pixels).save(path)
        name = NAMES[number % len(NAMES)]
        with store.writing() as session:
            image = images.import_file(session, store.media, path.read_bytes(), file_name=path.name, source="shelf").image
            regions.add(session, image.id, thing, origin=RegionOrigin.HUMAN, label=name, author="tester")
            captions.add(session, image.id, f"a red {name}", text_origin=Origin.HUMAN, author="tester")
            made.append(image.id)
    return made


def scenes_of(store) -> list[Image]:
    with store.reading() as session:
        return list(session.scalars(select(Image).where(Image.source == "composed").order_by(Image.file_name)))


def counts(store) -> tuple[int, ...]:
    with store.reading() as session:
        return tuple(session.scalar(select(func.count()).select_from(table)) for table in (Image, Caption, Region, Event))


def sources_of(store):
    training = settle("", reading=store.reading, writing=store.writing)
    with store.reading() as session:
        return gather(session, training)


@pytest.mark.slow
def test_scenes_have_two_things_or_more_exact_masks_and_captions_that_say_them(store, shelf, carry_out):
    run = carry_out("compose_scenes", count=COUNT, size=96)
    assert (run.status, run.done, run.failed) == (RunStatus.DONE, COUNT, 0), run.message
    levels = set()
    with store.reading() as session:
        for scene in scenes_of(store):
            assert (scene.width, scene.height, scene.has_reference) == (96, 96, True)
            drawn = {row.id: row for row in session.scalars(select(Region).where(Region.image_id == scene.id))}
            assert {row.origin for row in drawn.values()} == {RegionOrigin.COMPOSED}
            assert sum(masks.decode(row.mask).astype(int) for row in drawn.values()).max() == 1, "no pixel belongs to two things"
            for view in captions.of_image(session, scene.id):
                levels.add(view.caption.level)
                for mention in regions.for_caption(session, view.caption.id):
                    [region] = mention.regions
                    assert region.label == "background" or mention.mention.object in (region.label, f"{region.label}s")
    assert levels == set(CaptionLevel)
    assert run.summary["captions"] >= 2 * COUNT
    assert run.summary["groundings"] >= run.summary["captions"]


@pytest.mark.slow
def test_the_same_seed_adds_nothing_and_another_one_adds_other_scenes(store, shelf, carry_out):
    carry_out("compose_scenes", count=COUNT, size=96)
    before = counts(store)
    again = carry_out("compose_scenes", count=COUNT, size=96)
    assert (again.status, again.done, again.skipped) == (RunStatus.DONE, 0, COUNT)
    assert counts(store) == before
    carry_out("compose_scenes", count=2, size=96, seed=1)
    assert len(scenes_of(store)) == COUNT + 2


@pytest.mark.slow
def test_a_run_stopped_in_the_middle_goes_on_where_it_stood(store, shelf, carry_out):
    with store.writing() as session:
        run = runs.create(session, "compose_scenes", {"count": COUNT, "size": 96}, requested_by="tester")
        runs.start(session, run.id)
    context = JobContext(store, run.id, run.job, run.parameters, "tester")
    batches = compose_scenes.plan(context).batches
    assert len(batches) == 2
    compose_scenes.step(context, batches[0])
    before = {scene.sha256 for scene in scenes_of(store)}
    context.stopping.set()
    with pytest.raises(WorkerStopping):
        compose_scenes.step(context, batches[1])
    context.stopping.clear()
    assert compose_scenes.step(context, batches[0]).done == 0
    assert compose_scenes.step(context, batches[1]).done == COUNT - compose_scenes.BATCH
    assert before < {scene.sha256 for scene in scenes_of(store)}


@pytest.mark.slow
def test_a_scene_names_what_it_was_composed_from_and_a_release_keeps_them_together(store, shelf, carry_out):
    carry_out("compose_scenes", count=COUNT, size=96)
    with store.writing() as session:
        by_hash = {image.sha256: image for image in session.scalars(select(Image))}
        places = split_bindings.bound(session)
        release = releases.create(session, store.media, name="all", author="tester")
        frozen = {item.image_sha256: item.split for item in releases.items(session, release.id)}
        assert releases.verify(session, store.media, release.id) == []
    assert set(frozen.values()) == set(Split)
    for scene in scenes_of(store):
        parts = scene.attributes[SCENE_SOURCE]
        assert {by_hash[part].source for part in parts} == {"shelf"}
        assert {places[part].split for part in parts} == {frozen[scene.sha256]} == {Split.TRAIN}
        named = scene.attributes["import_source"]
        assert all(by_hash[part].file_name in named for part in parts)


@pytest.mark.slow
def test_nothing_is_composed_of_scenes_or_of_rough_masks_or_of_what_is_cut_off(store, shelf, carry_out):
    carry_out("compose_scenes", count=3, size=96)
    before = sources_of(store)
    with store.writing() as session:
        whole = np.zeros((72, 96), bool)
        whole[:, :90] = True
        corner = np.zeros((72, 96), bool)
        corner[:20, :20] = True
        thing = np.roll(corner, (10, 10), (0, 1))
        for image_id in shelf:
            for mask, origin in ((whole, "human"), (corner, "human"), (thing, "grabcut")):
                regions.add(session, image_id, mask, origin=RegionOrigin(origin), label="ghost", author="tester")
    assert sources_of(store) == before
    assert set(before.regions) <= set(NAMES)
    assert set(before.backdrops) <= set(shelf)


@pytest.mark.slow
def test_picks_are_the_same_for_a_seed_and_differ_between_numbers(store, shelf):
    sources = sources_of(store)
    picks = [sources.pick(5, number, 3) for number in range(20)]
    assert picks == [sources.pick(5, number, 3) for number in range(20)]
    assert any(one.parts != other.parts for one, other in pairwise(picks))
    assert {len(pick.parts) for pick in picks} == {2, 3}
    assert all(len({name for _, name in pick.parts}) == len(pick.parts) for pick in picks)


@pytest.mark.slow
def test_a_thing_is_called_what_captions_call_one_of_it_and_its_label_gives_way(store, shelf):
    """A label may hold a color ("white shoe"), and hair is nothing that "a" could stand before."""
    with store.writing() as session:
        for image_id in shelf:
            [view] = regions.of_image(session, image_id)
            view.region.label = f"white {view.region.label}" if view.region.label == "shoe" else view.region.label
            said = {"cup": "a red mug", "cat": "red hair"}.get(view.region.label)
            if said:
                caption = captions.add(session, image_id, said, text_origin=Origin.HUMAN, author="tester")
                [mention] = regions.for_caption(session, caption.id)
                regions.ground(session, mention.mention.id, view.region.id, origin=Origin.HUMAN, actor="tester")
    assert set(sources_of(store).regions) == {"mug", "kite", "shoe"}


@pytest.mark.slow
def test_what_is_bitten_off_by_others_is_not_cut_out(store, shelf):
    before = sources_of(store)
    bitten = np.zeros((72, 96), bool)
    bitten[10:60, 10:80] = True
    bitten[20:60, 20:70] = False
    with store.writing() as session:
        for image_id in shelf:
            regions.add(session, image_id, bitten, origin=RegionOrigin.HUMAN, label="arch", author="tester")
    assert sources_of(store) == before


def test_a_store_without_masks_is_told_what_to_do(carry_out, library):
    run = carry_out("compose_scenes")
    assert run.status is RunStatus.FAILED
    assert "Draw masks on the Ground page" in run.message
    bad = carry_out("compose_scenes", objects=9)
    assert bad.message == "Expected a whole number from 1 to 4 as objects, got 9."


@pytest.mark.slow
def test_composing_is_asked_for_on_the_command_line(store, shelf, workbench):
    answer = workbench("compose", "--query", "source:shelf", "--count", 5, "--seed", 3, "--home", store.settings.home, "--json")
    assert answer.status == 0
    assert answer.json["job"] == "compose_scenes"
    with store.reading() as session:
        assert runs.get(session, answer.json["id"]).parameters == {
            "query": "source:shelf", "count": 5, "seed": 3, "size": 256, "objects": 3,
        }  # fmt: skip
