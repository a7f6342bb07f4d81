"""Trials are dealt blind and evenly, and leases free what nobody answers."""

import threading
from collections import Counter
from dataclasses import asdict, fields
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db.base import now
from db.enums import TrialKind
from db.models import Assignment, Invitation, Rating, Stimulus, Trial
from db.session import transaction
from tests.stores import (
    add_study,
    colorize,
    insert_caption,
    insert_checkpoint,
    insert_image,
    open_pair_study,
    preferring,
    systems_of,
    vote_until_done,
)
from workbench import studies
from workbench.errors import InvalidInputError
from workbench.rating import TrialView, assignment, next_trial, ratings
from workbench.studies import require_rater


def test_a_view_of_a_trial_names_no_system_and_no_file(session, media):
    study = open_pair_study(session, media)
    [(rater, _)] = studies.invite(session, study.id, 1)
    view = next_trial(session, study.id, rater.id)
    shown = str(asdict(view))
    for betrayal in ("'one", "'two", "guidance", "steps", "photo-", "checkpoints", *session.scalars(select(Stimulus.system))):
        assert betrayal not in shown
    assert {part.name for part in fields(TrialView)} == {
        "trial_id", "question", "method", "view", "caption_text", "source_key", "reference_key", "stimuli", "ties", "scales",
        "practice", "done", "total",
    }  # fmt: skip
    assert view.caption_text == "a red cup on a table"
    assert (view.done, view.total) == (0, 3)


@pytest.mark.slow
def test_sides_are_shuffled_for_every_rater_and_stored(session, media):
    study = open_pair_study(session, media, images=8, votes_per_trial=12)
    firsts = Counter()
    for rater, _ in studies.invite(session, study.id, 12):
        view = next_trial(session, study.id, rater.id)
        again = next_trial(session, study.id, rater.id)
        assert again == view
        stored = session.scalar(select(Assignment.shown_order).where(Assignment.rater_id == rater.id))
        assert stored == [stimulus.id for stimulus in view.stimuli]
        for rating in vote_until_done(session, study, rater.id, preferring("one")):
            firsts[session.get(Stimulus, rating.shown_order[0]).system] += 1
    # 96 coin tosses: fewer than 25 on a side would be five standard deviations off.
    assert sum(firsts.values()) == 96
    assert min(firsts.values()) > 24


@pytest.mark.slow
def test_the_order_of_trials_differs_between_raters_and_repeats_with_the_seed(session, media):
    study = open_pair_study(session, media, images=12, votes_per_trial=4)
    orders = []
    for rater, _ in studies.invite(session, study.id, 4):
        vote_until_done(session, study, rater.id, preferring("one"))
        orders.append(
            tuple(session.scalars(select(Assignment.trial_id).where(Assignment.rater_id == rater.id).order_by(Assignment.position)))
        )
    assert len(set(orders)) == 4


@pytest.mark.slow
def test_votes_are_met_evenly_and_then_the_study_has_nothing_left(session, media):
    study = open_pair_study(session, media, images=4, votes_per_trial=2)
    raters = [rater.id for rater, _ in studies.invite(session, study.id, 3)]
    waiting = list(raters)
    while waiting:
        for rater_id in list(waiting):
            view = next_trial(session, study.id, rater_id)
            if view is None:
                waiting.remove(rater_id)
                continue
            ratings.rate(session, view.trial_id, rater_id, view.stimuli[0].id)
        votes = session.scalars(select(func.count(Rating.id)).group_by(Rating.trial_id)).all()
        assert not votes or max(votes) - min([*votes, *[0] * (4 - len(votes))]) <= 1
    progress = studies.progress(session, study.id)
    assert (progress.trials, progress.trials_done, progress.votes, progress.needed) == (4, 4, 8, 8)
    assert (progress.raters, progress.invited, progress.simulated_votes) == (3, 3, 0)
    assert session.scalar(select(func.count(Invitation.id)).where(Invitation.finished_at.is_not(None))) == 3


@pytest.mark.slow
def test_raters_at_once_fill_every_trial_exactly(engines, media):
    with transaction(engines.writer) as session:
        study_id = open_pair_study(session, media, images=6, votes_per_trial=3).id
        raters = [rater.id for rater, _ in studies.invite(session, study_id, 8)]
    errors = []

    def work(rater_id):
        try:
            while True:
                with transaction(engines.writer) as session:
                    view = next_trial(session, study_id, rater_id)
                if view is None:
                    return
                with transaction(engines.writer) as session:
                    ratings.rate(session, view.trial_id, rater_id, view.stimuli[0].id, seconds=1.0)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(rater_id,)) for rater_id in raters]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with transaction(engines.reader) as session:
        by_trial = session.scalars(select(func.count(Rating.id)).group_by(Rating.trial_id)).all()
        assert sorted(by_trial) == [3] * 6
        assert session.scalar(select(func.count()).select_from(select(Rating.trial_id, Rating.rater_id).distinct().subquery())) == 18


