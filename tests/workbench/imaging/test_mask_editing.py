"""A click changes what it hits and nothing else; boxes and strokes do what they say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import InvalidInputError
from workbench.imaging.mask_editing import Correction, corrected

HEIGHT, WIDTH = 120, 160
CUP, BALL = np.s_[30:90, 20:70], np.s_[40:80, 100:140]


@pytest.fixture(scope="module")
def picture():
    """A red cup and a blue ball, both square, on a noisy gray ground."""
    rgb = np.full((HEIGHT, WIDTH, 3), 130, np.int16)
    rgb[CUP], rgb[BALL] = (190, 40, 40), (40, 60, 180)
    return np.clip(rgb + np.random.default_rng(0).normal(0, 4, rgb.shape), 0, 255).astype(np.uint8)


def area(where):
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[where] = True
    return mask


def iou(one, other):
    return (one & other).sum() / (one | other).sum()


NOTHING = np.zeros((HEIGHT, WIDTH), bool)


@pytest.mark.parametrize("scale", [1, 8])
@pytest.mark.slow
def test_a_click_on_an_object_begins_its_mask_at_any_size(picture, scale):
    large = picture.repeat(scale, 0).repeat(scale, 1)
    empty = np.zeros(large.shape[:2], bool)
    mask = corrected(large, empty, Correction("add", ((120.0 * scale, 60.0 * scale),)))
    assert iou(mask, area(BALL).repeat(scale, 0).repeat(scale, 1)) > 0.9


def test_a_second_click_adds_another_object_and_keeps_the_first_to_the_pixel(picture):
    first = area(CUP)
    both = corrected(picture, first, Correction("add", ((120.0, 60.0),)))
    np.testing.assert_array_equal(both[:, :90], first[:, :90])
    assert iou(both, first | area(BALL)) > 0.9


def test_a_click_with_alt_takes_away_what_it_hits_and_nothing_else(picture):
    rest = corrected(picture, area(CUP) | area(BALL), Correction("remove", ((120.0, 60.0),)))
    assert iou(rest, area(CUP)) > 0.9
    np.testing.assert_array_equal(rest[:, :90], area(CUP)[:, :90])


def test_a_box_cuts_out_what_stands_out_in_it(picture):
    mask = corrected(picture, NOTHING, Correction("box", ((150.0, 90.0), (92.0, 30.0))))
    assert iou(mask, area(BALL)) > 0.9


def test_strokes_paint_and_erase_what_they_cover(picture):
    stroke = (((10.0, 10.0), (40.0, 10.0), (40.0, 20.0), (10.0, 20.0)),)
    painted = corrected(picture, NOTHING, Correction("paint", polygons=stroke))
    assert painted.sum() == pytest.approx(300, rel=0.15)
    assert not corrected(picture, painted, Correction("erase", polygons=stroke)).any()


@given(x=st.floats(0, WIDTH), y=st.floats(0, HEIGHT), adds=st.booleans())
@settings(max_examples=25, deadline=None)
@pytest.mark.slow
def test_a_click_anywhere_only_adds_or_only_takes_away_near_itself(picture, x, y, adds):
    before = area(CUP)
    after = corrected(picture, before, Correction("add" if adds else "remove", ((x, y),)))
    changed = after ^ before
    assert not (changed & (before if adds else ~before)).any()
    rows, columns = np.nonzero(changed)
    assert np.all(np.hypot(rows - y, columns - x) <= 0.25 * WIDTH)


@pytest.mark.parametrize(
    ("say", "what"),
    [
        (lambda picture: Correction("smudge", ((1.0, 1.0),)), "not by 'smudge'"),
        (lambda picture: Correction("box", ((1.0, 1.0),)), "2 points"),
        (lambda picture: Correction("add", ((float("nan"), 1.0),)), "finite"),
        (lambda picture: corrected(picture, NOTHING, Correction("add", ((WIDTH + 5.0, 1.0),))), "outside"),
        (lambda picture: corrected(picture, NOTHING[1:], Correction("add", ((5.0, 1.0),))), "160, 119"),
    ],
)
def test_what_makes_no_sense_is_refused(picture, say, what):
    with pytest.raises(InvalidInputError, match=what):
        say(picture)
