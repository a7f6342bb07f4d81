"""Intervals of means over images: rows of one image are drawn together."""

import numpy as np
import pytest

from workbench.analysis.image_bootstrap import FEWEST_IMAGES, mean_interval, paired_interval


def test_the_interval_of_independent_images_is_that_of_the_normal_law():
    values = np.random.default_rng(1).normal(2.0, 1.0, 400)
    interval = mean_interval(list(values), range(400))
    error = values.std(ddof=1) / 20
    assert interval.mean == pytest.approx(values.mean())
    assert (interval.high - interval.low) / 2 == pytest.approx(1.96 * error, rel=0.1)
    assert (interval.rows, interval.images) == (400, 400)


def test_copies_of_a_row_under_one_image_make_no_interval_narrower():
    values = list(np.random.default_rng(2).normal(0.0, 1.0, 60))
    once = mean_interval(values, range(60))
    copied = mean_interval(values * 5, list(range(60)) * 5)
    assert (copied.low, copied.high) == pytest.approx((once.low, once.high))
    as_if_apart = mean_interval(values * 5, range(300))
    assert as_if_apart.high - as_if_apart.low < 0.6 * (once.high - once.low)


def test_a_pairing_finds_what_two_intervals_beside_each_other_hide():
    chance = np.random.default_rng(3)
    first = chance.normal(0.0, 1.0, 80)
    second = first + 0.1 + chance.normal(0.0, 0.1, 80)
    paired = paired_interval(list(first), list(second), range(80))
    assert paired.excludes_zero
    assert paired.mean == pytest.approx(np.mean(second - first))
    assert mean_interval(list(second), range(80)).low < first.mean() < mean_interval(list(second), range(80)).high


def test_what_is_not_known_is_left_out_and_too_few_images_have_no_interval():
    assert mean_interval([None, float("nan")], ["a", "b"]) is None
    few = mean_interval([1.0, 2.0, None], ["a", "b", "c"])
    assert (few.mean, few.low, few.rows) == (1.5, None, 2)
    assert not few.excludes_zero
    assert mean_interval([1.0] * FEWEST_IMAGES, range(FEWEST_IMAGES)).low == 1.0
    assert paired_interval([1.0, None], [2.0, 5.0], ["a", "b"]).rows == 1
