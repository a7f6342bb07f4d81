"""Votes are final, one a rater and trial; results say what they rest on."""

import json
import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from db.models import Invitation, Rater, Rating, RatingValue, Stimulus, Trial
from db.session import transaction
from tests.stores import colorize, insert_caption, insert_checkpoint, insert_image, open_pair_study, preferring, vote_until_done
from workbench import studies
from workbench.errors import AlreadyRatedError, InvalidInputError, NotAllowedError, NotFoundError, StudyNotOpenError
from workbench.rating import next_trial, ratings, votes_csv
from workbench.rating.results import study_results


def open_set_study(session, media, method, *, design=None, images=2, votes_per_trial=2):
    for number in range(images):
        insert_caption(session, insert_image(session, media, number))
    made = [row.id for name in ("one", "two", "three") for row in colorize(session, media, insert_checkpoint(session, name))]
    study = studies.create(session, name=method, question="How?", method=method, votes_per_trial=votes_per_trial, design=design)
    studies.add_sets(session, study, made, between=["checkpoint"])
    return studies.open_study(session, study.id, actor="test")


def dealt(session, media, **options):
    study = open_pair_study(session, media, **options)
    [(rater, _)] = studies.invite(session, study.id, 1)
    return study, rater, next_trial(session, study.id, rater.id)


def test_a_rater_never_answers_the_same_trial_twice(session, media):
    _, rater, view = dealt(session, media)
    rating = ratings.rate(session, view.trial_id, rater.id, view.stimuli[1].id, seconds=3.5)
    assert (rating.stimulus_id, rating.seconds, rating.is_tie) == (view.stimuli[1].id, 3.5, False)
    assert rating.shown_order == [stimulus.id for stimulus in view.stimuli]
    assert rating.shown_at is not None
    with pytest.raises(AlreadyRatedError):
        ratings.rate(session, view.trial_id, rater.id, view.stimuli[0].id)
    assert session.scalar(select(func.count(Rating.id))) == 1


