"""The Studies page of a study under way: results and their parts, the planner, the report and its files."""

import csv
import io
import json
import re
import zipfile

import pytest

from db.models import RatingValue
from db.session import transaction
from tests.stores import opened, reading, writing
from tests.ui.conftest import texts, visit
from workbench import studies
from workbench.errors import InvalidInputError
from workbench.rating import next_trial, ratings
from workbench.rating.results import study_results
from workbench.reports.results_version import state_of
from workbench.reports.vote_table import CODEBOOK
from workbench.ui.study import report_view, results_cache


def look(view: str, **query: str):
    """The page with one of a study's parts on show."""
    app = visit("studies", **query)
    app.session_state["view"] = view
    app.run()
    assert not app.exception, [error.message for error in app.exception]
    return app


def columns(app) -> list[str]:
    """The columns of every table on the page."""
    return [name for frame in app.dataframe for name in frame.value.columns]


def charts(app) -> str:
    """The specifications of every chart on the page."""
    return "\n".join(element.proto.spec for element in app.get("arrow_vega_lite_chart") or app.get("vega_lite_chart"))


@pytest.mark.slow
def test_results_are_charts_with_intervals_tables_and_a_sentence(filled):
    app = look("Results")
    assert {"system", "strength (95 %)", "win rate (95 %)", "pair", "difference (95 %)", "p, Holm", "p, even chance"} <= set(columns(app))
    assert [metric.label for metric in app.metric] == ["Votes", "Raters", "Flagged raters", "Krippendorff's alpha"]
    assert app.metric[0].value == "8"
    assert "given by simulated raters" in texts(app)
    assert "that needs two systems, votes on both, and six raters or more" in texts(app)
    assert "Few raters" in texts(app)
    assert "low" in charts(app)


@pytest.mark.slow
def test_charts_are_gray(filled):
    drawn = charts(look("Results"))
    grays = _colors(drawn)
    assert grays
    assert all(value[1:3] == value[3:5] == value[5:7] for value in grays), grays


def _colors(text: str) -> set[str]:
    return set(re.findall(r"#[0-9a-fA-F]{6}\b", text))


@pytest.mark.slow
def test_a_study_without_votes_invites_to_begin_in_every_part(filled):
    with writing(filled) as session:
        for rater in [rater for _, rater in studies.invitations(session, 1)][:2]:
            studies.exclude(session, 1, rater.id, "a test", actor="ann")
    for view in ("Results", "Effects", "Sensitivity"):
        assert "No votes yet" in texts(look(view))
    assert "Make links" in [button.label for button in look("Raters").button]
    assert not look("Report").error


@pytest.mark.slow
def test_effects_and_sensitivity_say_what_there_is_to_see(filled):
    said = texts(look("Effects"))
    assert "Too few raters to test whether the side matters: the first (left) picture was chosen in" in said
    assert "p –" not in said
    app = look("Sensitivity")
    [table] = [table.value for table in app.dataframe if "system" in table.value]
    assert table["system"].tolist() == ["mini", "mini-2"]
    assert "main analysis: 8 votes by 2 raters" in columns(app)


@pytest.mark.slow
def test_raters_are_listed_with_what_was_noticed(filled):
    app = look("Raters")
    assert "How they voted: 0 of 2 raters flagged" in texts(app)
    assert {"rater", "noticed", "agreement", "median s", "checks right"} <= set(columns(app))


@pytest.mark.slow
def test_the_report_is_shown_and_its_files_are_made_when_asked_for(filled):
    app = look("Report")
    [frame] = app.get("iframe")
    assert "Krippendorff" in frame.proto.srcdoc
    assert "<script" not in frame.proto.srcdoc
    labels = [button.proto.label for button in app.get("download_button")]
    assert labels == ["Report as one HTML file", "Every single vote as CSV", "Results as JSON", "All of them, with the codebook"]


def test_the_files_hold_every_vote_the_results_and_the_codebook(filled):
    with opened(filled) as (engines, _), transaction(engines.reader) as session:
        results = study_results(session, 1)
        rows = list(csv.DictReader(io.StringIO(report_view.votes_file(engines, 1).decode())))
        packed = zipfile.ZipFile(io.BytesIO(report_view.archive_file(engines, 1, "<p>", results)))
    assert list(rows[0]) == list(CODEBOOK)
    assert len(rows) == 8
    assert packed.namelist() == ["report.html", "votes.csv", "codebook.csv", "results.json"]
    assert json.loads(packed.read("results.json"))["votes"] == 8


