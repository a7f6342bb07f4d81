"""What a report exports is enough for another person to get the same numbers, by one command, for every method."""

import json
from dataclasses import replace

import pytest

from db.models import Stimulus
from tests.stores import colorize, insert_checkpoint, insert_described
from workbench import studies
from workbench.analysis.vote_files import read_rows
from workbench.analysis.vote_layouts import analyze_file
from workbench.rating import next_trial
from workbench.rating.responses import keep, read_choice, read_further
from workbench.reports.beside import beside_of
from workbench.reports.files import archive, write
from workbench.reports.html_page import report_of
from workbench.reports.vote_table import every_vote

pytestmark = pytest.mark.slow


RATERS = 7
FURTHER = [{"name": "taste", "question": "Which do you like better?"}]
DESIGNS = {
    "pair": {"ties": True, "detects": True, "further": FURTHER},
    "choice": {"further": FURTHER},
    "ranking": {"further": FURTHER},
    "category": {"scales": [{"name": "natural", "points": 5}, {"name": "match", "points": 7}]},
}


def answers(method, number):
    """What rater `number` says of a trial."""

    def choose(_view, systems):
        keys = sorted(systems, key=systems.__getitem__)
        turned = keys[number % len(keys) :] + keys[: number % len(keys)] if number > 4 else keys
        if method == "ranking":
            return {key: rank for rank, key in enumerate(turned, 1)}
        if method == "category":
            return {key: {"natural": 1 + (number + place) % 5, "match": 7 - number % 3} for place, key in enumerate(turned)}
        return "tie" if method == "pair" and number == 3 else turned[0]

    return choose


def vote(session, study, rater, number, most):
    """Let rater `number` answer up to `most` trials, the study's question and, where there is one, the further question otherwise."""
    own, other = answers(study.method.value, number), answers(study.method.value, number + 2)
    for _ in range(most):
        if (view := next_trial(session, study.id, rater.id)) is None:
            return
        offered = {one.id: one.id for one in view.stimuli}
        systems = {one.id: session.get_one(Stimulus, one.id).system for one in view.stimuli}
        answer = read_choice(study, offered, own(view, systems))
        if study.design.get("further"):
            answer = replace(answer, values=(*answer.values, *read_further(study, offered, {"taste": other(view, systems)})))
        keep(session, view.trial_id, rater.id, answer, 1.5 + number / 7, None, list(offered))


@pytest.mark.parametrize("method", DESIGNS)
@pytest.mark.slow
def test_the_exported_package_gives_the_numbers_of_the_report(session, media, tmp_path, method):
    insert_described(session, media, 6)
    made = [row.id for name in ("one", "two", "three") for row in colorize(session, media, insert_checkpoint(session, name))]
    study = studies.create(session, name=method, question="How?", method=method, votes_per_trial=RATERS, design=DESIGNS[method])
    (studies.add_pairs if method == "pair" else studies.add_sets)(session, study, made, between=["checkpoint"])
    studies.open_study(session, study.id, actor="test")
    raters = [rater for rater, _ in studies.invite(session, study.id, RATERS)]
    for number, rater in enumerate(raters):
        vote(session, study, rater, number, most=4 if number == 2 else 1000)
    studies.exclude(session, study.id, raters[-1].id, "a test", actor="ann")
    _, results, html = report_of(session, study.id)
    beside = beside_of(session, study.id)
    write(tmp_path / "report", results, html, every_vote(session, study.id), beside.files)
    (tmp_path / "report.zip").write_bytes(archive(results, html, every_vote(session, study.id), beside.files))
    expected = json.loads((tmp_path / "report" / "results.json").read_text())
    assert expected["votes"] == results.votes > 0
    same(json.loads(json.dumps(analyze_file(tmp_path / "report").as_json())), expected)
    if method != "category":
        apart = json.loads((tmp_path / "report" / "further_results.json").read_text())["taste"]
        assert apart["systems"] != expected["systems"]
        same(json.loads(json.dumps(analyze_file(tmp_path / "report", question="taste").as_json())), apart)
    for other in (tmp_path / "report.zip", tmp_path / "report" / "votes.csv"):
        assert read_rows(other) == read_rows(tmp_path / "report")


def same(actual, expected, where="results"):
    """Equal in everything, numbers to 1e-9."""
    if isinstance(expected, dict):
        assert actual.keys() == expected.keys(), where
        for key, value in expected.items():
            same(actual[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(actual) == len(expected), where
        for place, (one, other) in enumerate(zip(actual, expected, strict=True)):
            same(one, other, f"{where}[{place}]")
    elif isinstance(expected, float):
        assert actual == pytest.approx(expected, abs=1e-9), where
    else:
        assert actual == expected, where
