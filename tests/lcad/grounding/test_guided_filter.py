import numpy as np

from lcad.grounding.guided_filter import follow_edges


def scene(size):
    """L (H, W) of a light square on a dark ground, and where it is."""
    inside = np.zeros(size, bool)
    inside[size[0] // 4 : 3 * size[0] // 4, size[1] // 4 : 3 * size[1] // 4] = True
    return np.where(inside, 80.0, 30.0).astype(np.float32), inside


def test_a_coarse_mask_comes_to_lie_on_the_edge_of_lightness():
    lightness, inside = scene((256, 256))
    coarse = np.zeros((64, 64), np.float32)
    coarse[14:49, 18:50] = 1  # up to two cells beside the square
    plain = np.kron(coarse, np.ones((4, 4))) >= 0.5
    fine = follow_edges(coarse, lightness, radius=3) >= 0.5
    assert (fine ^ inside).sum() < 0.5 * (plain ^ inside).sum()


def test_a_mask_has_the_pictures_size_and_stays_between_nothing_and_all():
    lightness, _ = scene((77, 130))
    mask = follow_edges(np.random.default_rng(0).random((20, 33)).astype(np.float32), lightness)
    assert mask.shape == (77, 130)
    assert mask.min() >= 0
    assert mask.max() <= 1


def test_where_lightness_tells_nothing_the_mask_stays_as_it_was():
    mask = follow_edges(np.full((16, 16), 0.3, np.float32), np.full((64, 64), 50.0))
    assert np.allclose(mask, 0.3, atol=1e-4)