@pytest.mark.slow
def test_results_are_computed_once_for_each_state_of_the_votes(filled, monkeypatch):
    calls = []
    counting = lambda session, study_id, **options: calls.append(study_id) or study_results(session, study_id, **options)  # noqa: E731
    monkeypatch.setattr("workbench.rating.results.study_results", counting)
    app = look("Results")
    app.run()
    look("Sensitivity")
    assert calls == [1]
    with writing(filled) as session:
        rater = studies.authenticate(session, filled.tokens[0]).rater_id
        view = next_trial(session, 1, rater)
        ratings.rate(session, view.trial_id, rater, view.stimuli[0].id, seconds=1.0)
    assert look("Results").metric[0].value == "9"
    assert calls == [1, 1]


def test_the_state_of_a_study_changes_with_votes_exclusions_and_levels_and_with_nothing_else(filled):
    def state():
        with reading(filled) as session:
            return state_of(session, 1)

    seen = [state()]
    assert state() == seen[0]
    with writing(filled) as session:
        rater = studies.authenticate(session, filled.tokens[0]).rater_id
        view = next_trial(session, 1, rater)
        ratings.rate(session, view.trial_id, rater, view.stimuli[0].id, seconds=1.0)
    seen.append(state())
    with writing(filled) as session:
        studies.exclude(session, 1, rater, "a test", actor="ann")
    seen.append(state())
    assert len(set(seen)) == 3
    with writing(filled) as session:
        studies.invite(session, 1, 1, actor="ann")
    assert state() == seen[-1]


@pytest.mark.slow
def test_what_failed_is_tried_again_and_its_sentence_reaches_the_page(filled, monkeypatch):
    def fail(_session, _study_id, **_asked):
        raise InvalidInputError("These votes cannot be read.")

    with monkeypatch.context() as patched:
        patched.setattr("workbench.rating.results.study_results", fail)
        assert "These votes cannot be read" in look("Results").error[0].value
    assert look("Results").metric[0].value == "8"


@pytest.fixture
def planned(filled):
    """The page with the planner open."""
    app = visit("studies")
    app.session_state["plan"] = True
    app.run()
    assert not app.exception
    return app


@pytest.mark.slow
def test_the_planner_answers_with_raters_votes_and_votes_a_trial(planned):
    said = texts(planned)
    assert "raters of 30 votes each" in said
    assert "corrected for all 3 pairs" in said
    rates = next(frame.value for frame in planned.dataframe if "win rate" in frame.value.columns)
    assert rates["win rate"].tolist() == ["55%", "60%", "65%", "70%"]
    assert "exact sign test" in said


@pytest.mark.slow
def test_a_stronger_preference_needs_fewer_raters(planned):
    def raters() -> int:
        return int(texts(planned).partition(" raters of 30 votes each")[0].rpartition("**")[2].replace(",", ""))

    before = raters()
    next(field for field in planned.number_input if field.label == "Win rate to be shown, %").set_value(70)
    planned.run()
    assert raters() < before


@pytest.mark.slow
def test_a_plan_that_cannot_be_is_refused_in_a_sentence(planned):
    for label, value in (("Images", 3), ("Votes of one rater", 30)):
        next(field for field in planned.number_input if field.label == label).set_value(value)
    planned.run()
    assert "take at most 9" in planned.error[0].value


def test_nothing_is_kept_for_ever():
    for number in range(results_cache.KEPT + 3):
        results_cache._ask(("test", number), lambda: None).result()
    assert len(results_cache._kept) == results_cache.KEPT


@pytest.mark.slow
def test_what_the_store_cannot_know_is_typed_in_and_stands_in_the_report(filled):
    app = look("Report")
    [pay] = [area for area in app.text_area if area.label == "Pay"]
    pay.set_value("12 € an hour").run()
    [frame] = app.get("iframe")
    assert "12 € an hour" in frame.proto.srcdoc
    assert "Keep as a file" in [button.proto.label for button in app.get("download_button")]


@pytest.mark.slow
def test_the_results_of_a_further_question_are_chosen(filled):
    with writing(filled) as session:
        study = studies.get(session, 1)
        study.design = study.design | {"further": [{"name": "nature", "question": "Which is more natural?"}]}
        rater = studies.authenticate(session, filled.tokens[0]).rater_id
        view = next_trial(session, 1, rater)
        rating = ratings.rate(session, view.trial_id, rater, view.stimuli[0].id, seconds=1.0)
        for place, stimulus in enumerate(view.stimuli, 1):
            session.add(RatingValue(rating_id=rating.id, stimulus_id=stimulus.id, scale="nature", value=place))
    app = look("Results")
    assert app.metric[0].value == "9"
    app.selectbox(key="question-1").set_value("nature").run()
    assert app.metric[0].value == "1"
