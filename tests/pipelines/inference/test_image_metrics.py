"""Metrics of colorizations, as rules look at them."""

import numpy as np
import pytest

from lcad.metrics import psnr
from pipelines.inference.image_metrics import SIDE, measured


def picture(height=60, width=80, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_a_colorization_is_compared_with_a_reference_only():
    one, other = picture(seed=1), picture(seed=2)
    mask = np.zeros(one.shape[:2], bool)
    mask[10:40, 10:40] = True
    metrics = measured(one, other, [mask], has_reference=True)
    assert metrics["psnr"] == pytest.approx(psnr(one, other), abs=1e-4)
    assert {"ssim", "delta_e", "colorfulness", "colorfulness_gap"} <= metrics.keys()
    assert measured(one, other, [], has_reference=False).keys() == {"colorfulness"}


def test_a_perfect_colorization_has_no_infinite_number():
    one = picture()
    metrics = measured(one, one, [], has_reference=True)
    assert "psnr" not in metrics
    assert (metrics["delta_e"], metrics["colorfulness_gap"]) == (0, 0)


@pytest.mark.slow
def test_large_pictures_and_their_masks_are_compared_small():
    one = np.kron(picture(40, 50), np.ones((30, 30, 1), np.uint8))
    mask = np.zeros(one.shape[:2], bool)
    mask[300:900, 300:900] = True
    assert max(one.shape) > SIDE
    metrics = measured(one, np.roll(one, 1, axis=2), [mask], has_reference=True)
    assert 0 < metrics["delta_e"] < 100
