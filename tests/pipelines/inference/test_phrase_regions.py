"""What a caption and a person ask of its things: terms, exact colors, pins."""

import pytest

from pipelines.inference.phrase_regions import regions_of

pytestmark = pytest.mark.slow


def test_colors_beyond_the_terms_are_exact_wherever_the_sentence_says_them():
    caption = "a burgundy red couch near a mint wall, and the cup is #0a5"
    (of_caption,) = regions_of([caption], [[]])
    assert {caption[slice(*region.phrase)]: region.exact for region in of_caption.regions} == {
        "a burgundy red couch": "burgundy",
        "a mint wall": "mint",
        "the cup": "#00aa55",
    }
    assert of_caption.colors == ("red", "green")


def test_a_pin_finds_its_thing_by_object_words_or_place_and_a_thing_that_is_not_there_pins_nothing():
    caption = "a red car by two trees under the sky"
    pins = [("car", "navy"), ("tree", "#0a5"), ((29, 36), "salmon"), ("boat", "red")]
    (of_caption,) = regions_of([caption], [[]], [pins])
    assert [(caption[slice(*region.phrase)], region.exact) for region in of_caption.pinned] == [
        ("a red car", "navy"),
        ("two trees", "#0a5"),
        ("the sky", "salmon"),
    ]


def test_a_pinned_thing_without_a_mask_is_looked_for_beside_those_that_have_one():
    import numpy as np

    (of_caption,) = regions_of(["a red car and a dog"], [[("a red car", np.ones((4, 4), bool))]], [[("dog", "navy")]])
    assert [(region.mask is None, region.exact) for region in of_caption.regions] == [(False, None), (True, "navy")]


def test_what_is_to_have_a_color_and_has_no_mask_is_looked_for_beside_what_has_one():
    import numpy as np

    caption = "a red car in front of a gray wall, a dog and a mint green door"
    (of_caption,) = regions_of([caption], [[("a red car", np.ones((4, 4), bool))]])
    assert [(caption[slice(*region.phrase)], region.mask is None, tuple(region.colors)) for region in of_caption.regions] == [
        ("a red car", False, ("red",)),
        ("a gray wall", True, ("gray",)),
        ("a mint green door", True, ("green",)),
    ]


def test_a_region_knows_where_its_color_is_said_outside_of_its_phrase():
    caption = "a red bunch of grapes and a green cup"
    grapes, cup = regions_of([caption], [()])[0].regions
    assert caption[slice(*grapes.phrase)] == "grapes"
    assert grapes.colors == ("red",)
    assert [caption[slice(*span)] for span in grapes.color_spans] == ["red"]
    assert not cup.color_spans
