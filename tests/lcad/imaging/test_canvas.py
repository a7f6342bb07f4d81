import numpy as np
import pytest
import torch

from lcad.imaging import bands, fit, gray_image, image_to_lab, lightness_of_image
from lcad.imaging.canvas import BAND_PX


@pytest.mark.parametrize("source", [(128, 128), (64, 256), (3000, 4000), (8, 8), (1, 1), (1, 4000), (500, 3)])
def test_the_canvas_keeps_the_aspect_and_is_a_multiple_near_the_native_area(source):
    canvas = fit(source, 128, 8)
    assert all(extent % 8 == 0 for extent in canvas.padded)
    assert all(0 <= outer - inner < 8 for inner, outer in zip(canvas.scaled, canvas.padded, strict=True))
    assert max(canvas.scaled) <= 256
    assert canvas.scaled[0] * canvas.scaled[1] <= 128 * 128 * 1.02
    if min(canvas.scaled) > 16:
        assert canvas.scaled[1] / canvas.scaled[0] == pytest.approx(source[1] / source[0], rel=0.03)


def test_a_picture_of_the_native_size_is_not_touched(noise_image):
    plane = noise_image(128, 128).astype(np.float32)
    canvas = fit((128, 128), 128, 8)
    assert canvas.scaled == canvas.padded == (128, 128)
    assert np.array_equal(canvas.place(plane), plane)


def test_padding_repeats_the_edge_and_cropping_takes_it_away(noise_image):
    canvas = fit((30, 50), 32, 8)
    placed = canvas.place(noise_image(30, 50).astype(np.float32))
    height, width = canvas.scaled
    assert placed.shape == canvas.padded
    assert np.array_equal(placed[height:, :width], np.repeat(placed[height - 1 : height, :width], canvas.padded[0] - height, 0))
    assert canvas.crop(torch.from_numpy(placed)).shape == canvas.scaled


def test_shrinking_averages_areas():
    plane = np.zeros((256, 256), np.float32)
    plane[:, ::2] = 100
    np.testing.assert_allclose(fit((256, 256), 128, 8).place(plane), 50)


@pytest.mark.slow
def test_lightness_is_the_same_in_bands_as_at_once(noise_image):
    width = 3
    image = noise_image(BAND_PX // width + 7, width, 3)
    assert len(bands(image.shape[:2])) == 2
    np.testing.assert_allclose(lightness_of_image(image), image_to_lab(image)[..., 0], atol=1e-4)


def test_a_gray_image_has_the_lightness_it_was_made_of():
    lightness = np.linspace(0, 100, 600, dtype=np.float32).reshape(20, 30)
    image = gray_image(lightness)
    assert np.array_equal(image[..., 0], image[..., 1])
    np.testing.assert_allclose(lightness_of_image(image), lightness, atol=0.3)
