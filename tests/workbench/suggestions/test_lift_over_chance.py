"""What is done already, done again in the suggested order, brings more than chance where the rule knows something, and no more else."""

import numpy as np
import pytest

from tests.stores import colorize, insert_caption, insert_checkpoint, insert_described, insert_grounding, insert_image
from workbench import reviews
from workbench.errors import InvalidInputError
from workbench.suggestions import replay


def test_little_work_is_not_replayed_and_unknown_work_is_refused(session, media):
    insert_described(session, media, 3)
    assert replay(session, "describe") is None
    with pytest.raises(InvalidInputError, match="describe, ground, rate, review"):
        replay(session, "draw")


def test_rare_pairs_come_first_where_most_masks_are_alike(session, media):
    for number in range(40):
        rare = number % 5 == 0
        thing = f"cup{number}" if rare else "cup"
        caption = insert_caption(session, insert_image(session, media, number), f"a red {thing} on a table")
        insert_grounding(session, caption, f"a red {thing}", thing)
    replayed = replay(session, "ground")
    assert (replayed.items, replayed.taken) == (40, 10)
    assert replayed.gained == 9, "all eight rare ones, and the common one"
    assert replayed.gained > replayed.high
    assert replayed.lift > 2
    assert "10 in this order bring 9 pairs of a thing and a color with a mask, at random" in replayed.says


def test_of_much_work_a_part_is_replayed(session, media, monkeypatch):
    monkeypatch.setattr("workbench.suggestions.lift_over_chance.MOST", 16)
    for number in range(20):
        caption = insert_caption(session, insert_image(session, media, number), f"a red cup{number} on a table")
        insert_grounding(session, caption, f"a red cup{number}", f"cup{number}")
    replayed = replay(session, "ground")
    assert (replayed.items, replayed.taken, replayed.gained) == (16, 4, 4)


def reviewed(session, media, count, accepted):
    """Colorizations of evenly spread adherence, with the verdicts that a function of the adherence gives."""
    insert_described(session, media, count)
    rows = colorize(session, media, insert_checkpoint(session))
    for row, adherence in zip(rows, np.linspace(0.01, 0.99, len(rows)), strict=True):
        row.adherence = float(adherence)
        verdict = "accept" if accepted(adherence, row.id) else "reject"
        reviews.review(session, row.id, verdict, reviewer="ann", reason="" if verdict == "accept" else "pale")
    session.flush()


def test_doubtful_verdicts_are_those_that_adherence_gets_wrong(session, media):
    reviewed(session, media, 40, lambda adherence, number: adherence >= (0.65 if number % 2 else 0.35))
    replayed = replay(session, "review")
    assert replayed.gained > replayed.high


def test_where_adherence_says_nothing_the_order_brings_no_more_than_chance(session, media):
    reviewed(session, media, 80, lambda _, number: number % 2)
    replayed = replay(session, "review")
    assert replayed.low <= replayed.gained <= replayed.high
