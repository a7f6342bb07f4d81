"""What is done already, done again in the suggested order, brings more than chance where the rule knows something, and no more else."""

import numpy as np
import pytest

from tests.stores import colorize, insert_caption, insert_checkpoint, insert_described, insert_grounding, insert_image
from workbench import reviews
from workbench.errors import InvalidInputError
from workbench.images import features
from workbench.suggestions import replay, suggest


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


def described_in_groups(session, media, things, turns):
    """Photos of things, each thing's with features that point so many degrees round."""
    around = {}
    for number, thing in enumerate(things):
        image = insert_image(session, media, number)
        insert_grounding(session, insert_caption(session, image, f"a red {thing} on a table"), f"a red {thing}", thing)
        angle = np.radians(turns[thing] + 0.01 * number)
        around[image.id] = np.array([np.cos(angle), np.sin(angle)])
    features.keep(session, around, "test")


def test_photos_that_look_unlike_name_more_things(session, media):
    things = ["cup"] * 24 + ["hat", "jug", "bed", "tie"] * 2
    described_in_groups(session, media, things, {"cup": 0, "hat": 70, "jug": 140, "bed": 210, "tie": 280})
    replayed = replay(session, "describe")
    assert (replayed.taken, replayed.gained) == (8, 5), "each of the five things, before a second cup"
    assert replayed.pays


def test_an_order_without_any_knowledge_is_chance_whatever_the_seed(session, media):
    for number in range(40):
        thing = f"cup{number % 20}"
        caption = insert_caption(session, insert_image(session, media, number), f"a red {thing} on a table")
        insert_grounding(session, caption, f"a red {thing}", thing)
    lifts = [replay(session, "describe", seed).lift for seed in range(10)]
    assert np.mean(lifts) == pytest.approx(1, abs=0.03)


def test_where_doubt_misleads_suggestions_are_drawn_at_random_and_say_so(session, media):
    things = [f"cup{number}" for number in range(24)] + ["hat"] * 8
    described_in_groups(session, media, things, dict.fromkeys(things, 0))
    keys = features.vectors(session, "test")[0]
    features.keep_doubts(session, {key: 9.0 if thing == "hat" else 1.0 for key, thing in zip(keys, things, strict=True)}, "test")
    waiting = [insert_image(session, media, 100 + number).id for number in range(6)]
    suggested = suggest(session, "describe", 3)
    assert not suggested.replayed.pays
    assert "no better than chance, so what is suggested is drawn at random" in suggested.replayed.says
    assert [one.by_chance for one in suggested.items] == [True] * 3
    assert {one.image_id for one in suggested.items} <= set(waiting)
    assert all(one.reason.startswith("drawn at random") for one in suggested.items)
