"""What axe-core finds on the raters' page, step by step, at a desk and on a phone; on reports; and on the curators' pages."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from sqlalchemy import select

from db.models import Colorization
from tests.e2e.rater_steps import plate_set
from tests.e2e.serving import PHONE, open_page
from tests.stores import Filled, reading, writing
from tests.ui.test_pages import PAGES
from workbench import studies
from workbench.rating import vision_tests
from workbench.reports.html_page import report_of
from workbench.store import MediaStore
from workbench.studies import recruitment
from workbench.studies.rater_words import ENGLISH

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GRAVE = ("serious", "critical")
ON_PHONE = {"viewport": PHONE, "is_mobile": True, "has_touch": True}
PLAIN = {"display": "off", "color_vision": "off"}
EVERYTHING = {
    "training": 1, "break_every": 1, "trials_per_rater": 1, "comment": True, "back": True, "instructions": "«Look closely.»",
    "consent": "«Do you agree?»", "further": [{"name": "nature", "question": "«Which looks more natural?»"}], "caption": False,
    "questionnaire": {
        "before": ["age_group", "gender", "experience", "device", {"name": "years", "question": "«Years?»", "kind": "number"}],
        "after": [
            {"name": "room", "question": "«Room?»", "choices": ["«day»", "«lamp»"]},
            {"name": "word", "question": "«One word?»", "kind": "text"},
            {"name": "rest", "question": "«More?»", "kind": "long text"},
        ],
    },
}  # fmt: skip
SCALES = [
    {"name": "«natural»", "low": "«no»", "high": "«yes»", "question": "«How natural?»"}, {"name": "«good»", "words": [*"12345"]},
]  # fmt: skip
MIRRORED = {
    "language": "he", "direction": "rtl", "words": {key: f"«{sentence}»" for key, sentence in ENGLISH.sentences.items()},
}  # fmt: skip
"""A whole file of words that runs from right to left, each of its sentences to be known by its quotes."""
SAID = """() => {
  const said = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, (text) =>
    text.parentElement.closest("script, noscript, output, dialog:not([open])") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT);
  while (walk.nextNode()) said.push(walk.currentNode.data);
  for (const element of document.querySelectorAll("[aria-label], [alt], [placeholder]"))
    said.push(...["aria-label", "alt", "placeholder"].map((name) => element.getAttribute(name)).filter(Boolean));
  return said.map((text) => text.trim()).filter(Boolean);
}"""
"""All that a page says, to eyes and to screen readers; codes left out."""
NO_WORDS = re.compile(r"[\d\s/|·←→?:+–]*|[A-Z0F]|Enter|Backspace|\d+–\d+|Escape")


class Looking:
    """Everything grave that axe-core found, by where; and, on a page whose every word is quoted, what is said without quotes."""

    def __init__(self, page: Page, quoted: bool = False) -> None:
        self.page, self.quoted = page, quoted
        self.grave: dict[str, list[str]] = {}

    def at(self, where: str, options: dict | None = None) -> None:
        violations = Axe().run(self.page, options={"resultTypes": ["violations"], **(options or {})}).response["violations"]
        grave = [f"{each['id']}: {node['html'][:160]}" for each in violations if each["impact"] in GRAVE for node in each["nodes"]]
        if self.quoted:
            grave += [text for text in self.page.evaluate(SAID) if "«" not in text and not NO_WORDS.fullmatch(text)]
        if self.page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            grave.append("wider than the window")
        if grave:
            self.grave[where] = grave


def add_study(store: Filled, method: str, rules: dict) -> tuple[str, str]:
    """An open study; the token of a rater, and that of a link for many."""
    with writing(store) as session:
        name = f"{method} {len(studies.listing(session))}"
        study = studies.create(session, name=name, question="«Which is better?»", method=method, votes_per_trial=9, design=rules)
        made = [row.id for row in session.scalars(select(Colorization).order_by(Colorization.id))]
        add = studies.add_pairs if method == "pair" else studies.add_sets
        add(session, study, made, between=["checkpoint", "level"] if method in ("choice", "ranking") else ["checkpoint"])
        studies.open_study(session, study.id, actor="ann")
        [(_, token)] = studies.invite(session, study.id, 1)
        return token, recruitment.create_link(session, study.id, cap=1, actor="ann")[1]


def on(page: Page) -> None:
    """Press what goes on: the dark button of a card."""
    page.locator(".card .main").click()


def whole_sitting(looking: Looking, store: Filled, address: str, token: str) -> None:
    """Every step from consent to the end."""
    page = looking.page
    page.goto(f"{address}/r/{token}")
    page.locator(".card .main").wait_for()
    looking.at("consent")
    on(page)
    number = plate_set(store, token)
    for field in vision_tests.FIELDS:
        page.locator(f'img[src$="field/{field}"]').wait_for()
        looking.at(f"field {field}")
        page.keyboard.press(str(vision_tests.field_count(field, number)))
    for place, plate in enumerate(vision_tests.plates_of(number)):
        page.locator(f'img[src$="plate/{place}"]').wait_for()
        if place == 0:
            looking.at("plate")
        page.keyboard.press(plate.digit)
    page.locator("fieldset").first.wait_for()
    looking.at("questions before")
    on(page)
    page.locator(".card:not(:has(fieldset)) .main").wait_for()
    looking.at("before the first trial")
    on(page)
    answered_trial(looking, "trial")
    page.locator("fieldset").wait_for()
    looking.at("questions after")
    on(page)
    page.locator("output").wait_for()
    looking.at("the end")


def answered_trial(looking: Looking, where: str) -> None:
    page = looking.page
    page.locator(".board:not(.waiting):not(.early)").wait_for()
    looking.at(where)
    page.keyboard.press("?")
    page.locator("dialog[open]").wait_for()
    looking.at(f"{where}, keys")
    page.keyboard.press("?")
    page.keyboard.press("1")
    page.locator(".part:has-text('2')").wait_for()
    page.locator(".board:not(.early)").wait_for()
    looking.at(f"{where}, further question")
    page.keyboard.press("2")


def first_trial(looking: Looking, address: str, token: str, where: str) -> None:
    """The first trial of a study without tests."""
    page = looking.page
    page.goto(f"{address}/r/{token}")
    on(page)
    page.locator(".card:not(:has(.choices)) .main").wait_for()
    on(page)
    page.locator(".board:not(.waiting):not(.early)").wait_for()
    looking.at(where)


def ways_out(looking: Looking, address: str, link: str, token: str) -> None:
    """Withdrawn, declined, turned away, refused."""
    page = looking.page
    page.locator(".leave").click()
    page.locator(".choices").wait_for()
    looking.at("leave?")
    page.locator(".choices .button:not(.main)").click()
    page.locator("output").wait_for()
    looking.at("withdrawn")
    page.context.clear_cookies()
    page.goto(f"{address}/r/join/{link}")
    page.locator(".choices .button:not(.main)").click()
    page.locator(".card:not(:has(.choices))").wait_for()
    looking.at("declined")
    assert page.context.request.post(f"{address}/r/join/{link}/consent", data={"agreed": True}).json()["step"] == "moved"
    page.context.clear_cookies()
    page.goto(f"{address}/r/join/{link}")
    page.locator(".card").wait_for()
    looking.at("turned away")
    page.goto(f"{address}/library")
    page.locator(".card").wait_for()
    looking.quoted = False  # whoever strays there is told so in English
    looking.at("not part of the invitation")


@pytest.mark.parametrize("device_kind", ["desk", "phone"])
def test_no_step_of_a_sitting_has_a_grave_finding_and_every_word_is_of_the_language(store, address, device, device_kind):
    words = {"words": MIRRORED} if device_kind == "phone" else {}
    page = device(**ON_PHONE) if device_kind == "phone" else device()
    looking = Looking(page, quoted=bool(words))
    token, _link = add_study(store, "pair", EVERYTHING | words)
    whole_sitting(looking, store, address, token)
    assert page.evaluate("[document.documentElement.lang, document.documentElement.dir]") == (["he", "rtl"] if words else ["en", "ltr"])
    for method, rules in (
        ("pair", {"view": "flip", "reference": True}), ("pair", {"view": "slider"}), ("choice", {}), ("ranking", {}),
        ("category", {"scales": SCALES}),
    ):  # fmt: skip
        token, link = add_study(store, method, PLAIN | {"caption": False, "consent": "«Do you?»"} | rules | words)
        first_trial(looking, address, token, f"{method} {rules}")
    ways_out(looking, address, link, token)
    assert looking.grave == {}


def test_left_is_left_where_a_language_runs_from_right_to_left(store, address, page):
    token, _ = add_study(store, "pair", PLAIN | {"words": MIRRORED})
    first_trial(Looking(page), address, token, "trial")
    left, right = (page.get_by_role("button", name=f"«{side}»").bounding_box() for side in ("left", "right"))
    assert left["x"] < right["x"]
    runs = {part: page.locator(part).first.evaluate("element => getComputedStyle(element).direction") for part in (".head", "h1")}
    assert runs == {".head": "rtl", "h1": "ltr"}  # the question is the study's own, and in English


@pytest.mark.parametrize("options", [{}, ON_PHONE], ids=["desk", "phone"])
def test_a_report_has_no_grave_finding_and_fits_a_phone(store, device, options):
    with reading(store) as session:
        html = report_of(session, 1, media=MediaStore(str(store.home / "media")))[2]
    page = device(**options)
    page.set_content(html)
    looking = Looking(page)
    looking.at("report")
    assert looking.grave == {}


STREAMLITS = {
    "list": "the menu's list holds its groups as div elements, which is how Streamlit draws st.navigation with sections",
    "listitem": "the same list: its items stand in those div elements",
}
"""Findings inside of Streamlit's own elements, which a page cannot change, by axe-core's rule."""


def test_the_curators_pages_have_no_grave_finding_of_our_own(address, page):
    looking = Looking(page)
    off = {"rules": {rule: {"enabled": False} for rule in STREAMLITS}}
    for name in PAGES:
        open_page(page, f"{address}/{name if name != 'home' else ''}")
        looking.at(name, off)
    assert looking.grave == {}
