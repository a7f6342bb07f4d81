"""Where a phrase is likeliest that is not surely found."""

import numpy as np
import pytest

from lcad.grounding.detector import Box
from lcad.grounding.letterbox import Letterbox
from lcad.grounding.likely_places import body_map, likeliest
from lcad.grounding.nouns import Noun
from lcad.grounding.phrase_context import Phrase

VIEW, SHAPE = Letterbox(200, 100), (40, 20)
PERSON = Box(0, 0.9, 30, 10, 70, 190)


def phrase(name):
    return Phrase((0, 5), Noun(0, name, (), ()), None, None)


def height_of(place):
    """The mean row of a place, as a part of the picture's height."""
    return float((place.sum(1) * np.arange(len(place))).sum() / place.sum() / len(place))


def test_garments_lie_from_head_to_foot_where_bodies_have_them():
    hat, shirt, pants, shoes = (height_of(body_map(VIEW, name, [PERSON], SHAPE)) for name in ("hat", "shirt", "pants", "shoe"))
    assert hat < shirt < pants < shoes


def test_nothing_is_worn_beside_a_body():
    place = body_map(VIEW, "shirt", [PERSON], SHAPE)
    assert not place[:, :4].any()
    assert not place[:, -4:].any()


def test_of_somebody_cut_off_by_the_lower_edge_the_shirt_reaches_farther_down():
    cut = Box(0, 0.9, 20, 140, 80, 200)
    place = body_map(VIEW, "shirt", [cut], SHAPE).sum(1)
    assert place[int(0.93 * SHAPE[0])] > 0.5 * place.max()


@pytest.mark.parametrize(("name", "people"), [("umbrella", [PERSON]), ("shirt", [])])
def test_what_nobody_wears_has_no_such_place(name, people):
    assert body_map(VIEW, name, people, SHAPE) is None


def test_a_faint_mask_is_a_hint_and_next_to_nothing_is_none():
    mask = np.full(SHAPE, 0.001, np.float32)
    assert likeliest(mask, VIEW, phrase("umbrella"), []) is None
    mask[5, 5] = 0.01
    hint = likeliest(mask, VIEW, phrase("umbrella"), [])
    assert hint.max() == hint[5, 5] == 1
    assert hint[20, 10] < 0.35


def test_a_garment_that_is_found_nowhere_is_hinted_at_on_its_wearer():
    hint = likeliest(np.zeros(SHAPE, np.float32), VIEW, phrase("shirt"), [PERSON])
    assert hint.max() == 1
    assert hint[:, :4].max() == 0
