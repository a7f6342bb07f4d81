"""Cuts of one photo agree, also after JPEG and resizing; different photos, and the same wall behind other things, do not."""

import io

import numpy as np
import PIL.Image
import pytest
import skimage.data

from tests.pictures import encoded
from workbench.imaging.crop_index import CropIndex, kept_keys
from workbench.imaging.landmarks import Landmarks, compare, landmarks_of, pack, unpack

NAMES = ("astronaut", "chelsea", "coffee", "rocket", "motorcycle")


def photo(name):
    return skimage.data.stereo_motorcycle()[0] if name == "motorcycle" else getattr(skimage.data, name)()


@pytest.fixture(scope="module")
def known() -> dict[str, Landmarks]:
    return {name: landmarks_of(photo(name)) for name in NAMES}


def cut(pixels, share, corner):
    """A crop that lacks `share` of the width and of the height, at a corner given in steps from the upper left."""
    height, width = pixels.shape[:2]
    kept_height, kept_width = round(height * (1 - share)), round(width * (1 - share))
    top, left = round((height - kept_height) * corner[0]), round((width - kept_width) * corner[1])
    return pixels[top : top + kept_height, left : left + kept_width]


def smaller_as_jpeg(pixels):
    picture = PIL.Image.fromarray(pixels)
    picture = picture.resize((round(0.6 * picture.width), round(0.6 * picture.height)))
    return np.asarray(PIL.Image.open(io.BytesIO(encoded(picture, "JPEG", quality=70))))


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.05, 0.1, 0.2, 0.3])
@pytest.mark.parametrize("name", NAMES)
def test_a_crop_is_found_among_others_and_agrees_with_its_photo_alone(known, name, share):
    index = CropIndex()
    for number, own in enumerate(known.values()):
        index.add(number, kept_keys(own.descriptions))
    for corner in ((0, 0), (0.5, 0.5), (1, 1)):
        crop = landmarks_of(smaller_as_jpeg(cut(photo(name), share, corner)))
        assert index.candidates(crop.descriptions)[0] == NAMES.index(name)
        assert [other for other in NAMES if compare(crop, known[other]).is_crop] == [name]


@pytest.mark.slow
def test_what_is_packed_comes_back(known):
    own = known["coffee"]
    again = unpack(pack(own))
    assert (again.size, len(pack(own)) < 7000) == (own.size, True)
    np.testing.assert_allclose(again.places, own.places, atol=0.5 / 128)
    np.testing.assert_array_equal(again.descriptions, own.descriptions)
    np.testing.assert_array_equal(again.small, own.small)
    with pytest.raises(ValueError, match="version"):
        unpack(b"\x07" + pack(own)[1:])


@pytest.mark.slow
def test_the_same_wall_behind_other_things_is_no_crop():
    rng = np.random.default_rng(0)
    wall = np.repeat(rng.integers(90, 140, (240, 320, 1), np.uint8), 3, 2)
    wall = np.asarray(PIL.Image.fromarray(wall).resize((320, 240)))
    pictures = []
    for thing, shade in (("chelsea", 1.0), ("coffee", 0.4)):
        scene = wall.copy()
        scene[30:230, 40:280] = (np.asarray(PIL.Image.fromarray(photo(thing)).resize((240, 200))) * shade).astype(np.uint8)
        pictures.append(landmarks_of(scene))
    assert not compare(*pictures).is_crop


@pytest.mark.parametrize("pixels", [np.zeros((200, 200, 3), np.uint8), np.full((6, 8, 3), 90, np.uint8)])
def test_a_picture_without_points_agrees_with_nothing(pixels):
    own = landmarks_of(pixels)
    assert (len(own.places), compare(own, own).is_crop, unpack(pack(own)).small.shape) == (0, False, own.small.shape)
    assert CropIndex().candidates(own.descriptions) == []


def test_pieces_of_the_index_find_as_one():
    rng = np.random.default_rng(1)
    described = [rng.integers(0, 256, (40, 16), np.uint8) for _ in range(9)]
    index = CropIndex()
    for number, own in enumerate(described):
        index.add_found(number, own)
        assert index.candidates(own) == [number]
    near = described[4].copy()
    near[:, 0] ^= 1  # one bit of each description
    assert index.candidates(near) == [4]
