"""Masks survive their encoding bit for bit, and their arithmetic agrees with the pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as coco

from workbench.errors import InvalidInputError
from workbench.imaging import masks

any_mask = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40))


def square(height=20, width=30, top=5, left=10, side=6):
    mask = np.zeros((height, width), bool)
    mask[top : top + side, left : left + side] = True
    return mask


@given(any_mask)
@pytest.mark.slow
def test_a_mask_survives_its_encoding(mask):
    decoded = masks.decode(masks.encode(mask))
    assert decoded.dtype == np.bool_
    np.testing.assert_array_equal(decoded, mask)


@given(any_mask)
def test_the_encoding_is_that_of_coco_tools(mask):
    rle = masks.encode(mask)
    np.testing.assert_array_equal(coco.decode({"size": rle["size"], "counts": rle["counts"].encode()}).astype(bool), mask)


@given(any_mask)
@pytest.mark.slow
def test_every_form_of_coco_becomes_the_same_encoding(mask):
    rle = masks.encode(mask)
    flat = mask.T.ravel()
    edges = np.flatnonzero(np.diff(flat)) + 1
    runs = np.diff([0, *edges, flat.size]).tolist()
    uncompressed = {"size": rle["size"], "counts": ([0, *runs] if flat[0] else runs)}
    assert masks.canonical(uncompressed) == rle
    assert masks.canonical({"size": rle["size"], "counts": rle["counts"].encode()}) == rle


@given(any_mask, st.integers(0, 1 << 30))
@pytest.mark.slow
def test_equal_masks_have_equal_hashes_and_others_have_not(mask, place):
    other = mask.copy()
    other[np.unravel_index(place % mask.size, mask.shape)] ^= True
    assert masks.mask_hash(masks.encode(mask)) == masks.mask_hash(masks.encode(mask.copy()))
    assert masks.mask_hash(masks.encode(mask)) != masks.mask_hash(masks.encode(other))


@given(any_mask)
def test_area_and_box_are_those_of_the_pixels(mask):
    rle = masks.encode(mask)
    assert masks.area(rle) == mask.sum()
    if mask.any():
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        expected = (columns[0], rows[0], columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1)
        assert masks.box(rle) == expected


def test_iou_is_the_share_of_common_pixels():
    one, other = masks.encode(square()), masks.encode(square(left=13))
    assert masks.iou(one, one) == 1
    assert masks.iou(one, other) == pytest.approx(18 / 54)


def test_masks_of_different_sizes_are_not_compared():
    with pytest.raises(InvalidInputError, match="different sizes"):
        masks.iou(masks.encode(square()), masks.encode(square(height=21)))


def test_two_empty_masks_have_nothing_in_common():
    empty = masks.encode(np.zeros((4, 4), bool))
    assert masks.iou(empty, empty) == 0


def test_a_polygon_fills_what_it_surrounds():
    mask = masks.from_polygon([(10, 5), (16, 5), (16, 11), (10, 11)], 20, 30)
    assert mask.shape == (20, 30)
    np.testing.assert_array_equal(mask, square())


def test_a_polygon_beyond_the_picture_ends_at_its_edge():
    assert masks.from_polygon([(-50, -50), (500, -50), (500, 500), (-50, 500)], 20, 30).all()


@pytest.mark.parametrize("points", [[], [(0, 0), (1, 1)], [(0, 0), (1, 1), (float("nan"), 2)], [(0, 0, 0)] * 3])
def test_what_is_no_polygon_is_refused(points):
    with pytest.raises(InvalidInputError, match="polygon"):
        masks.from_polygon(points, 20, 30)


@pytest.mark.parametrize("mask", [np.zeros((3, 4)), np.zeros(4, bool), np.zeros((0, 4), bool)])
def test_what_is_no_mask_is_refused(mask):
    with pytest.raises(InvalidInputError, match="bool"):
        masks.encode(mask)


@pytest.mark.parametrize(
    "rle",
    [
        {"size": [4, 4], "counts": [3, 2]},
        {"size": [4, 4], "counts": [20, -4]},
        {"size": [4, 4], "counts": "\x10"},
        {"size": [4, 4], "counts": "P"},
        {"size": [4, 4]},
        {"size": [0, 4], "counts": ""},
        {"size": "big", "counts": ""},
        {"counts": "04"},
    ],
)
def test_a_broken_encoding_is_refused(rle):
    with pytest.raises(InvalidInputError):
        masks.decode(rle)


def test_overlap_is_the_part_of_the_first_mask():
    one, other = masks.encode(square(left=10, side=6)), masks.encode(square(left=13, side=12))
    assert masks.overlap(one, other) == pytest.approx(0.5)
    assert masks.overlap(other, one) == pytest.approx(18 / 144)
    assert masks.overlap(masks.encode(np.zeros((20, 30), bool)), one) == 0
    with pytest.raises(InvalidInputError, match="different sizes"):
        masks.overlap(one, masks.encode(np.ones((5, 5), bool)))
