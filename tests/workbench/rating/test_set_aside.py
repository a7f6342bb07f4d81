"""A damaged picture costs its trial and nothing else: answers stay, the curators are told, the next trial comes."""

import pytest
from sqlalchemy import select

from db.models import Assignment, Event, Rating, Stimulus, Trial
from tests.stores import open_pair_study
from workbench import studies
from workbench.rating import rater_session, screening, set_aside
from workbench.rating.visit import Visit
from workbench.studies import raters


def break_file(media, key, content=b""):
    (path,) = [path for path in _folder(media).rglob("*") if path.name == key.partition("/")[2]]
    whole = path.read_bytes()
    path.write_bytes(content)
    return path, whole


def _folder(media):
    from pathlib import Path

    return Path(media.url)


@pytest.fixture
def visit(session, media):
    """A rater at the first trial of a study of four."""
    study = open_pair_study(session, media, images=4, votes_per_trial=2)
    study.design = {"display": "off", "color_vision": "off"}
    [(_, token)] = studies.invite(session, study.id, 1)
    invitation, study = raters.place_of(session, token)
    visit = Visit(session, media, invitation, study)
    screening.consent(visit)
    return visit


def trial_of(visit, told):
    return visit.session.scalar(select(Trial).join(Assignment).where(Assignment.name == told["trial"]["name"]))


def keys_of(visit, trial):
    return list(visit.session.scalars(select(Stimulus.media_key).where(Stimulus.trial_id == trial.id)))


def test_the_vote_before_a_damaged_trial_is_kept_and_the_trial_after_it_comes(visit, session, media):
    told = rater_session.next_step(visit)
    unseen = [
        trial
        for trial in session.scalars(select(Trial))
        if session.scalar(select(Assignment).where(Assignment.trial_id == trial.id)) is None
    ]
    for trial in unseen[:-1]:
        break_file(media, keys_of(visit, trial)[0])
    while told["step"] == "trial":
        told = rater_session.vote(visit, {"trial": told["trial"]["name"], "choice": 0, "seconds": 1})
    assert told["outcome"] == "completed"
    aside = list(session.scalars(select(Trial).where(Trial.set_aside_at.is_not(None))))
    assert {trial.id for trial in aside} == {trial.id for trial in unseen[:-1]}
    assert all("cannot be read" in trial.set_aside_reason for trial in aside)
    assert len(list(session.scalars(select(Rating)))) == 4 - len(aside)
    assert len(list(session.scalars(select(Event).where(Event.action == "set aside")))) == len(aside)
    progress = studies.progress(session, visit.study.id)
    assert (progress.set_aside, progress.trials, progress.needed) == (len(aside), 4 - len(aside), 2 * (4 - len(aside)))


def test_a_file_that_is_cut_is_found_when_the_page_reports_it_and_a_whole_one_changes_nothing(visit, session, media):
    told = rater_session.next_step(visit)
    name, trial = told["trial"]["name"], trial_of(visit, told)
    assert rater_session.report_broken(visit, name)["trial"]["name"] == name
    whole = media.read(keys_of(visit, trial)[1])
    break_file(media, keys_of(visit, trial)[1], whole[:60])
    after = rater_session.report_broken(visit, name)
    assert after["trial"]["name"] != name
    assert trial.set_aside_at is not None


def test_a_trial_comes_back_when_its_pictures_are_whole_again(visit, session, media):
    told = rater_session.next_step(visit)
    trial = trial_of(visit, told)
    path, whole = break_file(media, keys_of(visit, trial)[0])
    checked = set_aside.check_pictures(session, media, visit.study, actor="ann")
    assert list(checked.damaged) == [trial.position]
    path.write_bytes(whole)
    checked = set_aside.check_pictures(session, media, visit.study, actor="ann")
    assert (checked.damaged, checked.restored) == ({}, (trial.position,))
    assert trial.set_aside_at is None


def test_a_failure_after_a_vote_never_takes_the_vote_back(visit, session, media, monkeypatch):
    told = rater_session.next_step(visit)

    def fail(*_arguments, **_options):
        session.execute(select(Trial.no_such_column))

    monkeypatch.setattr(rater_session.assignment, "assign", fail)
    assert rater_session.vote(visit, {"trial": told["trial"]["name"], "choice": 0, "seconds": 1}) == {"step": "retry"}
    assert len(list(session.scalars(select(Rating)))) == 1
