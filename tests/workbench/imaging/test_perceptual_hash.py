"""The same picture in another file hashes alike; another picture does not."""

import io

import numpy as np
import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.fft import dctn

from tests.pictures import encoded, picture
from workbench.imaging import NEAR_DISTANCE, NearIndex, pixel_hash
from workbench.imaging.perceptual_hash import BASIS, GRID, LOW, distance, perceptual_hash

hashes = st.integers(-(1 << 63), (1 << 63) - 1)


def test_the_basis_is_that_of_the_orthonormal_dct():
    lightness = np.random.default_rng(0).random((GRID, GRID))
    np.testing.assert_allclose(BASIS @ lightness @ BASIS.T, dctn(lightness, type=2, norm="ortho")[:LOW, :LOW], atol=1e-12)


def opened(content):
    return np.asarray(PIL.Image.open(io.BytesIO(content)).convert("RGB"))


def test_equal_pixels_have_equal_hashes_whatever_the_container():
    pixels = picture(3)
    assert pixel_hash(pixels) == pixel_hash(opened(encoded(pixels, "WEBP", lossless=True, exact=True)))


def test_another_shape_of_the_same_bytes_is_another_picture():
    assert pixel_hash(np.zeros((4, 8, 3), np.uint8)) != pixel_hash(np.zeros((8, 4, 3), np.uint8))


@pytest.mark.parametrize("seed", range(8))
def test_a_copy_in_worse_quality_or_size_is_near(seed):
    pixels = picture(seed, 256, 192)
    smaller = np.asarray(PIL.Image.fromarray(pixels).resize((128, 96)))
    for copy in (opened(encoded(pixels, "JPEG", quality=30)), smaller, np.clip(pixels * 1.1, 0, 255).astype(np.uint8)):
        assert distance(perceptual_hash(pixels), perceptual_hash(copy)) <= NEAR_DISTANCE


def test_different_pictures_are_far_apart():
    hashes = np.array([perceptual_hash(picture(seed)) for seed in range(40)])
    apart = distance(hashes[:, None], hashes[None])[np.triu_indices(40, 1)]
    assert apart.min() > NEAR_DISTANCE


def test_half_of_the_bits_are_set():
    hashes = np.array([perceptual_hash(picture(seed)) for seed in range(8)])
    assert (np.bitwise_count(hashes.view(np.uint64)) == 32).all()


@given(hashes, hashes)
def test_the_distance_is_the_number_of_different_bits(one, other):
    expected = ((one ^ other) & ((1 << 64) - 1)).bit_count()
    assert distance(one, other) == expected


@given(st.lists(hashes, max_size=60), hashes, st.integers(0, 64))
def test_the_index_finds_what_a_plain_loop_finds(hashes, query, most):
    index = NearIndex()
    for key, value in enumerate(hashes):
        index.add(key, value)
    expected = sorted((int(distance(value, query)), key) for key, value in enumerate(hashes) if distance(value, query) <= most)
    assert index.near(query, most) == [(key, bits) for bits, key in expected]
    assert len(index) == len(hashes)


def test_an_index_of_stored_hashes_grows():
    index = NearIndex([1, 2], [5, -5])
    for key in range(3, 3000):
        index.add(key, 0)
    index.add(3000, 5)
    assert [key for key, bits in index.near(5, 0)] == [1, 3000]


def test_an_index_needs_a_hash_for_every_id():
    with pytest.raises(ValueError, match="as many ids"):
        NearIndex([1, 2], [5])