def test_of_a_double_key_press_one_vote_is_kept(engines, media):
    with transaction(engines.writer) as session:
        _, rater, view = dealt(session, media)
    outcomes = []

    def press():
        try:
            with transaction(engines.writer) as session:
                ratings.rate(session, view.trial_id, rater.id, view.stimuli[0].id)
            outcomes.append("kept")
        except AlreadyRatedError:
            outcomes.append("refused")

    threads = [threading.Thread(target=press) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["kept", *["refused"] * 5]


def test_the_constraint_itself_is_named_where_two_pass_the_first_look(session, media):
    _, rater, view = dealt(session, media)
    ratings.rate(session, view.trial_id, rater.id, view.stimuli[0].id)
    from workbench.rating import Answer
    from workbench.rating.responses import keep

    with pytest.raises(AlreadyRatedError):
        keep(session, view.trial_id, rater.id, Answer(is_tie=True), None, None, [])


def test_only_what_was_dealt_can_be_answered(session, media):
    study, rater, view = dealt(session, media)
    other = session.scalar(select(Trial.id).where(Trial.id != view.trial_id))
    with pytest.raises(NotAllowedError, match="not before you"):
        ratings.rate(session, other, rater.id, "tie")
    with pytest.raises(NotFoundError):
        ratings.rate(session, 999, rater.id, "tie")
    studies.close(session, study.id, actor="test")
    with pytest.raises(StudyNotOpenError):
        ratings.rate(session, view.trial_id, rater.id, "tie")


@pytest.mark.parametrize("choice", [0, "left", None, True, {}])
def test_a_choice_that_is_not_on_show_is_refused(session, media, choice):
    _, rater, view = dealt(session, media)
    with pytest.raises(InvalidInputError, match="none of the pictures"):
        ratings.rate(session, view.trial_id, rater.id, choice)
    assert session.scalar(select(func.count(Rating.id))) == 0


@pytest.mark.parametrize("seconds", [-1, float("inf"), float("nan")])
def test_impossible_times_are_refused(session, media, seconds):
    _, rater, view = dealt(session, media)
    with pytest.raises(InvalidInputError, match="seconds"):
        ratings.rate(session, view.trial_id, rater.id, "tie", seconds=seconds)


def test_ties_are_taken_unless_the_design_forbids_them(session, media):
    _, rater, view = dealt(session, media)
    assert view.ties
    assert ratings.rate(session, view.trial_id, rater.id, "tie").is_tie


def test_a_study_without_ties_refuses_one(session, media):
    _, rater, view = dealt(session, media, design={"ties": False})
    assert not view.ties
    with pytest.raises(InvalidInputError, match="no ties"):
        ratings.rate(session, view.trial_id, rater.id, "tie")


@pytest.mark.slow
def test_results_of_pairs_hold_shares_strengths_agreement_and_the_share_of_simulated_votes(session, media):
    study = open_pair_study(session, media, images=5, votes_per_trial=4)
    people = [rater.id for rater, _ in studies.invite(session, study.id, 3)]
    [(robot, _)] = studies.invite(session, study.id, 1, simulated=True)
    for rater_id in people:
        vote_until_done(session, study, rater_id, preferring("one"))
    vote_until_done(session, study, robot.id, preferring("two"))
    results = study_results(session, study.id)
    one, two = results.systems
    assert one["name"].startswith("one")
    assert (one["wins"], one["losses"], one["ties"], one["votes"], one["win_rate"]) == (15, 5, 0, 20, 0.75)
    assert one["strength"] - two["strength"] == pytest.approx(1.0986, abs=1e-4)
    assert one["low"] < one["strength"] < one["high"]
    assert one["win_rate_low"] < 0.75 < one["win_rate_high"]
    assert results.pairs[0]["wins"] == 15
    # Three of four agree on each of five trials: half of the pairs of votes differ, as a coin's would but for the correction of 40 values.
    assert results.alpha == pytest.approx(1 - 39 / 40, abs=1e-9)
    assert results.simulated == 0.25
    assert "5 of 20 votes were given by simulated raters" in results.notes[0]
    assert [row["simulated"] for row in results.raters].count(True) == 1
    assert "less than chance" in next(row for row in results.raters if row["simulated"])["flags"][0]
    assert json.loads(json.dumps(results.as_json()))["simulated"] == 0.25
    of_people = study_results(session, study.id, simulated=False)
    assert (of_people.votes, of_people.simulated, of_people.systems[0]["win_rate"]) == (15, 0, 1.0)


def test_results_before_the_first_vote_are_empty(session, media):
    study = open_pair_study(session, media)
    results = study_results(session, study.id)
    assert (results.votes, results.alpha, results.systems, results.simulated) == (0, None, [], 0.0)


@pytest.mark.slow
def test_choices_of_one_among_several_give_shares_and_strengths(session, media):
    study = open_set_study(session, media, "choice", images=4, votes_per_trial=3)
    for word, (rater, _) in zip(("one", "one", "two"), studies.invite(session, study.id, 3), strict=True):
        vote_until_done(session, study, rater.id, preferring(word))
    results = {row["name"]: row for row in study_results(session, study.id).systems}
    assert [results[name]["wins"] for name in ("one", "two", "three")] == [8, 4, 0]
    assert results["one"]["win_rate"] == pytest.approx(8 / 12)
    assert results["one"]["strength"] > results["two"]["strength"] > results["three"]["strength"]
    with pytest.raises(InvalidInputError):
        ratings.rate(session, *still_open(session, study, media), "tie")


def still_open(session, study, media):
    study.votes_per_trial = 9
    session.flush()
    [(rater, _)] = studies.invite(session, study.id, 1)
    return next_trial(session, study.id, rater.id).trial_id, rater.id


def test_category_values_become_mean_opinion_scores(session, media):
    design = {"scales": [{"name": "naturalness", "points": 5}, {"name": "bleeding", "points": 3}]}
    study = open_set_study(session, media, "category", design=design, images=1)
    for shift, (rater, _) in enumerate(studies.invite(session, study.id, 2)):
        vote_until_done(
            session,
            study,
            rater.id,
            lambda view, systems, shift=shift: {
                view.stimuli[0].id: {"naturalness": 2 + shift + ("one" in systems.values()), "bleeding": 3}
            },
        )
    results = {(row["name"], row["scale"]): row for row in study_results(session, study.id).systems}
    assert results["one", "naturalness"]["mean"] == 3.5
    assert results["two", "naturalness"]["mean"] == 2.5
    assert results["two", "naturalness"]["low"] < 2.5 < results["two", "naturalness"]["high"]
    assert results["three", "bleeding"]["mean"] == 3


@pytest.mark.parametrize("value", [0, 6, 2.5, True, None, {"taste": 3}])
def test_values_off_the_scale_are_refused(session, media, value):
    study = open_set_study(session, media, "category", images=1)
    [(rater, _)] = studies.invite(session, study.id, 1)
    view = next_trial(session, study.id, rater.id)
    assert [(scale.name, scale.points) for scale in view.scales] == [("quality", 5)]
    with pytest.raises(InvalidInputError):
        ratings.rate(session, view.trial_id, rater.id, {view.stimuli[0].id: value})
    ratings.rate(session, view.trial_id, rater.id, {view.stimuli[0].id: 4})
    assert session.scalar(select(RatingValue.value)) == 4


@pytest.mark.slow
def test_rankings_use_every_rank_once(session, media):
    study = open_set_study(session, media, "ranking")
    order = {"one": 1, "two": 2, "three": 3}
    raters = [rater.id for rater, _ in studies.invite(session, study.id, 2)]
    view = next_trial(session, study.id, raters[0])
    with pytest.raises(InvalidInputError, match="each rank from 1 to 3 once"):
        ratings.rate(session, view.trial_id, raters[0], {stimulus.id: 1 for stimulus in view.stimuli})
    with pytest.raises(InvalidInputError, match="for each picture"):
        ratings.rate(session, view.trial_id, raters[0], {view.stimuli[0].id: 1})
    for rater_id in raters:
        vote_until_done(session, study, rater_id, lambda _view, systems: {key: order[system] for key, system in systems.items()})
    results = {row["name"]: row for row in study_results(session, study.id).systems}
    assert [results[name]["mean_rank"] for name in ("one", "two", "three")] == [1, 2, 3]
    assert [results[name]["win_rate"] for name in ("one", "two", "three")] == [1, 0.5, 0]
    assert results["one"]["strength"] > results["two"]["strength"] > results["three"]["strength"]


@pytest.mark.slow
def test_exported_rows_come_back_whole_and_only_once(session, media):
    study = open_pair_study(session, media, images=3, votes_per_trial=2)
    [(rater, _)] = studies.invite(session, study.id, 1)
    [(robot, _)] = studies.invite(session, study.id, 1, simulated=True)
    vote_until_done(session, study, rater.id, preferring("one"))
    vote_until_done(session, study, robot.id, lambda *_: "tie")
    rows = list(votes_csv.export_rows(session, study.id))
    assert list(rows[0]) == ["rater", "trial", "choice", "seconds", "shown_at", "simulated"]
    again = votes_csv.import_rows(session, study.id, rows, actor="test")
    assert (again.added, again.present, again.refused) == (0, 6, [])
    renamed = [row | {"rater": f"crowd-{row['rater']}"} for row in rows]
    fresh = votes_csv.import_rows(session, study.id, renamed, actor="test")
    assert (fresh.added, fresh.present, fresh.refused) == (6, 0, [])
    assert [row | {"rater": f"crowd-{row['rater']}"} for row in rows] == list(votes_csv.export_rows(session, study.id))[6:]
    assert session.scalar(select(Rater.simulated).where(Rater.pseudonym == f"crowd-{robot.pseudonym}"))
    assert session.scalar(select(func.count(Invitation.id)).where(Invitation.cohort == "imported")) == 2


@pytest.mark.parametrize("method", ["ranking", "category"])
def test_values_survive_the_way_through_rows(session, media, method):
    study = open_set_study(session, media, method, images=1)
    [(rater, _)] = studies.invite(session, study.id, 1)
    vote_until_done(session, study, rater.id, lambda view, _: {stimulus.id: place for place, stimulus in enumerate(view.stimuli, 1)})
    rows = [row | {"rater": "elsewhere"} for row in votes_csv.export_rows(session, study.id)]
    assert votes_csv.import_rows(session, study.id, rows, actor="test").added == len(rows)
    values = select(RatingValue.stimulus_id, RatingValue.scale, RatingValue.value).join(Rating, Rating.id == RatingValue.rating_id)
    mine, theirs = (
        sorted(map(tuple, session.execute(values.where(Rating.rater_id == rater_id))))
        for rater_id in (rater.id, session.scalar(select(Rater.id).where(Rater.pseudonym == "elsewhere")))
    )
    assert mine == theirs


def test_rows_that_cannot_be_used_are_refused_one_by_one_with_reasons(session, media):
    study = open_pair_study(session, media, images=2)
    system = session.scalar(select(Stimulus.system).where(Stimulus.system.startswith("one")))
    rows = [
        {"rater": "a", "trial": "0", "choice": system, "seconds": "2", "shown_at": "2026-01-31T12:00:00"},
        {"rater": "a", "trial": "0", "choice": "tie"},
        {"rater": "", "trial": "0", "choice": "tie"},
        {"rater": "a", "trial": "9", "choice": "tie"},
        {"rater": "a", "trial": "1", "choice": "the nicer one"},
        {"rater": "a", "trial": "1", "choice": "{broken"},
        {"rater": "a", "trial": "1", "choice": "tie", "seconds": "long"},
        {"rater": "a", "trial": "1", "choice": "tie", "shown_at": "yesterday"},
        {"rater": "a", "trial": "1", "choice": "tie", "simulated": "true"},
        {"rater": "a", "trial": "1", "choice": "tie"},
    ]
    done = votes_csv.import_rows(session, study.id, rows, actor="test")
    assert (done.added, done.present) == (2, 0)
    reasons = dict(done.refused)
    assert list(reasons) == list(range(2, 10))
    for number, word in (
        (2, "otherwise"),
        (3, "rater is empty"),
        (4, "no trial"),
        (5, "nicer"),
        (6, "no JSON"),
        (7, "seconds"),
        (8, "moment"),
        (9, "person"),
    ):
        assert word in reasons[number]
    first = session.scalar(select(Rating).order_by(Rating.id))
    assert first.shown_at == datetime(2026, 1, 31, 12, tzinfo=UTC)
    studies.close(session, study.id, actor="test")
    with pytest.raises(StudyNotOpenError):
        votes_csv.import_rows(session, study.id, rows, actor="test")
