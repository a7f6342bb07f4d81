"""What a report exports is enough for another person to get the same numbers, by one command, for every method."""

import json

import pytest

from tests.stores import colorize, insert_checkpoint, insert_described, vote_until_done
from workbench import studies
from workbench.analysis.vote_files import read_rows
from workbench.analysis.vote_layouts import analyze_file
from workbench.reports.files import archive, write
from workbench.reports.html_page import report_of
from workbench.reports.vote_table import every_vote

pytestmark = pytest.mark.slow


RATERS = 7
DESIGNS = {
    "pair": {"ties": True, "detects": True},
    "choice": {},
    "ranking": {},
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
        vote_until_done(session, study, rater.id, answers(method, number))
    studies.exclude(session, study.id, raters[-1].id, "a test", actor="ann")
    _, results, html = report_of(session, study.id)
    write(tmp_path / "report", results, html, every_vote(session, study.id))
    (tmp_path / "report.zip").write_bytes(archive(results, html, every_vote(session, study.id)))
    expected = json.loads((tmp_path / "report" / "results.json").read_text())
    assert expected["votes"] == results.votes > 0
    same(json.loads(json.dumps(analyze_file(tmp_path / "report").as_json())), expected)
    for other in (tmp_path / "report.zip", tmp_path / "report" / "votes.csv"):
        assert read_rows(other) == read_rows(tmp_path / "report")


def same(given, expected, where="results"):
    """Equal in everything, numbers to 1e-9."""
    if isinstance(expected, dict):
        assert given.keys() == expected.keys(), where
        for key, value in expected.items():
            same(given[key], value, f"{where}.{key}")
    elif isinstance(expected, list):
        assert len(given) == len(expected), where
        for place, (one, other) in enumerate(zip(given, expected, strict=True)):
            same(one, other, f"{where}[{place}]")
    elif isinstance(expected, float):
        assert given == pytest.approx(expected, abs=1e-9), where
    else:
        assert given == expected, where
