import numpy as np
import pytest

from lcad.models.phrase_grounder import SIDE
from pipelines.pretraining.grounding_views import Pasted, box_on_canvas, mask_on_cells, placing, whole_view, zoomed_view


@pytest.fixture
def photo():
    return 100 * np.random.default_rng(0).random((60, 90)).astype(np.float32)


@pytest.fixture
def person():
    alpha = np.zeros((50, 30), np.float32)
    alpha[5:45, 8:22] = 1
    return Pasted(np.full((50, 30), 95.0), alpha, "person", {"shirt": alpha > 0})


def test_a_view_is_the_same_each_time_and_another_for_another_photo(photo, person):
    first, second, other = (zoomed_view(photo, name, [person], []) for name in ("a", "a", "b"))
    assert np.array_equal(first.lightness, second.lightness)
    assert not np.array_equal(first.lightness, other.lightness)


def test_a_whole_view_that_is_not_moved_is_the_photo_in_the_middle(photo):
    view = whole_view(np.full((60, 90), 80.0), "a", moved=False)
    assert view.lightness.shape == (SIDE, SIDE)
    assert np.median(view.lightness[SIDE // 2]) == pytest.approx(80, abs=0.1)
    assert view.lightness[2, SIDE // 2] == 50


def test_what_is_pasted_is_seen_where_its_mask_is(photo, person):
    views = [zoomed_view(np.zeros_like(photo), str(number), [person], []) for number in range(12)]
    pasted = [view for view in views if view.layers]
    assert pasted
    for view in pasted:
        covered = mask_on_cells(view.layers[-1].pasted.alpha, view.layers[-1].matrix, SIDE // 2) > 0.99
        light = view.lightness.reshape(SIDE // 2, 2, SIDE // 2, 2).mean((1, 3))
        if covered.any() and (~covered).any():
            assert light[covered].mean() > light[~covered].mean() + 15


def test_a_map_brings_a_point_where_it_should_and_mirrors_around_it():
    matrix = placing(2.0, (10, 20), (100, 50), mirrored=True)
    assert (matrix @ [10, 20, 1]).tolist() == [100, 50]
    assert (matrix @ [13, 20, 1]).tolist() == [94, 50]


def test_masks_and_boxes_follow_the_same_map():
    mask = np.zeros((60, 90), bool)
    mask[10:30, 20:50] = True
    matrix = placing(3.0, (45, 30), (SIDE / 2, SIDE / 2), mirrored=True)
    cells = mask_on_cells(mask, matrix, SIDE // 4) > 0.5
    rows, columns = np.nonzero(cells)
    left, top, right, bottom = box_on_canvas((20, 10, 30, 20), matrix)
    assert abs(columns.min() * 4 - left) <= 4
    assert abs((columns.max() + 1) * 4 - right) <= 4
    assert abs(rows.min() * 4 - top) <= 4
    assert abs((rows.max() + 1) * 4 - bottom) <= 4
