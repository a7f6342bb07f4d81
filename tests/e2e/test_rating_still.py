"""The raters' page in a report is the page that raters have: for every method and view the same elements with the same words, in order."""

import uuid
from html.parser import HTMLParser

import pytest
from playwright.sync_api import Page
from sqlalchemy import select

from db.models import Colorization, Study
from tests.stores import Filled, writing
from workbench import studies
from workbench.reports.rating_page import HEIGHT, WIDTH, page_of_first_trial
from workbench.studies import raters
from workbench.studies.rater_words import words_in

pytestmark = pytest.mark.browser

PLAIN = {"display": "off", "color_vision": "off", "training": 0, "gold": False, "trap": False, "least_viewing_ms": 0}
DESIGNS = {
    "side by side": ("pair", {"ties": True, "reference": True, "comment": True}),
    "flip": ("pair", {"view": "flip", "ties": False}),
    "slider": ("pair", {"view": "slider", "caption": False, "further": [{"name": "taste", "question": "Which do you like better?"}]}),
    "choice": ("choice", {"source": False}),
    "ranking": ("ranking", {"language": "de"}),
    "category": (
        "category",
        {"scales": [{"name": "natural", "low": "bad", "high": "good"}, {"name": "match", "points": 3, "words": ["no", "so so", "yes"]},
                    {"name": "glow", "question": "Does it glow?"}]},
    ),
}  # fmt: skip
WINDOW = {"width": WIDTH, "height": HEIGHT}
TOLD = ("class", "dir", "hidden", "aria-label", "aria-pressed", "alt", "disabled", "data-method", "placeholder", "type", "role")


class Elements(HTMLParser):
    """The elements and words of a document, from the board on."""

    def __init__(self):
        super().__init__()
        self.parts, self.inside, self.trial_words = [], False, False

    def handle_starttag(self, tag, attributes):
        told = {name: value or "" for name, value in attributes if name in TOLD and (name, value) != ("class", "")}
        self.trial_words = told.get("class") == "caption"  # the first trial of this rater is another
        self.inside = self.inside or told.get("class") == "board"
        if self.inside:
            self.parts.append((tag, tuple(sorted(told.items()))))

    def handle_data(self, words):
        if self.inside and words.strip() and not self.trial_words:
            self.parts.append(words.strip())

    def handle_endtag(self, tag):
        if self.inside:
            self.parts.append(f"/{tag}")
        self.inside = self.inside and tag != "section"


def elements(document: str) -> list:
    parser = Elements()
    parser.feed(document)
    return parser.parts


def drawn(store: Filled, name: str) -> tuple[str, str]:
    """A study of a design: the page of its first trial as its report has it, and a rater's token."""
    method, design = DESIGNS[name]
    with writing(store.home) as session:
        study = studies.create(
            session, name=f"{name} {uuid.uuid4().hex[:6]}", question="Which fits?", method=method, votes_per_trial=2, design=PLAIN | design
        )
        made = list(session.scalars(select(Colorization.id)))
        (studies.add_pairs if method == "pair" else studies.add_sets)(session, study, made, between=["checkpoint"])
        studies.open_study(session, study.id, actor="test")
        [(_, token)] = raters.invite(session, study.id, 1)
        still = page_of_first_trial(session, session.get_one(Study, study.id), store.media)
    return still, token


def met(page: Page, address: str, token: str, name: str) -> None:
    """Come to the first trial, until it takes answers."""
    words = words_in(DESIGNS[name][1].get("language", "en"), {})
    page.goto(f"{address}/r/{token}")
    for word in ("agree", "begin"):
        page.get_by_role("button", name=words.say(word), exact=True).click()
    page.locator(".board:not(.waiting):not(.early)").wait_for()


@pytest.mark.parametrize("name", DESIGNS)
def test_the_page_in_a_report_has_what_the_raters_page_has(address, store, page, name):
    still, token = drawn(store, name)
    met(page, address, token, name)
    assert elements(still) == elements(page.content())
    assert page.locator(".board .place img").count() == still.count("<img") - still.count('class="extra')


@pytest.mark.parametrize("name", ["side by side", "category"])
def test_the_page_in_a_report_looks_as_it_does_for_raters(address, store, device, name):
    still, token = drawn(store, name)
    page, drawing = device(viewport=WINDOW), device(viewport=WINDOW)
    met(page, address, token, name)
    drawing.set_content(still)
    drawing.locator(".board").wait_for()
    for part in (".question", ".stage", ".place .view", ".answers", ".tools"):
        assert drawing.locator(part).first.bounding_box() == pytest.approx(page.locator(part).first.bounding_box(), abs=1), part
