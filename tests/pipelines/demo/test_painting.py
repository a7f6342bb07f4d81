"""Layers of a scene: paint, cut-outs, shadows, studios."""

import numpy as np
import pytest

from pipelines.composing.recoloring import to_lab, to_rgb
from pipelines.demo.outlines import coverage
from pipelines.demo.painting import cutout_layer, shadow_of, solid_layer, studio, tinted


def test_tinting_keeps_lightness_and_stays_inside_the_gamut():
    lab = np.zeros((4, 101, 3), np.float32)
    lab[..., 0] = np.arange(101)
    blue = tinted(lab, "blue", np.ones(lab.shape[:2]))
    assert np.array_equal(blue[..., 0], lab[..., 0])
    assert np.hypot(blue[..., 1], blue[..., 2])[0, [0, 100]].max() < 3
    assert blue[0, 40, 2] < -30
    assert np.abs(to_lab(to_rgb(blue)) - blue).max() < 3  # the gamut table has steps of 2 in chroma and 4 degrees in hue
    assert np.array_equal(tinted(lab, "", np.ones(lab.shape[:2])), lab)


def test_a_color_that_nobody_named_is_refused():
    with pytest.raises(KeyError):
        tinted(np.zeros((2, 2, 3), np.float32), "infrablue", np.ones((2, 2)))


def test_a_cutout_in_its_own_colors_at_its_own_place_gives_the_photo_back(photos):
    rgb = photos.named("coffee").rgb
    cover = coverage("coffee", "whole cup", 600, 400)
    layer = cutout_layer(rgb, cover, "", 400, 1.0, ((100, 0, 500, 400), (0, 0, 400, 400)))
    inside = layer.alpha > 0.999
    assert inside.sum() > 10_000
    assert np.abs(layer.rgb * 255 - rgb[:, 100:500])[inside].max() <= 2  # two conversions of color space


def test_a_cutout_over_the_edge_is_cut_at_the_edge(photos):
    rgb = photos.named("flower").rgb
    cover = coverage("flower", "flower", 640, 427)
    layer = cutout_layer(rgb, cover, "red", 64, 1.0, ((170, 85, 446, 361), (40, 40, 60, 60)))
    assert layer.alpha.shape == (64, 64)
    assert layer.alpha[-1].max() > 0.9
    assert layer.alpha[:40].max() == 0


def test_a_solids_foot_stands_where_it_was_put():
    layer = solid_layer({"solid": "cylinder", "side": 0.6, "at": [0.5, 0.8]}, "green", 100)
    rows, columns = np.nonzero(layer.alpha > 0.5)
    assert abs(columns.mean() - 49.5) < 1
    assert 80 <= rows.max() <= 90  # the front of its round foot lies a little below the foot's center


def test_a_shadow_lies_at_the_foot_and_away_from_the_light():
    alpha = np.zeros((100, 100), np.float32)
    alpha[30:70, 40:60] = 1
    shadow = shadow_of(alpha, 0.5)
    assert 0.2 < shadow.max() <= 0.5
    assert shadow[:40].max() < 0.02
    assert shadow[:, 60:].sum() > shadow[:, :40].sum()


def test_a_studio_has_a_wall_and_a_floor_of_the_asked_colors():
    lab = to_lab(studio({"wall": ["blue", 60], "floor": ["white", 90], "horizon": 0.5}, 64, None))
    assert lab[:30, :, 2].mean() < -8
    assert abs(lab[34:, :, 1:]).mean() < 3
    assert lab[34:, :, 0].mean() > lab[:30, :, 0].mean() + 15
