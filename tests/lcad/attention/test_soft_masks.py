"""Phrases without masks are guided to where the denoiser looks for them."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from lcad import load_pipeline
from lcad.attention.soft_masks import BASE, SHARPNESS, soft_masks
from lcad.pipeline import Region

CAPTION = "a red cup on a blue box"
PHRASES = ["a red cup", "a blue box"]


def bump(height, width, row, column):
    rows, columns = np.mgrid[:height, :width]
    return np.exp(-((rows - row) ** 2 + (columns - column) ** 2) / 20)


def test_each_phrase_gets_its_own_place_and_loses_that_of_its_rival():
    masks = soft_masks(torch.tensor(np.stack([bump(32, 32, 16, 8), bump(32, 32, 16, 24)]), dtype=torch.float32)).numpy()
    assert masks[0, 16, 8] > 0.95
    assert masks[0, 16, 24] < 0.05
    assert masks[1, 16, 24] > 0.95
    assert masks[1, 16, 8] < 0.05
    np.testing.assert_allclose(masks[:, 2, 2], 0.5 - SHARPNESS * BASE, atol=0.05)


def test_where_two_phrases_are_equally_strong_neither_is_pushed():
    both = torch.tensor(np.stack([bump(32, 32, 16, 16)] * 2), dtype=torch.float32)
    assert soft_masks(both)[:, 16, 16].numpy() == pytest.approx(0.5)


@given(arrays(np.float32, array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=12), elements=st.floats(0, 1, width=32)))
@pytest.mark.slow
def test_masks_lie_between_nothing_and_everything_for_any_attention(attention):
    masks = soft_masks(torch.tensor(attention))
    assert masks.shape == attention.shape
    assert masks.isfinite().all()
    assert (masks >= 0).all()
    assert (masks <= 1).all()


@pytest.mark.slow
def test_a_sought_phrase_steers_and_does_not_depend_on_its_batch(tiny, noise_image):
    picture, other = noise_image(40, 30), noise_image(30, 40)
    sought = [Region(phrase) for phrase in PHRASES]
    output = tiny([picture], [CAPTION], [sought], seeds=[3])
    (alone,) = output.images
    (plain,) = tiny([picture], [CAPTION], seeds=[3]).images
    _, again = tiny([other, picture], [CAPTION, CAPTION], [[], sought], seeds=[1, 3]).images
    assert np.abs(np.asarray(alone, int) - np.asarray(plain, int)).max() > 2
    assert np.abs(np.asarray(alone, int) - np.asarray(again, int)).max() <= 1
    assert output.adherence[0].score is None, "what the model found itself does not judge it"


@pytest.mark.slow
def test_masks_and_sought_phrases_go_together_and_only_masks_judge(tiny, noise_image):
    mask = np.zeros((40, 30), bool)
    mask[5:30, 5:25] = True
    output = tiny([noise_image(40, 30)], [CAPTION], [[Region(PHRASES[0], mask), Region(PHRASES[1])]])
    assert len(output.adherence[0].judged) == 1


def test_a_phrase_that_is_not_in_the_caption_is_named(tiny, noise_image):
    with pytest.raises(ValueError, match="a green cup"):
        tiny([noise_image(40, 30)], [CAPTION], [[Region("a green cup")]])


@pytest.mark.slow
def test_mini_tells_two_objects_apart_without_masks():
    """A bright disc on the left and one on the right, each called by its color."""
    rows, columns = np.mgrid[:128, :128]
    lightness = np.full((128, 128), 200, np.uint8)
    discs = [np.hypot(rows - 64, columns - x) < 24 for x in (32, 96)]
    for disc in discs:
        lightness[disc] = 120
    caption = "a red ball and a blue ball"
    pipeline = load_pipeline("mini")
    (result,) = pipeline([lightness], [caption], [[Region((0, 10)), Region((15, 26))]], seeds=[0]).images
    red, blue = (np.asarray(result, float)[disc].mean(0) for disc in discs)
    assert red[0] - red[2] > 30
    assert blue[2] - blue[0] > 30
