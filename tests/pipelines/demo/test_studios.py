"""The demo's further scenes: the same for each number, described truly, every thing of a caption to be seen."""

import pytest

from pipelines.demo.captions import parse_captions
from pipelines.demo.scenes import demo_scenes
from pipelines.demo.studios import PAINTS, STUDIO, studio_row
from workbench.levels import read_caption

SOME = 8


@pytest.fixture(scope="module")
def studios():
    return [scene for scene in demo_scenes(48, SOME) if STUDIO in scene.tags]


def test_a_number_always_gives_the_same_scene_and_numbers_differ():
    rows = [studio_row(number) for number in range(40)]
    assert rows == [studio_row(number) for number in range(40)]
    assert len({str(row["layers"]) for row in rows}) == 40
    assert {layer["color"] for row in rows for layer in row["layers"]} == set(PAINTS)


@pytest.mark.slow
def test_so_many_are_made_as_are_asked_for(studios):
    assert len(studios) == SOME
    assert not [scene for scene in demo_scenes(16) if STUDIO in scene.tags]


def test_the_words_of_every_caption_have_the_level_that_it_is_filed_under():
    read = [(level, marked, read_caption(marked)) for number in range(30) for level, marked in captions_of(number)]
    assert [(level, text) for level, text, reading in read if reading.level != level] == []


def captions_of(number: int) -> list[tuple[str, str]]:
    return [(caption.level, caption.text) for caption in parse_captions(studio_row(number)["captions"])]


def test_every_thing_that_a_caption_names_is_seen(studios):
    for scene in studios:
        seen = {region.name: region.mask.mean() for region in scene.regions}
        assert all(seen[phrase.region] > 0.005 for caption in scene.captions for phrase in caption.phrases), scene.name


def test_studios_need_no_photo_so_that_they_may_lie_in_any_split(studios):
    assert {scene.shown for scene in studios} == {()}
