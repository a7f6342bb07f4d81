import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lcad.dataset import Description, Example
from lcad.training.augmentation import MOST_LOST, view

SIZE, LARGER = 32, 43


def example(caption="a red cup", box=(8, 8, 30, 30), seed=0):
    rgb = np.random.default_rng(seed).integers(0, 256, (LARGER, LARGER, 3), np.uint8)
    mask = np.zeros((1, LARGER, LARGER), bool)
    top, left, bottom, right = box
    mask[0, top:bottom, left:right] = True
    rgb[mask[0]] = (200, 20, 30)
    return Example(rgb, mask, (Description(caption, "complete"),))


@given(seed=st.integers(0, 2**32), box=st.tuples(*[st.integers(0, 15)] * 2, *[st.integers(20, LARGER)] * 2))
@pytest.mark.slow
def test_a_view_keeps_most_of_every_mask_and_moves_it_with_its_pixels(seed, box):
    whole = example(box=box)
    seen = view(np.random.default_rng(seed), whole, SIZE)
    assert seen.rgb.shape == (SIZE, SIZE, 3)
    assert seen.masks.shape == (1, SIZE, SIZE)
    least = (1 - MOST_LOST) * whole.masks.sum() * (SIZE / LARGER) ** 2  # of the area at the smallest scale
    assert seen.masks.sum() >= 0.85 * least  # pixels of the edge are rounded
    inner = seen.masks[0].copy()
    inner[1:, 1:] &= seen.masks[0][:-1, :-1]
    inner[:-1, :-1] &= seen.masks[0][1:, 1:]
    inner[:-1, 1:] &= seen.masks[0][1:, :-1]
    inner[1:, :-1] &= seen.masks[0][:-1, 1:]
    assert np.median(np.abs(seen.rgb[inner].astype(int) - (200, 20, 30))) <= 1


def test_views_differ_and_the_same_draw_gives_the_same_view():
    views = [view(np.random.default_rng(seed), example(), SIZE).rgb for seed in (1, 2, 1)]
    assert not np.array_equal(views[0], views[1])
    np.testing.assert_array_equal(views[0], views[2])


@pytest.mark.parametrize(("caption", "mirrored"), [("a red cup", True), ("a red cup on the left of it", False), ("Leftmost, a cup", False)])
def test_an_image_whose_caption_tells_left_from_right_is_not_mirrored(caption, mirrored):
    whole = example(caption, box=(0, 0, LARGER, 4))  # a stripe on the left, which no other part keeps
    sides = [view(np.random.default_rng(seed), whole, SIZE).masks[0, :, : SIZE // 2].any() for seed in range(20)]
    assert all(sides) != mirrored


def test_an_example_of_the_target_size_is_seen_whole():
    small = Example(np.zeros((SIZE, SIZE, 3), np.uint8), np.ones((1, SIZE, SIZE), bool), (Description("a cup", "scarce"),))
    assert view(np.random.default_rng(0), small, SIZE).masks.all()
