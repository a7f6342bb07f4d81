import numpy as np
import pytest

from lcad.imaging import Upsampler
from lcad.imaging.joint_bilateral import CROSSING, LEAST, TAPS, positions

SIGMA, SPREAD = 4.0, 0.5


def plain(values, small, labels_small, guide, labels):
    """The sum over sixteen small pixels as it is defined, with every exponential computed."""
    (rows, below), (columns, right) = (positions(large, little) for large, little in zip(guide.shape, small.shape, strict=True))
    total, weights = np.zeros((*guide.shape, values.shape[2])), np.full(guide.shape, 1e-8)
    for dy in TAPS:
        y = np.clip(rows + dy, 0, len(small) - 1)
        for dx in TAPS:
            x = np.clip(columns + dx, 0, small.shape[1] - 1)
            near = np.exp(-0.5 * ((below - dy) / SPREAD) ** 2)[:, None] * np.exp(-0.5 * ((right - dx) / SPREAD) ** 2)
            weight = near * np.exp(-np.abs(guide - small[y][:, x]) / SIGMA) + LEAST * near
            if labels is not None:
                weight = np.where(labels == labels_small[y][:, x], weight, CROSSING * weight)
            total += weight[..., None] * values[y][:, x]
            weights += weight
    return total / weights[..., None]


@pytest.mark.parametrize("labeled", [False, True])
@pytest.mark.parametrize("size", [(61, 83), (7, 5), (300, 9)])
def test_it_is_the_mean_of_small_pixels_by_nearness_lightness_and_label(size, labeled):
    rng = np.random.default_rng(0)
    small, guide = rng.uniform(0, 100, (7, 9)).astype(np.float32), rng.uniform(0, 100, size).astype(np.float32)
    values = rng.normal(0, 30, (7, 9, 2)).astype(np.float32)
    labels_small, labels = (rng.integers(0, 3, shape).astype(np.int16) if labeled else None for shape in ((7, 9), size))
    upsampler = Upsampler(values, small, labels_small, size, sigma=SIGMA, spread=SPREAD)
    whole = upsampler.band(slice(0, size[0]), guide, labels)
    np.testing.assert_allclose(np.moveaxis(whole, 0, -1), plain(values, small, labels_small, guide, labels), atol=1e-3)
    in_two = [upsampler.band(band, guide, labels) for band in (slice(0, 4), slice(4, size[0]))]
    np.testing.assert_allclose(np.concatenate(in_two, 1), whole, atol=1e-4)


def test_one_label_in_a_part_of_the_picture_changes_nothing_there():
    """Parts of one label are computed without looking at labels."""
    rng = np.random.default_rng(1)
    small, guide = rng.uniform(0, 100, (8, 8)).astype(np.float32), rng.uniform(0, 100, (64, 64)).astype(np.float32)
    values = rng.normal(0, 30, (8, 8, 2)).astype(np.float32)
    labels_small, labels = np.zeros((8, 8), np.int16), np.zeros((64, 64), np.int16)
    labels_small[6:], labels[48:] = 1, 1
    labeled = Upsampler(values, small, labels_small, (64, 64), sigma=SIGMA, spread=SPREAD).band(slice(0, 64), guide, labels)
    alone = Upsampler(values, small, None, (64, 64), sigma=SIGMA, spread=SPREAD).band(slice(0, 64), guide, None)
    assert np.array_equal(labeled[:, :24], alone[:, :24])
    assert np.abs(labeled[:, 40:56] - alone[:, 40:56]).max() > 1
