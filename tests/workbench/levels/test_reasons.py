"""Each part of a reading comes with the reason for it."""

import pytest

from workbench.levels import explain, read_caption, reason_of_level


@pytest.mark.parametrize(
    ("caption", "noun", "reason"),
    [
        ("The dog's red collar", "dog", "only says whose"),
        ("a pair of red boots", "pair", "counts or cuts"),
        ("a photo of a red boat", "photo", "the picture itself"),
        ("A brown horse. The horse runs.", "horse", "names again"),
        ("a dog looking at the camera", "camera", "idiom"),
        ("a boat in the background", "background", "a place in the picture"),
    ],
)
def test_a_noun_that_is_no_object_says_why(caption, noun, reason):
    assert [why for mention, why in explain(caption).others if mention.object == noun and reason in why]


@pytest.mark.parametrize(
    ("caption", "reason"),
    [
        ("a light blue van", '"blue": before the noun'),
        ("the van is blue", '"blue": said of it'),
        ("a woman in red", '"red": worn or shown'),
        ("a van", "no color is said of it"),
    ],
)
def test_a_mention_says_where_its_color_comes_from(caption, reason):
    ((_mention, why),) = explain(caption).mentions
    assert reason in why


def test_a_denied_color_is_told_as_denied():
    said = explain("The car is not red.")
    assert said.unbound == (("red", "the caption denies it"),)
    assert said.reading.color_spans == ()


@pytest.mark.parametrize(
    ("objects", "reason"),
    [
        ([], "scarce: no object is named"),
        ([("cat", False)], "scarce: no color for cat"),
        ([("cat", True)], "complete: the only object, cat, has a color"),
        ([("cat", True), ("mat", False)], "partial: 1 of 2 objects have a color, mat has none"),
        ([("cat", True), ("mat", True)], "complete: every object has a color"),
    ],
)
def test_the_reason_for_a_level_names_what_lacks_a_color(objects, reason):
    assert reason_of_level(objects) == reason


def test_an_explanation_reads_the_caption_as_the_reading_does():
    caption = "A man in black and a woman in white stand beside the blue of the sea"
    assert explain(caption).reading == read_caption(caption)
