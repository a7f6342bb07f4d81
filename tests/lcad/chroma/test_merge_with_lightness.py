import cv2
import numpy as np
import pytest
from skimage.color import rgb2lab

from lcad.chroma import join, label_regions
from lcad.chroma.merge_with_lightness import WITHOUT_MASKS, refine
from lcad.imaging import neighbor_ties, smooth_along_edges

RED, BLUE = np.array([50.0, 30.0]), np.array([10.0, -45.0])


def disk_on_ground(side):
    """Lightness (side, side) with a lighter disk, the disk (side, side) bool, and its true chroma, red on blue."""
    rows, columns = np.mgrid[:side, :side]
    disk = (rows - side / 2) ** 2 + (columns - 0.47 * side) ** 2 < (0.235 * side) ** 2
    noise = np.random.default_rng(0).normal(0, 0.5, disk.shape)
    return (np.where(disk, 60, 40) + noise).astype(np.float32), disk, np.where(disk[..., None], RED, BLUE).astype(np.float32)


@pytest.fixture
def scene():
    return disk_on_ground(64)


def blurred(chroma, cell=8):
    size = chroma.shape[:2]
    small = cv2.resize(chroma, (size[1] // cell, size[0] // cell), interpolation=cv2.INTER_AREA)
    return cv2.resize(small, size[::-1], interpolation=cv2.INTER_LINEAR)


def error(image, truth):
    return np.abs(rgb2lab(image)[..., 1:] - truth).mean()


def test_chroma_that_spills_over_an_edge_of_lightness_is_brought_back(scene):
    lightness, _, truth = scene
    soft = blurred(truth)
    before = np.abs(soft - truth).mean()
    assert error(join(soft, lightness), truth) < before / 2


def test_masks_bring_it_back_where_lightness_shows_no_edge(scene):
    _, disk, truth = scene
    flat = np.full(disk.shape, 50, np.float32)
    soft = blurred(truth)
    without, with_mask = error(join(soft, flat), truth), error(join(soft, flat, [disk]), truth)
    assert with_mask < np.abs(soft - truth).mean() / 2 < without


@pytest.mark.slow
def test_full_size_edges_stay_sharp_when_chroma_comes_from_a_small_picture():
    lightness, disk, truth = disk_on_ground(512)
    small = cv2.resize(truth, (64, 64), interpolation=cv2.INTER_AREA)
    linear = np.abs(cv2.resize(small, (512, 512), interpolation=cv2.INTER_LINEAR) - truth).mean()
    assert error(join(small, lightness), truth) < 0.7 * linear
    assert error(join(small, lightness, [disk]), truth) < 0.4 * linear


@pytest.mark.parametrize("small", [(64, 64), (16, 16), (128, 100)])
def test_lightness_is_the_sources_and_uniform_chroma_stays_uniform(scene, small):
    lightness, disk, _ = scene
    chroma = np.broadcast_to(np.float32([12, -9]), (*small, 2))
    for masks in ([], [disk]):
        lab = rgb2lab(join(chroma, lightness, masks))
        assert np.abs(lab[..., 0] - lightness).max() <= 1
        assert np.abs(lab[..., 1:] - [12, -9]).max() < 1


def test_refining_makes_no_color_that_was_not_there(scene):
    lightness, disk, truth = scene
    soft = blurred(truth)
    refined = join(soft, np.full_like(lightness, 50), [disk])
    lab = rgb2lab(refined)[..., 1:]
    for channel in range(2):
        assert soft[..., channel].min() - 1 <= lab[..., channel].min()
        assert lab[..., channel].max() <= soft[..., channel].max() + 1


def test_a_picture_wider_than_a_band_is_joined_as_one_of_one_band(monkeypatch, scene):
    lightness, disk, truth = scene
    small = cv2.resize(truth, (16, 16), interpolation=cv2.INTER_AREA)
    whole = join(small, lightness, [disk])
    monkeypatch.setattr("lcad.imaging.canvas.BAND_PX", 640)
    assert np.array_equal(join(small, lightness, [disk]), whole)


def test_the_smaller_of_overlapping_masks_is_in_front():
    large, small = np.zeros((6, 6), bool), np.zeros((6, 6), bool)
    large[:4], small[2:4, 2:4] = True, True
    for order in ((large, small), (small, large)):
        labels = label_regions(order, (6, 6))
        assert len(np.unique(labels)) == 3
        assert len(np.unique(labels[2:4, 2:4])) == 1
        assert labels[2, 2] != labels[0, 0] != labels[5, 5] == 0
    assert label_regions([], (6, 6)) is None


def test_the_smoother_solves_its_equations_in_one_dimension():
    """One row and one round are the exact least squares of the paper: (I + λA) u = f."""
    generator = np.random.default_rng(1)
    lightness, values = generator.uniform(0, 10, (1, 12)), generator.normal(size=(1, 12, 2)).astype(np.float32)
    along_rows, along_columns = neighbor_ties(lightness, None, 4.0)
    smoothed = smooth_along_edges(values, (along_rows, along_columns), strength=7.0, rounds=1)
    pull = 1.5 * 7.0 / 3 * along_rows[0]
    matrix = np.eye(12)
    for i, tie in enumerate(pull):
        matrix[i : i + 2, i : i + 2] += tie * np.array([[1, -1], [-1, 1]])
    np.testing.assert_allclose(smoothed[0], np.linalg.solve(matrix, values[0]), atol=1e-5)


def test_doubtful_pixels_take_their_color_from_sure_ones():
    values, sure = np.zeros((9, 9, 1), np.float32), np.ones((9, 9))
    values[4, 4], sure[4, 4] = 1000, 1e-4
    smoothed = smooth_along_edges(values, neighbor_ties(np.zeros((9, 9)), None, 1.0), 50.0, confidence=sure)
    assert smoothed.max() < 1


def test_one_pixel_and_one_row_are_fine():
    for shape in ((1, 1), (1, 50), (50, 1)):
        lightness = np.full(shape, 50, np.float32)
        assert refine(np.ones((*shape, 2), np.float32), lightness, None, 8, WITHOUT_MASKS).shape == (*shape, 2)
        assert join(np.ones((*shape, 2)), lightness).shape == (*shape, 3)
