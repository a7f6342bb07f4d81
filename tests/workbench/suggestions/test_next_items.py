"""What is suggested next is what is rarest, most in doubt or least done, and a tenth of it is chance."""

import numpy as np
import pytest
from sqlalchemy import select

from db.enums import Origin, RegionOrigin
from db.models import Colorization
from tests.stores import (
    colorize,
    insert_caption,
    insert_checkpoint,
    insert_described,
    insert_grounding,
    insert_image,
    open_pair_study,
    preferring,
    vote_until_done,
)
from workbench import captions, reviews, studies
from workbench.errors import InvalidInputError
from workbench.images import features
from workbench.reviews import facts_of
from workbench.suggestions import KINDS
from workbench.suggestions import suggest as suggest_with_lift


def suggest(session, kind, count=20, seed=0):
    """The items alone."""
    return suggest_with_lift(session, kind, count, seed).items


def looking(session, turns, doubts):
    """Features that point so many degrees round, and how unsure the color prior is, by image."""
    around = {key: np.array([np.cos(np.radians(turn)), np.sin(np.radians(turn))]) for key, turn in turns.items()}
    features.keep(session, around, "test")
    features.keep_doubts(session, doubts, "test")


def test_photos_with_unsure_natural_colors_are_described_first_and_those_not_looked_at_last(session, media):
    sure, unsure, unseen = (insert_image(session, media, number).id for number in range(3))
    looking(session, {sure: 120, unsure: -120}, {sure: 2.0, unsure: 9.0})
    suggested = suggest(session, "describe")
    assert [one.image_id for one in suggested] == [unsure, sure, unseen]
    assert suggested[0].reason == "no description yet; natural colors are surer in 75% of the others"
    assert "not looked at yet" in suggested[-1].reason


def test_what_is_like_a_described_photo_or_one_taken_before_waits(session, media):
    [described] = insert_described(session, media, 1)
    like_described, first, like_first, apart = (insert_image(session, media, number).id for number in range(10, 14))
    turns = {described.id: 0, like_described: 10, first: 100, like_first: 110, apart: 200}
    looking(session, turns, {like_described: 9.0, first: 8.0, like_first: 7.0, apart: 1.0})
    assert [one.image_id for one in suggest(session, "describe")] == [first, apart, like_described, like_first]


def test_unsure_natural_colors_are_reviewed_before_what_adherence_is_sure_of(session, media):
    insert_described(session, media, 3)
    made = colorize(session, media, insert_checkpoint(session))
    for row, adherence in zip(made, (0.95, 0.95, None), strict=True):
        row.adherence = adherence
    session.flush()
    features.keep_doubts(session, {row.image_id: doubt for row, doubt in zip(made, (1.0, 5.0, 9.0), strict=True)}, "test")
    assert [one.colorization_id for one in suggest(session, "review")] == [made[2].id, made[1].id, made[0].id]


def test_the_rarest_color_of_a_thing_is_grounded_next(session, media):
    images = [insert_image(session, media, number) for number in range(3)]
    common = captions.add(session, images[0].id, "a red cup on a table", text_origin=Origin.HUMAN, author="ann")
    insert_grounding(session, insert_caption(session, images[1], "a red cup beside a red cup"))
    rare = captions.add(session, images[2].id, "a red cup and a purple cup", text_origin=Origin.HUMAN, author="ann")
    suggested = suggest(session, "ground")
    assert [one.caption_id for one in suggested] == [rare.id, common.id]
    assert suggested[0].reason == "no mask for the purple cup; things so called have 0 so far"
    assert suggested[1].worth == pytest.approx(1 / 2)


def test_captions_are_rated_where_seeds_differ_most_and_nobody_voted(session, media):
    insert_described(session, media, 3)
    made = colorize(session, media, insert_checkpoint(session), seeds=(0, 1))
    for row in made:
        row.adherence = 0.5 + (0.1 * row.caption_id if row.seed else 0)
    session.flush()
    suggested = suggest(session, "rate")
    assert [one.caption_id for one in suggested] == [3, 2, 1]
    assert suggested[0].reason == "2 colorizations without votes, of adherence 50% to 80%"


def test_adherence_in_the_masks_that_steered_suggests_nothing(session, media):
    insert_described(session, media, 2)
    made = colorize(session, media, insert_checkpoint(session), seeds=(0, 1))
    for row, adherence in zip(made, (0.1, 0.9, 0.2, 0.8), strict=True):
        row.adherence = adherence
        row.facts = facts_of([RegionOrigin.SAM], steered=True, independent=adherence / 2 if row.caption_id == 2 else None)
    session.flush()
    [suggested] = suggest(session, "rate")
    assert (suggested.caption_id, suggested.worth) == (2, pytest.approx(0.3))
    waiting = {one.colorization_id: one.reason for one in suggest(session, "review")}
    assert waiting[made[3].id] == "no verdict yet; adherence 40%"
    assert "not measured" in waiting[made[0].id]


def test_what_was_voted_on_is_not_suggested_for_rating(session, media):
    study = open_pair_study(session, media, images=2, votes_per_trial=1)
    assert len(suggest(session, "rate")) == 2
    [(rater, _)] = studies.invite(session, study.id, 1)
    vote_until_done(session, study, rater.id, preferring("one"))
    assert suggest(session, "rate") == []


def test_doubtful_colorizations_are_reviewed_first_and_judged_ones_no_more(session, media):
    insert_described(session, media, 4)
    made = colorize(session, media, insert_checkpoint(session))
    for row, adherence in zip(made, (0.9, 0.55, None, 0.1), strict=True):
        row.adherence = adherence
    session.flush()
    assert [one.colorization_id for one in suggest(session, "review")][:1] == [made[1].id]
    assert suggest(session, "review")[-1].colorization_id == made[2].id
    reviews.review(session, made[1].id, "accept", reviewer="ann")
    assert made[1].id not in {one.colorization_id for one in suggest(session, "review")}


@pytest.mark.slow
def test_a_tenth_is_drawn_from_the_rest_and_said_to_be(session, media):
    insert_described(session, media, 40)
    colorize(session, media, insert_checkpoint(session))
    for number, row in enumerate(session.scalars(select(Colorization).order_by(Colorization.id))):
        row.adherence = number / 100
    session.flush()
    suggested = suggest(session, "review", 20, seed=1)
    assert [one.by_chance for one in suggested] == [False] * 18 + [True] * 2
    assert all(one.reason.startswith("drawn at random") for one in suggested[18:])
    assert len({one.colorization_id for one in suggested}) == 20
    assert suggested == suggest(session, "review", 20, seed=1)
    assert suggested[18:] != suggest(session, "review", 20, seed=2)[18:]


def test_an_empty_store_has_nothing_to_suggest_and_an_unknown_kind_is_named(session):
    assert all(suggest(session, kind) == [] for kind in KINDS)
    with pytest.raises(InvalidInputError, match='no kind of work "paint"; there are describe, ground, rate, review'):
        suggest(session, "paint")
    with pytest.raises(InvalidInputError, match="one item or more"):
        suggest(session, "rate", 0)
