"""`workbench studies report`, `plan`, `analyze` and `results` as they are typed, with files and answers that cannot be used, too."""

import csv
import json

import numpy as np
import pytest

from tests.stores import open_pair_study, preferring, vote_until_done
from workbench import studies
from workbench.reports.vote_table import CODEBOOK

COLUMNS = ("rater", "image", "system_a", "system_b", "winner")


@pytest.fixture
def home(store):
    """Options that name the store's home."""
    return ("--home", store.settings.home)


@pytest.fixture
def voted(store):
    """A study of two systems over seven images with six raters, one of whom prefers the other system and is excluded."""
    with store.writing() as session:
        study = open_pair_study(session, store.media, images=7, votes_per_trial=9, name="one against two")
        invited = studies.invite(session, study.id, 6, cohort="colleagues")
        for number, (rater, _) in enumerate(invited):
            vote_until_done(session, study, rater.id, preferring("two" if number == 5 else "one"))
        studies.exclude(session, study.id, invited[5][0].id, "pressed one key", actor="ada")
    return "one against two"


def write_votes(path, rows, columns=COLUMNS):
    with path.open("w", newline="") as sink:
        csv.writer(sink).writerows([columns, *rows])
    return path


def ladder(raters=8, images=10):
    """Votes of raters for whom `a` is better than `b` and `b` than `c`, seven times of ten."""
    draw = np.random.default_rng(0)
    return [
        (f"r{rater}", f"i{image}", *((x, y) if draw.random() < 0.5 else (y, x)), x if draw.random() < 0.7 else y)
        for rater in range(raters) for image in range(images) for x, y in (("a", "b"), ("b", "c"), ("a", "c"))
    ]  # fmt: skip


@pytest.mark.slow
def test_a_report_is_a_folder_that_needs_nothing_else(workbench, home, voted, tmp_path):
    answer = workbench("studies", "report", voted, "--out", tmp_path / "report", "--json", *home)
    assert answer.status == 0
    assert answer.json["votes"] == 6 * 7
    page, votes, codebook, results = [tmp_path / "report" / name for name in ("report.html", "votes.csv", "codebook.csv", "results.json")]
    assert answer.json["files"] == [str(path) for path in (page, votes, codebook, results)]
    assert "pressed one key" in page.read_text()
    assert "<script" not in page.read_text()
    rows = list(csv.DictReader(votes.open(newline="")))
    assert list(rows[0]) == list(CODEBOOK)
    assert sum(row["counted"] == "true" for row in rows) == 5 * 7
    assert {row["column"] for row in csv.DictReader(codebook.open(newline=""))} == set(CODEBOOK)
    assert json.loads(results.read_text()) == workbench("studies", "results", voted, "--json", *home).json


@pytest.mark.slow
def test_a_report_without_json_names_its_files_and_may_be_made_again(workbench, home, voted, tmp_path):
    for _ in range(2):
        said = workbench("studies", "report", voted, "--out", tmp_path / "report", *home).output
        assert said.splitlines()[0].endswith("report.html")


@pytest.mark.slow
def test_a_report_of_no_study_or_into_a_file_is_refused_in_a_sentence(workbench, home, voted, tmp_path):
    unknown = workbench("studies", "report", "nothing", "--out", tmp_path / "report", *home)
    assert (unknown.status, "there are: one against two" in unknown.messages) == (1, True)
    assert not (tmp_path / "report").exists()
    (tmp_path / "taken").write_text("a file")
    taken = workbench("studies", "report", voted, "--out", tmp_path / "taken", *home)
    assert taken.status == 1
    assert "Traceback" not in taken.messages
    assert "taken" in taken.messages
    assert (tmp_path / "taken").read_text() == "a file"
    assert workbench("studies", "report", voted, *home).status == 2


@pytest.mark.slow
def test_a_study_that_nobody_voted_in_has_results_and_a_report(workbench, home, store, tmp_path):
    with store.writing() as session:
        open_pair_study(session, store.media, name="quiet")
    assert "0 votes" in workbench("studies", "results", "quiet", *home).output
    assert workbench("studies", "report", "quiet", "--out", tmp_path / "report", *home).status == 0
    assert "No counted votes yet" in (tmp_path / "report" / "report.html").read_text()


@pytest.mark.slow
def test_votes_from_elsewhere_are_analyzed_without_a_store(workbench, tmp_path):
    results = workbench("studies", "analyze", write_votes(tmp_path / "votes.csv", ladder()), "--json").json
    strengths = {row["name"]: row["strength"] for row in results["systems"]}
    assert strengths["a"] > strengths["b"] > strengths["c"]
    assert results["votes"] == 240
    assert [row["rater"] for row in results["raters"]] == [f"r{number}" for number in range(8)]
    said = workbench("studies", "analyze", tmp_path / "votes.csv").output
    assert "240 votes, 0 of them simulated; Krippendorff's alpha" in said


