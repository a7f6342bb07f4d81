"""Rendered solids: exact coverage, light from upper left, nothing left to chance."""

import numpy as np
import pytest

from pipelines.demo.solids import BODIES, HALF_VIEW, render


@pytest.mark.parametrize("body", sorted(BODIES))
def test_every_body_is_seen_whole_and_lit(body):
    solid = render(body, 48)
    border = np.concatenate([solid.alpha[0], solid.alpha[-1], solid.alpha[:, 0], solid.alpha[:, -1]])
    assert border.max() == 0
    assert 0.1 < solid.alpha.mean() < 0.6
    inside = solid.lightness[solid.alpha == 1]
    assert inside.min() >= 4
    assert inside.max() <= 98
    assert inside.std() > 4


def test_the_sphere_covers_the_disk_that_geometry_says():
    size = 120
    alpha = render("sphere", size).alpha
    radius_px = 0.9 / HALF_VIEW * size / 2
    rows, columns = np.mgrid[0:size, 0:size] + 0.5
    middle = np.average(rows, weights=alpha), np.average(columns, weights=alpha)
    apart = np.hypot(rows - middle[0], columns - middle[1])
    assert alpha.sum() == pytest.approx(np.pi * radius_px**2, rel=0.01)  # rays hit within 0.002 of the surface, and 9 rays a pixel
    assert (alpha[apart < radius_px - 1.5] == 1).all()
    assert (alpha[apart > radius_px + 1.5] == 0).all()


def test_the_mugs_handle_can_be_looked_through():
    seen = render("mug", 96).alpha > 0.5
    entered = (np.diff(seen.astype(int), axis=1) == 1).sum(1)  # how often each row enters the body
    assert (entered == 2).sum() > 8
    assert entered.max() == 2


def test_light_falls_from_the_upper_left():
    lightness, alpha = (lambda solid: (solid.lightness, solid.alpha))(render("sphere", 64, gloss=0))
    rows, columns = np.nonzero(alpha == 1)
    brighter = (columns < 32) & (rows < 32), (columns >= 32) & (rows >= 32)
    assert lightness[rows[brighter[0]], columns[brighter[0]]].mean() > lightness[rows[brighter[1]], columns[brighter[1]]].mean() + 10


def test_a_turned_cube_shows_another_face_and_a_turned_vase_the_same():
    assert np.abs(render("cube", 40, turn=30).alpha - render("cube", 40).alpha).max() > 0.5
    assert np.abs(render("vase", 40, turn=30).alpha - render("vase", 40).alpha).max() < 0.25


def test_the_same_body_renders_to_the_same_numbers():
    once, again = render("vase", 40, grain=2), render("vase", 40, grain=2)
    assert np.array_equal(once.lightness, again.lightness)
    assert np.array_equal(once.alpha, again.alpha)


def test_an_unknown_body_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="cone, cube, cylinder"):
        render("teapot", 16)
