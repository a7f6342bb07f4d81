"""Clicks prompt a real segment-anything: its mask obeys the last of them, or it is said that none does."""

import numpy as np
import pytest

from lcad.grounding import mask_of_clicks
from lcad.grounding.sam_clicks import LOGIT, mask_prompt
from tests.lcad.sam import tiny_sam

HEIGHT, WIDTH = 40, 64


@pytest.fixture(scope="module")
def predictor():
    predictor = tiny_sam()
    rgb = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    rgb[10:30, 20:50] //= 4
    predictor.set_image(rgb)
    return predictor


def test_a_mask_obeys_the_last_click_or_none_is_given(predictor):
    obeyed = 0
    for x in range(4, WIDTH, 12):
        for adds in (True, False):
            try:
                mask, score = mask_of_clicks(predictor, [(x, 20.0)], [adds])
            except ValueError as error:
                assert "no object" in str(error)  # noqa: PT017
                continue
            obeyed += 1
            assert mask.shape == (HEIGHT, WIDTH)
            assert mask.dtype == bool
            assert mask.any()
            assert mask[20, x] == adds
            assert 0 <= score <= 1
    assert obeyed


def test_a_box_may_be_drawn_from_any_corner_and_clicked_to_the_far_edge(predictor):
    masks = [mask_of_clicks(predictor, [], [], box)[0] for box in (((10, 5), (64, 40)), ((64, 40), (10, 5)))]
    np.testing.assert_array_equal(*masks)


def test_a_mask_that_is_handed_in_lies_where_the_picture_does(predictor):
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[:, : WIDTH // 2] = True
    prompt = mask_prompt(predictor, mask)
    assert prompt.shape == (1, *predictor.model.prompt_encoder.mask_input_size) == (1, 16, 16)
    assert (prompt[0, :10, :8] == LOGIT).all(), "64 × 40 px are 16 × 10 cells"
    assert (prompt[0, :10, 8:] == -LOGIT).all()
    assert (prompt[0, 10:] == -LOGIT).all()


def test_the_mask_before_has_its_say(predictor):
    left = np.broadcast_to(np.arange(WIDTH) < WIDTH // 2, (HEIGHT, WIDTH))
    low = [
        predictor.predict(np.array([[30.0, 20.0]]), np.ones(1, int), mask_input=mask_prompt(predictor, mask), multimask_output=False)[2]
        for mask in (left, ~left)
    ]
    assert np.abs(low[0] - low[1]).max() > 1e-3