def test_a_file_as_spreadsheets_write_it_is_read(workbench, tmp_path):
    path = tmp_path / "votes.csv"
    rows = "\r\n".join(",".join(map(str, row)) for row in [(*COLUMNS, "seconds"), *((*row, 2.5) for row in ladder(2, 2))])
    path.write_bytes(("﻿" + rows).encode("utf-8"))
    assert workbench("studies", "analyze", path, "--json").json["raters"][0]["median_seconds"] == 2.5


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "holds no votes"),
        (b"rater,image,system_a,system_b,winner\n", "holds no votes"),
        (b"a,b\n1,2\n", "rater, image, "),
        (b"rater,image,system_a,system_b,winner\nx,1,a,b,a\nx,2,a,b,c\n", "Row 2 (line 3) is no vote"),
        (b"rater,image,system_a,system_b,winner,seconds\nx,1,a,b,a,soon\n", '"soon" is no number of seconds'),
        (b"rater,image,system_a,system_b,winner\nx,1,\xff\xfe,b,a\n", "cannot be read"),
    ],
)
def test_files_that_hold_no_votes_are_refused_with_the_row(workbench, tmp_path, content, says):
    (tmp_path / "votes.csv").write_bytes(content)
    answer = workbench("studies", "analyze", tmp_path / "votes.csv", "--json")
    assert (answer.status, answer.output) == (1, "")
    assert says in answer.messages


def test_a_file_that_is_not_there_is_refused(workbench, tmp_path):
    answer = workbench("studies", "analyze", tmp_path / "none.csv")
    assert (answer.status, "cannot be read" in answer.messages) == (1, True)


def test_a_design_that_is_not_there_is_told_by_its_path(workbench, home, tmp_path):
    answer = workbench("studies", "create", tmp_path / "study.yaml", *home)
    assert (answer.status, answer.messages) == (1, f"There is no file {tmp_path / 'study.yaml'}; check the path.\n")


def test_systems_that_never_met_have_no_strengths_and_a_sentence_says_so(workbench, tmp_path):
    path = write_votes(tmp_path / "votes.csv", [("x", "1", "a", "b", "a"), ("y", "1", "c", "d", "tie")])
    answer = workbench("studies", "analyze", path)
    assert answer.status == 0
    assert "never compared" in answer.output


@pytest.mark.slow
def test_a_plan_says_how_many_votes_and_raters_and_what_a_given_number_shows(workbench):
    plan = workbench("studies", "plan", 0.6, "--systems", 3, "--json").json
    assert plan["study_power"] >= 0.8
    fewer = workbench("studies", "plan", 0.6, "--systems", 3, "--raters", plan["raters"] // 2, "--json").json
    assert fewer["study_power"] < 0.8
    assert "after correction for all pairs" in workbench("studies", "plan", 0.6).output


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        ((0.5,), 1, "nothing to be shown"),
        ((1.2,), 1, "from 0 to 1"),
        ((0.6, "--power", 1.5), 1, "A power lies between 0 and 1"),
        ((0.6, "--tie-rate", 1), 1, "A tie rate"),
        ((0.52, "--images", 30, "--spread", 1), 1, "take more images"),
        ((0.6, "--images", 10, "--trials", 30), 1, "take at most 10"),
        ((0.6, "--systems", 1), 2, "systems"),
        (("many",), 2, "win_rate"),
        ((), 2, "win_rate"),
    ],
)
@pytest.mark.slow
def test_plans_that_cannot_be_made_are_refused_in_a_sentence(workbench, arguments, status, says):
    answer = workbench("studies", "plan", *arguments)
    assert answer.status == status
    assert says in answer.messages


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("- a list", "holds no mapping"),
        ("{", "cannot be read as YAML"),
        ("name: x\nquestion: y", "line 1, `method`: A study needs this part"),
        ("name: x\nquestion: y\nmethod: pair\ncolor: red", 'has no part "color"'),
        ("name: x\nquestion: y\nmethod: pair\nstimuli: {color: red}", 'has no part "color"'),
        ("name: x\nquestion: y\nmethod: pair\ndesign:\n  ties: maybe", "line 5, `design.ties`: this is true or false"),
    ],
)
def test_a_study_file_that_cannot_be_used_is_refused_with_the_reason(workbench, home, tmp_path, content, says):
    (tmp_path / "study.yaml").write_text(content)
    answer = workbench("studies", "create", tmp_path / "study.yaml", *home)
    assert answer.status == 1
    assert says in answer.messages


def test_planning_says_how_many_votes_a_question_needs(workbench):
    assert workbench("studies", "plan", 0.6, "--json").json["votes"] > 100
    assert workbench("studies", "plan", 0.5).status == 1


def test_votes_without_the_columns_are_refused(workbench, home, tmp_path):
    (tmp_path / "votes.csv").write_text("a,b\n1,2\n")
    answer = workbench("ratings", "import", "seeds", tmp_path / "votes.csv", *home)
    assert answer.status == 1
    assert "expected the columns rater, trial, choice" in answer.messages
