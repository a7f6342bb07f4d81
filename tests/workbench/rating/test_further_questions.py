"""Several questions about the pictures of one trial: each answered, kept and analyzed by itself."""

import json
from dataclasses import replace
from functools import partial

import pytest

from db.models import Stimulus
from tests.stores import add_study, colorize, insert_caption, insert_checkpoint, insert_image
from workbench import studies
from workbench.analysis.vote_layouts import analyze_file
from workbench.errors import InvalidInputError
from workbench.rating import TIE, next_trial
from workbench.rating.responses import keep, read_choice, read_further
from workbench.rating.results import study_results
from workbench.reports.beside import beside_of
from workbench.reports.html_page import report_of
from workbench.reports.vote_table import CODEBOOK, every_vote, write_csv

ASKED = [{"name": "naturalness", "question": "Which looks more natural?"}]


def answered(session, media, method, choices, further):
    """An open study with a further question whose four raters have answered every trial, by functions of a trial's systems."""
    study = add_study(session, method=method, design={"further": ASKED}, votes_per_trial=4)
    for number in range(2):
        insert_caption(session, insert_image(session, media, number))
    made = [row.id for name in ("one", "two", "three") for row in colorize(session, media, insert_checkpoint(session, name))]
    add = studies.add_pairs if method == "pair" else studies.add_sets
    add(session, study, made, between=["checkpoint"])
    studies.open_study(session, study.id, actor="test")
    for rater, _ in studies.invite(session, study.id, 4):
        while view := next_trial(session, study.id, rater.id):
            offered = {one.id: one.id for one in view.stimuli}
            systems = {one.id: session.get_one(Stimulus, one.id).system for one in view.stimuli}
            answer = read_choice(study, offered, choices(systems))
            values = read_further(study, offered, {"naturalness": further(systems)})
            keep(session, view.trial_id, rater.id, replace(answer, values=(*answer.values, *values)), 2.0, None, list(offered))
    return study


def best(systems):
    """The stimulus of the system that comes first by its name."""
    return min(systems, key=systems.__getitem__)


def worst(systems):
    return max(systems, key=systems.__getitem__)


def ranked(systems, *, reverse=False):
    return {one: rank for rank, one in enumerate(sorted(systems, key=systems.__getitem__, reverse=reverse), 1)}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "choices", "further"),
    [("pair", best, worst), ("choice", best, worst), ("ranking", ranked, partial(ranked, reverse=True))],
)
def test_each_question_has_results_of_its_own_and_the_file_of_votes_gives_the_same(session, media, tmp_path, method, choices, further):
    study = answered(session, media, method, choices, further)
    own, other = study_results(session, study.id), study_results(session, study.id, question="naturalness")
    assert own.votes == other.votes > 0
    first = {row["name"].split()[0]: row["win_rate"] for row in own.systems}
    second = {row["name"].split()[0]: row["win_rate"] for row in other.systems}
    assert (first["one"], second["one"]) == (1.0, 0.0)
    assert (first["two"], second["two"]) == (0.0, 1.0)
    with (tmp_path / "votes.csv").open("w", newline="") as sink:
        write_csv(sink, every_vote(session, study.id), CODEBOOK)
    for question, results in (("", own), ("naturalness", other)):
        again = analyze_file(tmp_path / "votes.csv", question=question)
        assert [(row["name"], row["win_rate"]) for row in again.systems] == [(row["name"], row["win_rate"]) for row in results.systems]
    with pytest.raises(InvalidInputError, match='no further question "taste" in these votes; there are: naturalness'):
        analyze_file(tmp_path / "votes.csv", question="taste")
    with pytest.raises(InvalidInputError, match="no further question 'taste'; it has naturalness"):
        study_results(session, study.id, question="taste")


@pytest.mark.slow
def test_the_report_has_a_part_for_each_further_question_and_files_of_their_results(session, media):
    study = answered(session, media, "pair", best, lambda _systems: TIE)
    html = report_of(session, study.id)[2]
    assert "Further question: Which looks more natural?" in html
    results = json.loads(beside_of(session, study.id).files["further_results.json"])
    assert {row["win_rate"] for row in results["naturalness"]["systems"]} == {0.5}


@pytest.mark.parametrize(
    "choices", [None, {}, {"naturalness": None}, {"naturalness": 99}, {"naturalness": 1, "taste": 1}, {"taste": 1}, ["naturalness"]]
)
def test_an_answer_that_leaves_a_question_out_or_answers_another_is_refused(session, choices):
    study = add_study(session, design={"further": ASKED})
    with pytest.raises(InvalidInputError):
        read_further(study, {0: 1, 1: 2}, choices)


def test_a_study_without_further_questions_takes_none(session):
    study = add_study(session)
    assert read_further(study, {0: 1, 1: 2}, {}) == ()
    with pytest.raises(InvalidInputError, match="there is only one"):
        read_further(study, {0: 1, 1: 2}, {"taste": 1})
