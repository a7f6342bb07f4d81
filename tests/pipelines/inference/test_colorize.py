"""One way of coloring for all callers: captions are read once, and their colors handed to the model."""

import numpy as np
import pytest

pytestmark = pytest.mark.model

CAPTION = "the cup is teal and the table is navy blue"


@pytest.fixture
def rgb():
    return np.random.default_rng(0).integers(0, 256, (40, 48, 3), np.uint8)


@pytest.fixture
def mask():
    inside = np.zeros((40, 48), bool)
    inside[8:30, 8:30] = True
    return inside


def test_a_phrase_has_the_colors_that_the_sentence_gives_its_object(mask):
    from pipelines.inference.phrase_regions import regions_of

    (picture,) = regions_of([CAPTION], [[("the cup", mask), ((20, 29), ~mask)]])
    assert [CAPTION[slice(*region.phrase)] for region in picture.regions] == ["the cup", "the table"]
    assert [region.colors for region in picture.regions] == [("cyan",), ("blue",)]
    assert picture.colors == ("cyan", "blue")
    assert picture.regions[0].mask is mask


def test_without_masks_every_object_is_looked_for_and_words_that_name_no_color_give_none():
    from pipelines.inference.phrase_regions import regions_of

    plain, thing = regions_of(["a red dog and a cat", "an orange on a brick wall"], [[], []])
    assert [(region.mask, region.colors) for region in plain.regions] == [(None, ("red",)), (None, ())]
    assert thing.colors == ()


def test_a_phrase_that_is_no_mention_is_left_to_the_model_to_read(mask):
    from pipelines.inference.phrase_regions import regions_of

    (picture,) = regions_of(["quickly"], [[("quickly", mask)]])
    assert picture.regions[0].colors is None


@pytest.mark.parametrize("instances", [True, False])
@pytest.mark.slow
def test_results_are_judged_in_the_masks_given_whether_or_not_these_guide(tiny_checkpoint, rgb, mask, instances):
    from lcad import load_pipeline
    from pipelines.inference.colorize import CaptionedPicture, Sampling, colorize

    pictures = [CaptionedPicture(rgb, CAPTION, [("the cup", mask)], seed=3), CaptionedPicture(rgb, CAPTION, seed=3)]
    judged, plain = colorize(load_pipeline(tiny_checkpoint), pictures, Sampling(instances=instances))
    assert [region.terms for region in judged.adherence.regions] == [("cyan",)]
    assert judged.image.size == (48, 40)
    assert [region.phrase for region in judged.regions] == [(0, 7)]
    assert plain.adherence.score is None
    assert plain.regions == []
    assert np.array_equal(np.asarray(judged.image), np.asarray(plain.image)) is not instances


@pytest.mark.slow
def test_from_captions_alone_masks_change_no_color_and_judge_as_ever(tiny_checkpoint, rgb, mask):
    from lcad import load_pipeline
    from pipelines.inference.colorize import CaptionedPicture, Sampling, colorize

    pictures = [CaptionedPicture(rgb, CAPTION, [("the cup", mask)], seed=3), CaptionedPicture(rgb, CAPTION, seed=3)]
    judged, plain = colorize(load_pipeline(tiny_checkpoint), pictures, Sampling(captions_alone=True))
    assert np.array_equal(np.asarray(judged.image), np.asarray(plain.image))
    assert [region.terms for region in judged.adherence.regions] == [("cyan",)]
    assert np.array_equal(judged.masks, [mask])
    (steered,) = colorize(load_pipeline(tiny_checkpoint), pictures[:1], Sampling())
    assert not np.array_equal(np.asarray(judged.image), np.asarray(steered.image))
    (unguided,) = colorize(load_pipeline(tiny_checkpoint), pictures[:1], Sampling(instances=False))
    assert not np.array_equal(np.asarray(judged.image), np.asarray(unguided.image)), "what the caption names is looked for"