def test_a_lease_keeps_a_trial_until_it_expires(session, media):
    study = open_pair_study(session, media, images=1, votes_per_trial=1)
    (slow, _), (quick, _) = studies.invite(session, study.id, 2)
    view = next_trial(session, study.id, slow.id)
    assert next_trial(session, study.id, quick.id) is None
    let_lapse(session, slow)
    taken = next_trial(session, study.id, quick.id)
    assert taken.trial_id == view.trial_id
    ratings.rate(session, taken.trial_id, quick.id, taken.stimuli[0].id)
    assert next_trial(session, study.id, slow.id) is None


def test_a_lapsed_trial_that_others_filled_is_given_up_for_another(session, media):
    study = open_pair_study(session, media, images=2, votes_per_trial=1)
    (slow, _), (quick, _) = studies.invite(session, study.id, 2)
    view = next_trial(session, study.id, slow.id)
    let_lapse(session, slow)
    while (taken := next_trial(session, study.id, quick.id)).trial_id != view.trial_id:
        ratings.rate(session, taken.trial_id, quick.id, taken.stimuli[0].id)
    ratings.rate(session, taken.trial_id, quick.id, taken.stimuli[0].id)
    study.votes_per_trial = 2
    session.add(Rating(trial_id=view.trial_id, rater_id=invited_beside(session, study), is_tie=True))
    session.flush()
    other = next_trial(session, study.id, slow.id)
    assert other.trial_id != view.trial_id
    assert list(session.scalars(select(Assignment.trial_id).where(Assignment.rater_id == slow.id))) == [other.trial_id]


def let_lapse(session, rater):
    lease = session.scalar(select(Assignment).where(Assignment.rater_id == rater.id))
    lease.leased_until = now() - timedelta(seconds=1)
    session.flush()


def invited_beside(session, study):
    [(rater, _)] = studies.invite(session, study.id, 1)
    return rater.id


def test_an_image_comes_again_as_late_as_possible(session, media):
    one, two, three = (insert_checkpoint(session, name) for name in ("one", "two", "three"))
    for number in range(3):
        insert_caption(session, insert_image(session, media, number))
    made = [row.id for checkpoint in (one, two, three) for row in colorize(session, media, checkpoint)]
    study = add_study(session)
    assert studies.add_pairs(session, study, made) == 9
    studies.open_study(session, study.id, actor="test")
    [(rater, _)] = studies.invite(session, study.id, 1)
    order = [session.get(Trial, rating.trial_id).image_id for rating in vote_until_done(session, study, rater.id, preferring(""))]
    assert all(len(set(order[start : start + 3])) == 3 for start in (0, 3, 6))


def test_trials_with_a_known_answer_go_to_everybody_who_votes_and_do_not_count(session, media):
    study = open_pair_study(session, media, images=2, votes_per_trial=2)
    become(session, TrialKind.GOLD, 1)
    raters = [rater.id for rater, _ in studies.invite(session, study.id, 3)]
    counts = [len(vote_until_done(session, study, rater_id, preferring("one"))) for rater_id in raters]
    assert counts == [2, 2, 0]
    assert studies.progress(session, study.id).votes == 2


def become(session, kind, *positions):
    for trial in session.scalars(select(Trial).where(Trial.position.in_(positions))):
        trial.kind = kind
    session.flush()


@pytest.mark.slow
def test_every_dozen_has_a_gold_and_a_trap_at_places_of_the_raters_own(session, media):
    study = open_pair_study(session, media, images=30, votes_per_trial=3)
    become(session, TrialKind.GOLD, 0, 1, 2)
    become(session, TrialKind.TRAP, 3, 4, 5)
    orders = []
    for rater, _ in studies.invite(session, study.id, 3):
        own_ratings = vote_until_done(session, study, rater.id, preferring("one"))
        orders.append([session.get(Trial, rating.trial_id).kind for rating in own_ratings])
    for kinds in orders:
        for start, end in ((0, 12), (12, 24), (24, 30)):
            assert Counter(kinds[start:end])[TrialKind.GOLD] == 1
            assert Counter(kinds[start:end])[TrialKind.TRAP] == 1
    assert orders[0] != orders[1]


