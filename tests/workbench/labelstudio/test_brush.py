"""Masks become brush strokes and come back bit for bit, in the packing that Label Studio's own code reads and writes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from label_studio_sdk.converter.brush import decode_rle, encode_rle

from workbench.errors import InvalidInputError
from workbench.labelstudio import brush_rle

MASKS = arrays.arrays(bool, st.tuples(st.integers(1, 12), st.integers(1, 12)))


@given(MASKS)
@pytest.mark.slow
def test_a_mask_comes_back_bit_for_bit(mask):
    assert (brush_rle.decode(brush_rle.encode(mask), *mask.shape) == mask).all()


@given(MASKS)
def test_label_studio_reads_what_we_pack(mask):
    assert (decode_rle(brush_rle.encode(mask)).reshape(*mask.shape, 4)[..., 3].astype(bool) == mask).all()


@given(MASKS)
@pytest.mark.slow
def test_we_read_what_label_studio_packs(mask):
    packed = encode_rle(np.repeat(mask.ravel().astype(np.uint8) * 255, 4))
    assert (brush_rle.decode(packed, *mask.shape) == mask).all()


def test_runs_longer_than_a_length_can_say_are_cut():
    mask = np.zeros((300, 300), bool)
    mask[100:250] = True
    assert (brush_rle.decode(brush_rle.encode(mask), 300, 300) == mask).all()


def test_soft_edges_are_cut_in_the_middle():
    values = np.repeat(np.array([0, 127, 128, 255], np.uint8), 4)
    assert brush_rle.decode(encode_rle(values), 1, 4).tolist() == [[False, False, True, True]]


@pytest.mark.parametrize("broken", [[], [0, 0, 0, 4], brush_rle.encode(np.ones((2, 2), bool))[:-1]])
def test_a_mask_that_ends_in_the_middle_is_refused(broken):
    with pytest.raises(InvalidInputError, match=r"ends in the middle|values instead of"):
        brush_rle.decode(broken, 2, 2)


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(InvalidInputError, match="has 16 values instead of 24"):
        brush_rle.decode(brush_rle.encode(np.ones((2, 2), bool)), 2, 3)
