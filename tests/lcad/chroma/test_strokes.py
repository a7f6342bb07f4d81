"""A stroke means what lies under it: it spreads where the lightness is even, stops at edges and yields to other strokes."""

import numpy as np

from lcad.chroma import spread

STEP = np.full((80, 120), 40, np.float32)
STEP[:, 60:] = 70


def line(row: int, left: int, right: int) -> np.ndarray:
    stroke = np.zeros(STEP.shape, bool)
    stroke[row - 1 : row + 2, left:right] = True
    return stroke


def test_a_stroke_spreads_over_its_thing_and_stops_at_the_edge():
    meant = spread(STEP, line(40, 10, 50))
    assert meant[36:44, 5:55].min() > 0.5
    assert meant[:, 64:].max() < 0.1
    assert (meant.min(), meant.max(), meant.dtype) == (0, 1, np.float32)


def test_it_keeps_near_where_nothing_stops_it():
    dot = np.zeros((200, 300), bool)
    dot[95:105, 145:155] = True
    meant = spread(np.full((200, 300), 50, np.float32), dot)
    assert 0 < meant.mean() < 0.25


def test_strokes_side_by_side_share_what_lies_between_them():
    upper, lower = line(20, 10, 50), line(60, 10, 50)
    first, second = spread(STEP, upper, [lower]), spread(STEP, lower, [upper])
    assert first[upper].min() == 1
    assert second[upper].max() == 0
    assert np.minimum(first, second).max() < 0.5