@pytest.mark.slow
def test_practice_comes_first_and_a_raters_quota_is_kept(session, media):
    study = open_pair_study(session, media, images=12, votes_per_trial=9, design={"trials_per_rater": 5})
    become(session, TrialKind.TRAINING, 7, 8)
    [(rater, _)] = studies.invite(session, study.id, 1)
    first = next_trial(session, study.id, rater.id)
    assert (first.practice, first.total) == (True, 7)
    kinds = [session.get(Trial, rating.trial_id).kind for rating in vote_until_done(session, study, rater.id, preferring("one"))]
    assert kinds == [TrialKind.TRAINING] * 2 + [TrialKind.REGULAR] * 5


@pytest.mark.slow
def test_the_pictures_of_a_trial_stand_in_each_place_equally_often(session, media):
    study = open_pair_study(session, media, images=3, votes_per_trial=6)
    for rater, _ in studies.invite(session, study.id, 6):
        vote_until_done(session, study, rater.id, preferring("one"))
    first = Counter((row.trial_id, row.shown_order[0]) for row in session.scalars(select(Assignment)))
    assert set(first.values()) == {3}


def test_one_trial_ahead_is_held_and_comes_next(session, media):
    study = open_pair_study(session, media, images=3, votes_per_trial=1)
    (slow, _), (quick, _) = studies.invite(session, study.id, 2)
    now_before, ahead = assignment.assign(session, study, require_rater(session, study, slow.id), ahead=1).assignments
    assert (now_before.shown_at is not None, ahead.shown_at) == (True, None)
    ratings.rate(session, now_before.trial_id, slow.id, now_before.shown_order[0])
    assert next_trial(session, study.id, slow.id).trial_id == ahead.trial_id
    assert len(vote_until_done(session, study, quick.id, preferring("one"))) == 1


def test_a_trial_that_waits_unseen_in_anothers_hand_is_dealt_where_nothing_else_is_left(session, media):
    study = open_pair_study(session, media, images=2, votes_per_trial=1)
    (slow, _), (quick, _) = studies.invite(session, study.id, 2)
    before, ahead = assignment.assign(session, study, require_rater(session, study, slow.id), ahead=1).assignments
    [rating] = vote_until_done(session, study, quick.id, preferring("one"))
    assert rating.trial_id == ahead.trial_id
    ratings.rate(session, before.trial_id, slow.id, before.shown_order[0])
    assert next_trial(session, study.id, slow.id) is None


def test_cohorts_have_votes_of_their_own(session, media):
    study = open_pair_study(session, media, images=2, votes_per_trial=3, design={"cohorts": {"experts": 1, "crowd": 2}})
    votes_by_cohort = {}
    for cohort, count in (("experts", 2), ("crowd", 3)):
        for rater, _ in studies.invite(session, study.id, count, cohort=cohort):
            votes_by_cohort.setdefault(cohort, []).append(len(vote_until_done(session, study, rater.id, preferring("one"))))
    assert votes_by_cohort == {"experts": [2, 0], "crowd": [2, 2, 0]}
    with pytest.raises(InvalidInputError, match="knows no"):
        studies.invite(session, study.id, 1, cohort="passers-by")


def test_the_pair_that_tells_most_is_dealt_first(session, media):
    names = ("one", "two", "three")
    for number in range(4):
        insert_caption(session, insert_image(session, media, number))
    made = [row.id for name in names for row in colorize(session, media, insert_checkpoint(session, name))]
    study = add_study(session, votes_per_trial=4, design={"selection": "informative"})
    studies.add_pairs(session, study, made, between=["checkpoint"])
    studies.open_study(session, study.id, actor="test")
    # One beats both others always: what is not known is how two and three compare.
    for trial in session.scalars(select(Trial).where(Trial.study_id == study.id)):
        systems = {stimulus.system: stimulus.id for stimulus in session.scalars(select(Stimulus).where(Stimulus.trial_id == trial.id))}
        if "one" in systems:
            for _ in range(3):
                rater_id = invited_beside(session, study)
                session.add(Rating(trial_id=trial.id, rater_id=rater_id, stimulus_id=systems["one"]))
    session.flush()
    for rater, _ in studies.invite(session, study.id, 2):
        view = next_trial(session, study.id, rater.id)
        assert set(systems_of(session, view).values()) == {"two", "three"}
