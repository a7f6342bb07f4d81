"""Studies are blind, evenly dealt, and end when every trial has its votes."""

import threading
from collections import Counter
from dataclasses import asdict, fields
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db.base import now
from db.enums import StudyStatus, TrialKind
from db.models import Assignment, Event, Invitation, Rating, Stimulus, Trial
from db.session import transaction
from tests.workbench.library import (
    SETTINGS,
    add_caption,
    add_checkpoint,
    add_image,
    colorize,
    open_pair_study,
    preferring,
    systems_of,
    vote_until_done,
)
from workbench import ratings, studies
from workbench.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, StudyNotOpenError
from workbench.studies import TrialView


def draft(session, method="pair", **options):
    options = {"name": "draft", "question": "Which?", "votes_per_trial": 1} | options
    return studies.create(session, method=method, **options)


def test_a_view_of_a_trial_names_no_system_and_no_file(session, media):
    study = open_pair_study(session, media)
    [(rater, _)] = studies.invite(session, study.id, 1)
    view = studies.next_trial(session, study.id, rater.id)
    shown = str(asdict(view))
    for betrayal in ("'one", "'two", "guidance", "steps", "photo-", "checkpoints", *session.scalars(select(Stimulus.system))):
        assert betrayal not in shown
    assert {part.name for part in fields(TrialView)} == {
        "trial_id", "question", "method", "caption_text", "source_key", "stimuli", "ties", "scales", "done", "total",
    }  # fmt: skip
    assert view.caption_text == "a red cup on a table"
    assert (view.done, view.total) == (0, 3)


def test_sides_are_shuffled_for_every_rater_and_stored(session, media):
    study = open_pair_study(session, media, images=8, votes_per_trial=12)
    firsts = Counter()
    for rater, _ in studies.invite(session, study.id, 12):
        view = studies.next_trial(session, study.id, rater.id)
        again = studies.next_trial(session, study.id, rater.id)
        assert again == view
        stored = session.scalar(select(Assignment.shown_order).where(Assignment.rater_id == rater.id))
        assert stored == [stimulus.id for stimulus in view.stimuli]
        for rating in vote_until_done(session, study, rater.id, preferring("one")):
            firsts[session.get(Stimulus, rating.shown_order[0]).system] += 1
    # 96 coin tosses: fewer than 25 on a side would be five standard deviations off.
    assert sum(firsts.values()) == 96
    assert min(firsts.values()) > 24


def test_the_order_of_trials_differs_between_raters_and_repeats_with_the_seed(session, media):
    study = open_pair_study(session, media, images=12, votes_per_trial=4)
    orders = []
    for rater, _ in studies.invite(session, study.id, 4):
        vote_until_done(session, study, rater.id, preferring("one"))
        orders.append(
            tuple(session.scalars(select(Assignment.trial_id).where(Assignment.rater_id == rater.id).order_by(Assignment.position)))
        )
    assert len(set(orders)) == 4


def test_votes_are_met_evenly_and_then_the_study_has_nothing_left(session, media):
    study = open_pair_study(session, media, images=4, votes_per_trial=2)
    raters = [rater.id for rater, _ in studies.invite(session, study.id, 3)]
    waiting = list(raters)
    while waiting:
        for rater_id in list(waiting):
            view = studies.next_trial(session, study.id, rater_id)
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


def test_raters_at_once_fill_every_trial_exactly(engines, media):
    with transaction(engines.writer) as session:
        study_id = open_pair_study(session, media, images=6, votes_per_trial=3).id
        raters = [rater.id for rater, _ in studies.invite(session, study_id, 8)]
    errors = []

    def work(rater_id):
        try:
            while True:
                with transaction(engines.writer) as session:
                    view = studies.next_trial(session, study_id, rater_id)
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
    view = studies.next_trial(session, study.id, slow.id)
    assert studies.next_trial(session, study.id, quick.id) is None
    let_lapse(session, slow)
    taken = studies.next_trial(session, study.id, quick.id)
    assert taken.trial_id == view.trial_id
    ratings.rate(session, taken.trial_id, quick.id, taken.stimuli[0].id)
    assert studies.next_trial(session, study.id, slow.id) is None


