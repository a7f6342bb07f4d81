import numpy as np
import pytest

from lcad.grounding.detector import KINDS
from lcad.grounding.nouns import NounTable
from lcad.models.phrase_grounder import CELLS, SIDE
from pipelines.pretraining.grounding_targets import MarkedBox, MarkedView, PhraseDrawer, box_map, sides_of, union
from pipelines.pretraining.grounding_words import BY_CAPTION, GARMENTS, GROUNDS, THINGS


def cells(rows, columns):
    mask = np.zeros((CELLS, CELLS), np.float32)
    mask[slice(*rows), slice(*columns)] = 1
    return mask


@pytest.fixture(scope="module")
def nouns():
    names = {name for group in (GARMENTS, GROUNDS) for meaning in group.values() for name in meaning.names}
    names |= {*BY_CAPTION, *KINDS, "lamp", *(name for group in THINGS.values() for name in group)}
    names = sorted(names)
    kinds = [[k for k, kind in enumerate(KINDS) if name == kind or name in THINGS.get(kind, ())] for name in names]
    return NounTable(names, kinds, [[]] * len(names))


@pytest.fixture
def view():
    person = cells((10, 30), (5, 12))
    return MarkedView(
        seen=np.ones((CELLS, CELLS), np.float32),
        grounds={"sky": cells((0, 10), (0, CELLS)), "road": cells((30, 40), (0, 20)), "sidewalk": cells((30, 40), (20, 40))},
        people=[({"blouse": cells((12, 20), (5, 12)), "jeans": cells((20, 30), (5, 12)), "sweater": cells((10, 12), (5, 12))}, person)],
        boxes=[
            MarkedBox("person", 0.8, (40, 80, 96, 240), person, 0.9),
            MarkedBox("dog", 0.7, (160, 160, 240, 240), cells((20, 30), (20, 30)), 0.9),
            MarkedBox("dog", 0.6, (260, 160, 310, 240), None, 0.0),
        ],
    )  # fmt: skip


def phrases(nouns, view, noisy=True, rounds=60):
    return [one for seed in range(rounds) for one in PhraseDrawer(nouns, view, np.random.default_rng(seed), noisy).draw()]


@pytest.mark.slow
def test_every_phrase_has_a_known_part_and_only_those_that_are_there_have_a_target(nouns, view):
    for one in phrases(nouns, view):
        assert one.known.max() > 0
        assert (one.target.sum() > 0) == one.is_present
        assert one.boxes.shape == one.people.shape == (CELLS, CELLS)


def test_a_shirt_is_the_blouse_and_the_sweater_counts_neither_way(nouns, view):
    shirts = [one for one in phrases(nouns, view) if one.noun.name == "shirt"]
    assert shirts
    for one in shirts:
        assert np.array_equal(one.target, cells((12, 20), (5, 12)))
        assert one.known[11, 7] < 0.1
        assert one.known[25, 7] == 1


@pytest.mark.slow
def test_a_road_may_be_a_sidewalk_and_is_no_sky(nouns, view):
    roads = [one for one in phrases(nouns, view) if one.noun.name == "road"]
    assert roads
    for one in roads:
        assert one.known[35, 30] < 0.1
        assert one.known[5, 5] == 1


@pytest.mark.slow
def test_of_two_dogs_the_one_without_a_mask_is_left_open(nouns, view):
    dogs = [one for one in phrases(nouns, view, noisy=False) if one.noun.name == "dog"]
    assert dogs
    for one in dogs:
        assert one.known[25, 35] <= 0.05
        assert one.boxes[25, 35] == pytest.approx(0.6)


@pytest.mark.slow
def test_what_is_there_is_never_asked_for_as_if_it_were_not(nouns, view):
    absent = {one.noun.name for one in phrases(nouns, view, rounds=200) if not one.is_present}
    assert absent
    assert not absent & {"dog", "puppy", "man", "sky", "jeans", "shirt", "road"}


def test_snow_is_known_from_captions_alone(nouns, view):
    written = MarkedView(view.seen, {"earth": cells((20, 40), (0, 40))}, captions=["a dog in the snow", "deep snow", "a dog"])
    assert any(one.noun.name == "snow" and one.is_present for one in phrases(nouns, written))
    once = MarkedView(view.seen, {"earth": cells((20, 40), (0, 40))}, captions=["a dog in the snow", "a dog"])
    assert not any(one.noun.name == "snow" and one.is_present for one in phrases(nouns, once))


def test_boxes_lie_on_the_cells_that_masks_do():
    mask = cells((10, 20), (4, 8))
    drawn = box_map([(0.5, sides_of(mask))])
    assert np.array_equal(drawn > 0, mask > 0)
    assert sides_of(np.zeros((CELLS, CELLS))) == (0, 0, 0, 0)
    assert max(sides_of(np.ones((CELLS, CELLS)))) == SIDE


def test_labels_that_nobody_marked_are_nowhere():
    assert union({"sky": cells((0, 5), (0, 5))}, ["road"]).sum() == 0
