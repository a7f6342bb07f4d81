"""Places that several phrases claim: one to one, and only where a phrase has another place."""

import numpy as np
import pytest

from lcad.grounding.contested_places import LEAST_PART, claims_of, places_of, without_others_places

SPANS = [(0, 5), (7, 12), (14, 19)]
LEFT, MIDDLE, RIGHT = slice(2, 10), slice(16, 24), slice(30, 38)


def plane(**columns):
    """Zeros (20, 40) with parts of a worth over columns: plane(left=0.9) is 0.9 on the left."""
    drawn = np.zeros((20, 40), np.float32)
    for name, worth in columns.items():
        drawn[6:14, {"left": LEFT, "middle": MIDDLE, "right": RIGHT}[name]] = worth
    return drawn


def resolved(*masks, hints=None, confidences=None):
    count = len(masks)
    return without_others_places(masks, hints or [None] * count, confidences or [0.9] * count, SPANS[:count])


def test_two_phrases_that_both_claim_two_places_have_one_each_where_each_is_surer():
    left, right = resolved(plane(left=0.6, right=0.9), plane(left=0.9, right=0.6))
    assert np.array_equal(left, plane(right=0.9))
    assert np.array_equal(right, plane(left=0.9))


def test_who_has_another_place_gives_up_the_one_that_somebody_else_needs():
    both, only = resolved(plane(left=0.7, right=0.9), plane(right=0.6))
    assert np.array_equal(both, plane(left=0.7))
    assert np.array_equal(only, plane(right=0.6))


def test_what_was_not_surely_found_claims_its_likeliest_place():
    hint = plane(left=0.3, right=1.0)
    both, faint = resolved(plane(left=0.8, right=0.9), plane(right=0.2), hints=[None, hint], confidences=[0.9, 0.1])
    assert np.array_equal(both, plane(left=0.8))
    assert np.array_equal(faint, plane(right=0.2)), "what is not sure is not cut"


def test_what_nothing_speaks_for_claims_nothing():
    mask = plane(left=0.8, right=0.9)
    assert np.array_equal(resolved(mask, plane(right=0.2), confidences=[0.9, 0.1])[0], mask)


def test_phrases_of_one_place_share_it():
    jacket, shirt = plane(middle=0.9), plane(middle=0.7)
    assert all(np.array_equal(*pair) for pair in zip(resolved(jacket, shirt), (jacket, shirt), strict=True))


def test_a_part_of_a_thing_is_no_rival_of_the_whole():
    man, shirt = plane(left=0.9, right=0.8), np.zeros((20, 40), np.float32)
    shirt[8:11, 31:36] = 0.9
    assert all(np.array_equal(*pair) for pair in zip(resolved(man, shirt), (man, shirt), strict=True))


def test_of_places_that_suit_all_alike_the_first_named_has_the_left():
    everywhere = plane(left=0.8, middle=0.8, right=0.8)
    for mask, name in zip(resolved(everywhere, everywhere, everywhere), ("left", "middle", "right"), strict=True):
        assert np.array_equal(mask, plane(**{name: 0.8}))


def test_a_phrase_keeps_the_places_that_nobody_else_claims():
    trees, house = resolved(plane(left=0.9, middle=0.8, right=0.9), plane(middle=0.9))
    assert np.array_equal(trees, plane(left=0.9, right=0.9))
    assert np.array_equal(house, plane(middle=0.9))


def test_a_phrase_does_not_give_up_nearly_all_that_it_claims():
    castle = plane(left=0.9)
    castle[6:9, RIGHT.start : RIGHT.start + 3] = 0.9
    assert np.array_equal(resolved(castle, plane(left=0.8))[0], castle)


def test_a_soft_rim_goes_with_its_part():
    both = plane(left=0.9, right=0.9)
    both[6:14, 29] = 0.3
    assert resolved(both, plane(right=0.9))[0][:, 20:].max() == 0


@pytest.mark.parametrize(("worth", "count"), [(0.9, 1), (0.4, 0)])
def test_what_lies_below_the_level_is_not_claimed(worth, count):
    assert len(claims_of(0, plane(left=worth), 0.5)) == count


def test_a_crumb_is_no_place():
    crumbs = plane(left=0.9)
    area = round(0.5 * LEAST_PART * (crumbs > 0).sum())
    crumbs[0, 20 : 20 + area] = 0.9
    assert len(claims_of(0, crumbs, 0.5)) == 1


def test_places_are_shared_by_different_phrases_alone():
    claims = [*claims_of(0, plane(left=0.9, right=0.9), 0.5), *claims_of(1, plane(right=0.9), 0.5)]
    left, right, same = places_of(claims)
    assert left != right == same
