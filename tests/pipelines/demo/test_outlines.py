"""Traced outlines: where they lie and what they cover."""

import numpy as np

from pipelines.demo.outlines import coverage, mask, outlines


def test_things_that_lie_on_each_other_do_not_share_pixels():
    cup, saucer, spoon, table = (mask("coffee", name, 600, 400) for name in ("whole cup", "saucer", "spoon", "table"))
    assert (cup.astype(int) + saucer + spoon + table).max() == 1


def test_coverage_is_one_inside_zero_outside_and_between_at_the_edge():
    drawn = coverage("flower", "flower", 640, 427)
    assert drawn[222, 308] == 1
    assert drawn[0, 0] == 0
    assert 0 < ((drawn > 0) & (drawn < 1)).mean() < 0.01


def test_every_polygon_is_an_outline_inside_its_photo(photos):
    for name, shapes in outlines().items():
        height, width = photos.named(name).rgb.shape[:2]
        for shape, entry in shapes.items():
            for polygon in entry["add"]:
                corners = np.array(polygon)
                assert 3 < len(corners) <= 120, (name, shape)
                assert corners.min() >= 0
                assert (corners <= (width, height)).all(), (name, shape)
