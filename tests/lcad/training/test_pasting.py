"""Things of one picture on another: where they are is known, and no caption says what is not so."""

import numpy as np
import pytest

from lcad.dataset import Description, Example, Grounded
from lcad.training.pasting import pasted

SIZE = 64


def example(text: str, box: tuple[int, int, int, int] | None, phrase: tuple[int, int] | None, shade: int = 0) -> Example:
    masks = np.zeros((1, SIZE, SIZE), bool)
    if box is not None:
        top, bottom, left, right = box
        masks[0, top:bottom, left:right] = True
    phrases = () if phrase is None else (Grounded(*phrase, 0),)
    rgb = np.full((SIZE, SIZE, 3), shade, np.uint8)
    rgb[masks[0]] = 200
    return Example(rgb, masks, (Description(text, "scarce", phrases),))


UNDER = example("a dog on a lawn.", (2, 10, 2, 10), (0, 5), 40)
OVER = example("a red box", (20, 36, 20, 36), (0, 9))


def paste(seed=0, under=UNDER, over=OVER, is_wanted=lambda _words: True):
    return pasted(np.random.default_rng(seed), under, over, is_wanted)


@pytest.mark.parametrize("seed", range(8))
def test_a_thing_is_where_its_mask_says_and_stands_at_the_end_of_the_caption(seed):
    made = paste(seed)
    (told,) = made.descriptions
    assert told.text == "a dog on a lawn and a red box"
    assert [told.text[one.start : one.end] for one in told.phrases if one.mask == 1] == ["a red box"]
    assert abs(made.rgb[made.masks[1]].mean() - 200) < 60
    untouched = ~made.masks.any(0)
    assert (made.rgb[untouched] == 40).mean() > 0.9, "soft edges alone differ"
    assert not (made.masks[0] & made.masks[1]).any()


def test_what_is_covered_is_not_told_any_more():
    small = example("a dog on a lawn", (30, 34, 30, 34), (0, 5), 40)
    told = {made.masks[0].sum() >= 0.6 * small.masks[0].sum(): made for made in (paste(seed, small) for seed in range(60))}
    assert set(told) == {True, False}
    assert [one.mask for one in told[False].descriptions[0].phrases] == [1]
    assert [one.mask for one in told[True].descriptions[0].phrases] == [0, 1]


@pytest.mark.parametrize("box", [(0, 16, 20, 36), (20, 64, 20, 36), (30, 31, 30, 31), None])
def test_what_an_edge_may_have_cut_and_what_is_too_small_is_not_taken(box):
    assert paste(over=example("a red box", box, (0, 9))) is None


def test_what_is_not_wanted_or_says_a_side_is_not_taken():
    assert paste(is_wanted=lambda words: "box" not in words) is None
    assert paste(over=example("the left box", (20, 36, 20, 36), (0, 12))) is None
    sided = example("a dog on the left", (2, 10, 2, 10), (0, 5))
    assert [one.text for one in paste(under=sided).descriptions] == ["a red box"]
