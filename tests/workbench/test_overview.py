"""What Home says of the stations of the loop."""

import pytest
from sqlalchemy import select

from db.enums import TrialKind
from db.models import Trial
from tests.stores import open_pair_study, preferring, vote_until_done
from workbench import overview, studies

pytestmark = pytest.mark.slow


def test_answers_in_practice_are_no_votes(session, media):
    study = open_pair_study(session, media, images=3)
    session.scalars(select(Trial).order_by(Trial.id)).first().kind = TrialKind.TRAINING
    session.flush()
    [(rater, _)] = studies.invite(session, study.id, 1)
    assert len(vote_until_done(session, study, rater.id, preferring("one"))) == 3
    assert overview.counts(session)["ratings"] == 2
