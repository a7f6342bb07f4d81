"""Studies have a life: drafted, opened, closed, with raters invited, revoked and excluded."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db.base import now
from db.enums import StudyStatus
from db.models import Event, Rating
from tests.stores import (
    add_study,
    open_pair_study,
    preferring,
    systems_of,
    vote_until_done,
)
from workbench import studies
from workbench.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, StudyNotOpenError
from workbench.rating import next_trial


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"name": " "}, "name and a question"),
        ({"method": "duel"}, 'no rating method "duel"'),
        ({"votes_per_trial": 0}, "at least one vote"),
        ({"votes_per_trial": "many"}, "at least one vote"),
        ({"design": ["ties"]}, "a mapping of its parts"),
        ({"design": {"ties": "yes"}}, "true or false"),
        ({"method": "category", "design": {"scales": [{"name": "bleeding", "points": 1}]}}, "2 or more"),
        ({"method": "category", "design": {"scales": [{"name": "a", "points": 5}] * 2}}, "name of its own"),
        ({"method": "choice", "design": {"selection": "informative"}}, "only pairs are selected"),
        ({"design": {"scales": [{"name": "a"}]}}, "only category studies have scales"),
    ],
)
def test_a_study_that_cannot_be_is_refused(session, options, message):
    with pytest.raises(InvalidInputError, match=message):
        add_study(session, **options)


def test_a_name_is_taken_once_and_found_again(session):
    study = add_study(session)
    with pytest.raises(ConflictError, match="already"):
        add_study(session)
    assert studies.by_name(session, "draft") is study
    with pytest.raises(NotFoundError, match="there are: draft"):
        studies.by_name(session, "other")
    assert studies.listing(session) == [study]
    assert studies.listing(session, status=StudyStatus.OPEN) == []


def test_only_the_hash_of_a_token_is_stored(session, media):
    study = open_pair_study(session, media)
    [(rater, token)] = studies.invite(session, study.id, 1, cohort="lab")
    row = studies.authenticate(session, token)
    assert (row.rater_id, row.cohort) == (rater.id, "lab")
    assert token not in row.token_hash
    history = session.scalars(select(Event).where(Event.subject == "invitation")).all()
    assert not any(word in str(event.after) for event in history for word in (token, row.token_hash))
    assert studies.invitations(session, study.id) == [(row, rater)]


def test_wrong_expired_and_revoked_links_are_refused(session, media):
    study = open_pair_study(session, media)
    with pytest.raises(NotAllowedError, match="not known"):
        studies.authenticate(session, "guess")
    [(_, late)] = studies.invite(session, study.id, 1, expires_at=now() - timedelta(seconds=1))
    with pytest.raises(NotAllowedError, match="expired"):
        studies.authenticate(session, late)
    [(rater, token)] = studies.invite(session, study.id, 1)
    studies.revoke(session, studies.authenticate(session, token).id, actor="ada")
    with pytest.raises(NotAllowedError, match="taken back"):
        studies.authenticate(session, token)
    with pytest.raises(NotAllowedError, match="taken back"):
        next_trial(session, study.id, rater.id)
    with pytest.raises(InvalidInputError, match="at least one"):
        studies.invite(session, study.id, 0)


def test_a_rater_of_another_study_gets_no_trial(session, media):
    study = open_pair_study(session, media)
    other = add_study(session, name="other")
    [(stranger, _)] = studies.invite(session, other.id, 1)
    with pytest.raises(NotAllowedError, match="not invited"):
        next_trial(session, study.id, stranger.id)


def test_a_closed_study_deals_nothing_and_can_be_opened_again(session, media):
    study = open_pair_study(session, media)
    [(rater, _)] = studies.invite(session, study.id, 1)
    opened = study.opened_at
    studies.close(session, study.id, actor="ada")
    with pytest.raises(StudyNotOpenError):
        next_trial(session, study.id, rater.id)
    studies.open_study(session, study.id, actor="ada")
    assert (study.opened_at, study.closed_at) == (opened, None)
    assert next_trial(session, study.id, rater.id) is not None


def test_an_excluded_raters_votes_are_asked_for_again(session, media):
    study = open_pair_study(session, media, images=2, votes_per_trial=1)
    (first, _), (second, _) = studies.invite(session, study.id, 2)
    vote_until_done(session, study, first.id, preferring("one"))
    assert next_trial(session, study.id, second.id) is None
    with pytest.raises(InvalidInputError, match="Say why"):
        studies.exclude(session, study.id, first.id, " ", actor="ada")
    studies.exclude(session, study.id, first.id, "answered without looking", actor="ada")
    assert studies.progress(session, study.id).votes == 0
    assert len(vote_until_done(session, study, second.id, preferring("one"))) == 2
    assert session.scalar(select(func.count(Rating.id))) == 4
    with pytest.raises(NotAllowedError, match="has ended"):
        next_trial(session, study.id, first.id)


def test_systems_are_known_to_the_store_alone(session, media):
    study = open_pair_study(session, media)
    [(rater, _)] = studies.invite(session, study.id, 1)
    view = next_trial(session, study.id, rater.id)
    assert {system.split(" · ")[0] for system in systems_of(session, view).values()} == {"one", "two"}
