"""A study from a YAML file to its report: made by command, rated by two people in two browsers, closed, reported."""

import csv
import re

import pytest
from playwright.sync_api import expect

from tests.e2e.rater_steps import begin, ready, screen
from tests.e2e.serving import open_page

pytestmark = pytest.mark.browser

DESIGN = """\
name: mini against mini-2
question: Which picture matches the description better?
method: pair
votes_per_trial: 2
seed: 7
design:
  ties: false
  training: 1
  instructions: Look at the colors that the description names.
  completion_code: THANKS-7
  further: [{name: nature, question: "Which looks more natural?"}]
  questionnaire:
    before: [age_group]
    after: [{name: remarks, question: "Anything else?", kind: long text}]
stimuli:
  levels: [complete]
  between: [checkpoint]
"""


@pytest.fixture
def studies(workbench, store, monkeypatch):
    """Call the `workbench studies` commands over the store; returns what they print as JSON."""
    monkeypatch.setenv("WORKBENCH_ACTOR", "ann")
    return lambda *words: workbench("studies", *words, "--home", store.home, "--json").json


def answer(page) -> None:
    """The left picture matches, the right one looks more natural."""
    page.keyboard.press("1")
    expect(page.get_by_role("heading", name="Which looks more natural?")).to_be_visible()
    page.locator(".board:not(.early)").wait_for()
    page.keyboard.press("2")


def answer_all(page, store, link) -> int:
    """A rater with one opinion, until thanked; how many trials that took."""
    page.goto(link)
    screen(page, store, link.rpartition("/")[2])
    page.get_by_role("radio", name="25–34").check()
    page.get_by_role("button", name="Go on").click()
    begin(page)
    ready(page, "practice")
    answer(page)
    expect(page.get_by_role("heading", name="Practice")).to_be_visible()
    page.keyboard.press("Enter")
    count = 1
    while True:
        page.locator(".board:not(.waiting):not(.early), textarea").first.wait_for()
        if page.get_by_role("heading", name="Before you go").count():
            page.get_by_role("textbox", name="Anything else?").fill("all was clear")
            page.get_by_role("button", name="Go on").click()
            return count
        ready(page, re.compile(rf"^{count + 1} / \d+$"))
        answer(page)
        count += 1
        page.locator(f'.progress:text-is("{count} / 7")').wait_for(state="detached")


def taken_from_the_page(page, address) -> str:
    """The report that a curator takes away from the Studies page."""
    open_page(page, f"{address}/studies?study=2")
    page.get_by_role("tab", name="Report").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Report as one HTML file").click()
    return download.value.path().read_text()


def test_a_study_from_yaml_to_report_with_two_raters(studies, store, address, device, tmp_path):
    (tmp_path / "study.yaml").write_text(DESIGN)
    made = studies("create", tmp_path / "study.yaml")
    assert made == {"name": "mini against mini-2", "method": "pair", "status": "draft", "trials": 4, "training": 1, "gold": 1, "trap": 1}
    studies("open", made["name"])
    for row in studies("invite", made["name"], "--raters", 2, "--address", address):
        page = device(viewport={"width": 1280, "height": 800})
        assert answer_all(page, store, row["link"]) == 7
        expect(page.locator("output")).to_have_text("THANKS-7")
    studies("close", made["name"])
    published = taken_from_the_page(device(), address)
    people = studies("raters", made["name"])
    assert [(row["answers"], row["finished"], row["consented"]) for row in people] == [(7, True, True)] * 2
    summary = studies("report", made["name"], "--out", tmp_path / "report")
    assert summary["votes"] == 2 * 14
    with (tmp_path / "report" / "votes.csv").open(newline="") as source:
        rows = list(csv.DictReader(source))
    for question, place in (("", 0), ("nature", 1)):
        votes = [row for row in rows if row["question"] == question]
        assert sorted(row["kind"] for row in votes) == sorted(["training", "gold", "trap", *["regular"] * 4] * 2)
        assert all(row["choice"] == row["shown"].split("|")[place] for row in votes)
    said = (tmp_path / "report" / "questionnaire.csv").read_text()
    assert said.count(",before,age_group,") == said.count("Anything else?,all was clear") == 2
    report = (tmp_path / "report" / "report.html").read_text()
    for word in ("Which picture matches the description better?", "2 voted, of 2 invited", "color vision: 2 of 2 passed", "mini-2",
                 "Further question: Which looks more natural?", "Asked before the trials: How old are you, in years?"):  # fmt: skip
        assert word in report
        assert word in published
