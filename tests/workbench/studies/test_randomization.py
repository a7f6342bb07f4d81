"""Lots are balanced by construction and repeat with the seed."""

from collections import Counter

from db.enums import TrialKind
from workbench.studies import randomization


def test_each_picture_stands_in_each_place_equally_often_over_whole_squares():
    for size in (2, 3, 5):
        orders = [randomization.order(range(size), seed=7, trial_id=3, turn=turn) for turn in range(4 * size)]
        for place in range(size):
            assert set(Counter(order[place] for order in orders).values()) == {4}
        assert orders == [randomization.order(range(size), seed=7, trial_id=3, turn=turn) for turn in range(4 * size)]


def test_sides_cannot_be_told_from_the_turn():
    firsts = [randomization.order([0, 1], seed=0, trial_id=trial, turn=0)[0] for trial in range(400)]
    # Four standard deviations of 400 coin tosses.
    assert abs(sum(firsts) - 200) < 40


def test_a_check_falls_within_its_dozen_at_every_place():
    places = {randomization.due(0, rater, TrialKind.GOLD, 0, randomization.REGULAR_IN_DOZEN) for rater in range(200)}
    assert places == set(range(randomization.REGULAR_IN_DOZEN))
    assert randomization.due(0, 1, TrialKind.TRAP, 0, 1) == 0
    assert [randomization.dozens(count) for count in (0, 1, 10, 11)] == [0, 1, 1, 2]


def test_lots_that_are_drawn_one_after_the_other_are_those_that_are_drawn_alone():
    lot = randomization.drawing(7, "a study", 3)
    assert [lot(one) for one in (1, 22, "x")] == [randomization.drawn(7, "a study", 3, one) for one in (1, 22, "x")]
