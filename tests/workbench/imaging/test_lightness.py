"""Lightness is CIELAB's, and the gray of a pixel has it too."""

import numpy as np
from skimage.color import rgb2lab

from tests.pictures import picture
from workbench.imaging import gray_of, lightness_of


def test_lightness_equals_that_of_scikit_image():
    pixels = picture(1)
    lightness = lightness_of(pixels)
    assert lightness.shape == pixels.shape[:2]
    assert lightness.dtype == np.float32
    np.testing.assert_allclose(lightness, rgb2lab(pixels)[..., 0], atol=2e-3)  # float32 and its powers


def test_black_is_0_and_white_is_100():
    ends = np.array([[[0, 0, 0], [255, 255, 255]]], np.uint8)
    np.testing.assert_allclose(lightness_of(ends)[0], [0, 100], atol=1e-4)


def test_the_gray_of_a_pixel_has_its_lightness():
    pixels = picture(2)
    gray = np.repeat(gray_of(pixels)[..., None], 3, axis=2)
    assert gray.dtype == np.uint8
    assert np.abs(lightness_of(gray) - lightness_of(pixels)).max() < 0.5  # one level of 255 is up to 0.9 in L*, rounding is half


def test_a_gray_pixel_is_its_own_gray():
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    np.testing.assert_array_equal(gray_of(ramp)[0], np.arange(256))
