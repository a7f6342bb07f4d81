"""Each rater's own sequence is in balance: systems, what follows what, and who stands where."""

from collections import Counter
from itertools import pairwise, permutations

import pytest
from sqlalchemy import select

from db.models import Assignment, Stimulus
from tests.stores import colorize, insert_caption, insert_checkpoint, insert_image
from workbench import studies
from workbench.rating import next_trial, ratings, within_rater

SYSTEMS = ("one", "two", "three", "four")


@pytest.mark.parametrize("size", range(2, 9))
def test_a_williams_square_places_and_follows_evenly(size):
    rows = within_rater.williams(size)
    for place in range(size):
        assert len(set(Counter(row[place] for row in rows).values())) == 1
    follows = Counter(pair for row in rows for pair in pairwise(row))
    assert set(follows) == set(permutations(range(size), 2))
    assert len(set(follows.values())) == 1


def made(session, media, method, images, rules):
    for number in range(images):
        insert_caption(session, insert_image(session, media, number))
    rows = [row.id for name in SYSTEMS for row in colorize(session, media, insert_checkpoint(session, name))]
    study = studies.create(session, name=method, question="?", method=method, votes_per_trial=4, design=rules)
    studies.add_sets(session, study, rows, between=["checkpoint"])
    studies.open_study(session, study.id, actor="ann")
    return study


def shown(session, rater_id):
    """The systems of each trial of a rater, in order."""
    names = dict(session.execute(select(Stimulus.id, Stimulus.system)).all())
    orders = session.scalars(select(Assignment.shown_order).where(Assignment.rater_id == rater_id).order_by(Assignment.position))
    return [tuple(names[key] for key in order) for order in orders]


def rate_all(session, study, rater_id, choice):
    while view := next_trial(session, study.id, rater_id):
        ratings.rate(session, view.trial_id, rater_id, choice(view))


@pytest.mark.slow
def test_in_category_studies_a_rater_has_every_system_as_often_and_after_every_other(session, media):
    study = made(session, media, "category", 12, {"trials_per_rater": 12})
    for rater, _ in studies.invite(session, study.id, 4):
        rate_all(session, study, rater.id, lambda view: {view.stimuli[0].id: 3})
        sequence = [systems[0] for systems in shown(session, rater.id)]
        assert set(Counter(sequence).values()) == {3}
        follows = Counter(pairwise(sequence))
        assert max(follows.values()) <= 2  # eleven steps over twelve ordered pairs of different systems


@pytest.mark.slow
def test_in_ranking_studies_every_system_stands_everywhere_as_often_for_one_rater(session, media):
    study = made(session, media, "ranking", 8, {})
    for rater, _ in studies.invite(session, study.id, 3):
        rate_all(session, study, rater.id, lambda view: {stimulus.id: rank for rank, stimulus in enumerate(view.stimuli, 1)})
        placed = Counter((place, system) for systems in shown(session, rater.id) for place, system in enumerate(systems))
        assert set(placed.values()) == {2}
        follows = Counter(pair for systems in shown(session, rater.id) for pair in pairwise(systems))
        assert set(follows.values()) == {2}
        assert len(follows) == 12
