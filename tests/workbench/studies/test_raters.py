"""People can be excluded with a reason, locked out, given a new link, and forgotten."""

import pytest
from sqlalchemy import func, select

from db.models import Assignment, Event, Invitation, Rater, Rating
from tests.stores import open_pair_study, preferring, vote_until_done
from workbench import studies
from workbench.errors import NotAllowedError, NotFoundError
from workbench.studies import endings, person_data, raters


def test_a_new_link_ends_the_old_one(session, media):
    study = open_pair_study(session, media)
    [(rater, old)] = raters.invite(session, study.id, 1)
    row = raters.invitation_of(session, study.id, rater.pseudonym)
    new = raters.renew(session, row.id, actor="ann")
    assert raters.authenticate(session, new).rater_id == rater.id
    with pytest.raises(NotAllowedError, match="not known"):
        raters.authenticate(session, old)
    with pytest.raises(NotFoundError, match="no rater"):
        raters.invitation_of(session, study.id, "nobody")


@pytest.mark.slow
def test_of_a_forgotten_person_nothing_is_left_but_that_somebody_was_forgotten(session, media):
    study = open_pair_study(session, media, images=3, votes_per_trial=2)
    (person, token), (other, _) = raters.invite(session, study.id, 2)
    for rater in (person, other):
        vote_until_done(session, study, rater.id, preferring("one"))
    raters.exclude(session, study.id, person.id, "asked to be left out by mail", actor="ada")
    name, rater_id = person.pseudonym, person.id
    assert person_data.forget(session, rater_id, actor="ada") == 3
    for table in (Rating, Assignment, Invitation):
        assert session.scalar(select(func.count()).select_from(table).where(table.rater_id == rater_id)) == 0
        assert session.scalar(select(func.count()).select_from(table).where(table.rater_id == other.id)) > 0
    assert session.scalar(select(Rater).where(Rater.pseudonym == name)) is None
    history = " ".join(f"{event.actor} {event.subject} {event.before} {event.after}" for event in session.scalars(select(Event)))
    assert name not in history
    assert "by mail" not in history
    [left] = session.scalars(select(Event).where(Event.action == "forget"))
    assert left.actor == "ada"
    with pytest.raises(NotAllowedError):
        raters.authenticate(session, token)
    with pytest.raises(NotFoundError):
        person_data.forget(session, rater_id, actor="ada")
    # The votes that are gone are asked for again.
    assert studies.progress(session, study.id).votes == 3


def test_a_completion_code_is_the_designs_or_the_raters_own(session, media):
    study = open_pair_study(session, media)
    first, second = (raters.invitation_of(session, study.id, rater.pseudonym) for rater, _ in raters.invite(session, study.id, 2))
    codes = {endings.completion_code(session, row) for row in (first, second)}
    assert len(codes) == 2
    raters.renew(session, first.id, actor="ann")
    assert endings.completion_code(session, first) in codes
    study.design = {"completion_code": "C0DE"}
    assert endings.completion_code(session, second) == "C0DE"