def test_a_lapsed_trial_that_others_filled_is_given_up_for_another(session, media):
    study = open_pair_study(session, media, images=2, votes_per_trial=1)
    (slow, _), (quick, _) = studies.invite(session, study.id, 2)
    view = studies.next_trial(session, study.id, slow.id)
    let_lapse(session, slow)
    while (taken := studies.next_trial(session, study.id, quick.id)).trial_id != view.trial_id:
        ratings.rate(session, taken.trial_id, quick.id, taken.stimuli[0].id)
    ratings.rate(session, taken.trial_id, quick.id, taken.stimuli[0].id)
    study.votes_per_trial = 2
    session.add(Rating(trial_id=view.trial_id, rater_id=invited_beside(session, study), is_tie=True))
    session.flush()
    other = studies.next_trial(session, study.id, slow.id)
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
    one, two, three = (add_checkpoint(session, name) for name in ("one", "two", "three"))
    for number in range(3):
        add_caption(session, add_image(session, media, number))
    made = [row.id for checkpoint in (one, two, three) for row in colorize(session, media, checkpoint)]
    study = draft(session)
    assert studies.add_pairs(session, study, made) == 9
    studies.open_study(session, study.id, actor="test")
    [(rater, _)] = studies.invite(session, study.id, 1)
    order = [session.get(Trial, rating.trial_id).image_id for rating in vote_until_done(session, study, rater.id, preferring(""))]
    assert all(len(set(order[start : start + 3])) == 3 for start in (0, 3, 6))


def test_trials_with_a_known_answer_go_to_everybody_and_do_not_count(session, media):
    study = open_pair_study(session, media, images=2, votes_per_trial=1)
    gold = session.scalar(select(Trial).where(Trial.position == 1))
    gold.kind = TrialKind.GOLD
    session.flush()
    raters = [rater.id for rater, _ in studies.invite(session, study.id, 3)]
    counts = [len(vote_until_done(session, study, rater_id, preferring("one"))) for rater_id in raters]
    assert counts == [2, 1, 1]
    assert studies.progress(session, study.id).votes == 1


def test_pairs_differ_in_what_is_compared_and_in_nothing_else(session, media):
    one, two = add_checkpoint(session, "one"), add_checkpoint(session, "two")
    add_caption(session, add_image(session, media, 0))
    quick = SETTINGS | {"steps": 2}
    made = [
        row.id
        for checkpoint in (one, two)
        for settings in (SETTINGS, quick)
        for row in colorize(session, media, checkpoint, settings=settings, seeds=(0, 1))
    ]

    def pairs(name, between):
        study = draft(session, name=name)
        count = studies.add_pairs(session, study, made, between=between)
        shown = session.execute(
            select(Stimulus.trial_id, Stimulus.system).join(Trial, Trial.id == Stimulus.trial_id).where(Trial.study_id == study.id)
        )
        by_trial = {}
        for trial_id, system in shown:
            by_trial.setdefault(trial_id, set()).add(system)
        assert len(by_trial) == count
        return count, {frozenset(systems) for systems in by_trial.values()}

    assert pairs("a", ["checkpoint"]) == (4, {frozenset({"one", "two"})})
    count, systems = pairs("b", ["seed"])
    assert (count, systems) == (4, {frozenset({"seed=0", "seed=1"})})
    assert pairs("c", ["checkpoint", "settings"])[0] == 2 * 6
    assert pairs("d", ["checkpoint", "settings", "seed"])[0] == 28


def test_levels_are_compared_without_showing_a_description(session, media):
    checkpoint, image = add_checkpoint(session), add_image(session, media, 0)
    add_caption(session, image, "a red cup", level="complete")
    add_caption(session, image, "a cup", level="scarce")
    study = draft(session)
    assert studies.add_pairs(session, study, [row.id for row in colorize(session, media, checkpoint)], between=["level"]) == 1
    trial = session.scalar(select(Trial))
    assert (trial.caption_id, trial.caption_text) == (None, None)
    assert set(session.scalars(select(Stimulus.system))) == {"complete", "scarce"}


def test_a_colorization_meets_its_reference_where_that_has_color(session, media):
    checkpoint = add_checkpoint(session)
    add_caption(session, add_image(session, media, 0))
    add_caption(session, add_image(session, media, 1, gray=True))
    made = [row.id for row in colorize(session, media, checkpoint)]
    study = draft(session)
    assert studies.add_pairs(session, study, made, between=[], reference=True) == 1
    assert studies.add_pairs(session, study, made, between=[], reference=True) == 0
    assert set(session.scalars(select(Stimulus.system))) == {"colorization", "reference"}


