"""Thumbnails are small, made once, and keep color or lightness."""

import dataclasses
import io

import numpy as np
import PIL.Image
import pytest

from tests.pictures import encoded, picture
from workbench.errors import InvalidInputError, NotFoundError
from workbench.images import thumbnail
from workbench.images.thumbnails import make, place
from workbench.imaging import lightness_of
from workbench.settings import read_settings


@pytest.fixture
def settings(tmp_path):
    return dataclasses.replace(read_settings(tmp_path / "home"), home=tmp_path / "home")


@pytest.fixture
def key(media):
    return media.put(encoded(picture(1, 600, 400)), ".png")


def opened(path):
    with PIL.Image.open(path) as image:
        assert image.format == "WEBP"
        return np.asarray(image.convert("RGB"))


def test_a_thumbnail_fits_the_side_and_keeps_the_aspect(settings, media, key):
    assert opened(thumbnail(settings, media, key)).shape == (171, 256, 3)
    assert opened(thumbnail(settings, media, key, side=64)).shape == (43, 64, 3)


def test_a_small_picture_is_not_enlarged(settings, media):
    assert opened(thumbnail(settings, media, media.put(encoded(picture(1)), ".png"))).shape == (64, 96, 3)


def test_color_stays_and_gray_keeps_the_lightness(settings, media, key):
    color, gray = opened(thumbnail(settings, media, key)), opened(thumbnail(settings, media, key, "gray"))
    expected = np.asarray(PIL.Image.fromarray(picture(1, 600, 400)).resize((256, 171), PIL.Image.Resampling.LANCZOS))
    assert np.abs(color.astype(int) - expected).mean() < 6  # lossy, with chroma at half the size
    assert np.abs(gray.astype(int) - gray[..., :1]).max() <= 2
    assert np.abs(lightness_of(gray) - lightness_of(expected)).mean() < 1.5


def test_it_is_made_once(settings, media, key):
    path = thumbnail(settings, media, key)
    assert path == place(settings, key)
    made = path.stat().st_ino
    media.path(key).unlink()
    assert thumbnail(settings, media, key).stat().st_ino == made
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_missing_picture_is_named(settings, media):
    with pytest.raises(NotFoundError):
        thumbnail(settings, media, f"ab/ab{'0' * 62}.png")


@pytest.mark.parametrize(("kind", "side"), [("sepia", 256), ("color", 4), ("gray", 10_000)])
def test_other_kinds_and_sizes_are_refused(settings, media, key, kind, side):
    with pytest.raises(InvalidInputError, match="thumbnail"):
        thumbnail(settings, media, key, kind, side)


def test_a_large_photo_is_decoded_small():
    content = encoded(picture(1, 2000, 1500), "JPEG", quality=90)
    with PIL.Image.open(io.BytesIO(make(content, side=128))) as image:
        assert image.size == (128, 96)