def test_sets_show_all_at_once_and_category_studies_one(session, media):
    checkpoints = [add_checkpoint(session, name) for name in ("one", "two", "three")]
    for number in range(2):
        add_caption(session, add_image(session, media, number))
    made = [row.id for checkpoint in checkpoints for row in colorize(session, media, checkpoint)]
    choice, category = draft(session, "choice", name="choice"), draft(session, "category", name="category")
    assert studies.add_sets(session, choice, made, reference=True) == 2
    assert session.scalar(select(func.count(Stimulus.id))) == 8
    assert studies.add_sets(session, category, made) == 6
    with pytest.raises(InvalidInputError, match="is a choice study"):
        studies.add_pairs(session, choice, made)


def test_what_gives_no_trial_is_refused(session, media):
    checkpoint = add_checkpoint(session)
    add_caption(session, add_image(session, media, 0))
    [row] = colorize(session, media, checkpoint)
    study = draft(session)
    with pytest.raises(InvalidInputError, match="give no trial"):
        studies.add_pairs(session, study, [row.id])
    with pytest.raises(InvalidInputError, match='between "taste"'):
        studies.add_pairs(session, study, [row.id], between=["taste"])
    with pytest.raises(NotFoundError, match="no colorization 77"):
        studies.add_pairs(session, study, [row.id, 77])
    with pytest.raises(ConflictError, match="no trials yet"):
        studies.open_study(session, study.id, actor="test")


def test_an_opened_study_takes_no_more_trials(session, media):
    study = open_pair_study(session, media)
    with pytest.raises(ConflictError, match="trials are fixed"):
        studies.add_pairs(session, study, [1, 2])


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
    ],
)
def test_a_study_that_cannot_be_is_refused(session, options, message):
    with pytest.raises(InvalidInputError, match=message):
        draft(session, **options)


def test_a_name_is_taken_once_and_found_again(session):
    study = draft(session)
    with pytest.raises(ConflictError, match="already"):
        draft(session)
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
        studies.next_trial(session, study.id, rater.id)
    with pytest.raises(InvalidInputError, match="at least one"):
        studies.invite(session, study.id, 0)


def test_a_rater_of_another_study_gets_no_trial(session, media):
    study = open_pair_study(session, media)
    other = draft(session, name="other")
    [(stranger, _)] = studies.invite(session, other.id, 1)
    with pytest.raises(NotAllowedError, match="not invited"):
        studies.next_trial(session, study.id, stranger.id)


def test_a_closed_study_deals_nothing_and_can_be_opened_again(session, media):
    study = open_pair_study(session, media)
    [(rater, _)] = studies.invite(session, study.id, 1)
    opened = study.opened_at
    studies.close(session, study.id, actor="ada")
    with pytest.raises(StudyNotOpenError):
        studies.next_trial(session, study.id, rater.id)
    studies.open_study(session, study.id, actor="ada")
    assert (study.opened_at, study.closed_at) == (opened, None)
    assert studies.next_trial(session, study.id, rater.id) is not None


def test_an_excluded_raters_votes_are_asked_for_again(session, media):
    study = open_pair_study(session, media, images=2, votes_per_trial=1)
    (first, _), (second, _) = studies.invite(session, study.id, 2)
    vote_until_done(session, study, first.id, preferring("one"))
    assert studies.next_trial(session, study.id, second.id) is None
    with pytest.raises(InvalidInputError, match="Say why"):
        studies.exclude(session, study.id, first.id, " ", actor="ada")
    studies.exclude(session, study.id, first.id, "answered without looking", actor="ada")
    assert studies.progress(session, study.id).votes == 0
    assert len(vote_until_done(session, study, second.id, preferring("one"))) == 2
    assert session.scalar(select(func.count(Rating.id))) == 4
    with pytest.raises(NotAllowedError, match="has ended"):
        studies.next_trial(session, study.id, first.id)


def test_systems_are_known_to_the_store_alone(session, media):
    study = open_pair_study(session, media)
    [(rater, _)] = studies.invite(session, study.id, 1)
    view = studies.next_trial(session, study.id, rater.id)
    assert {system.split(" · ")[0] for system in systems_of(session, view).values()} == {"one", "two"}
