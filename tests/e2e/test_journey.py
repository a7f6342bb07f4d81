"""One journey in a real browser: look, describe, mask, compare, review; and not one request leaves the machine."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.serving import chromium, foreign, open_page, served
from tests.ui.store import Filled, fill

pytestmark = pytest.mark.browser

MOST = 15000
"""Milliseconds that anything may take on a busy machine."""
BY_ADDRESS = ("library", "caption", "ground", "checks", "edits", "colorize", "review", "releases", "checkpoints", "runs", "settings")


@dataclass
class Visit:
    """A browser at the app, and every request that it made."""

    address: str
    store: Filled
    context: BrowserContext
    requests: list[str]

    def page(self, path: str) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(MOST)
        return open_page(page, f"{self.address}/{path}")


def listens(page: Page, key: str = "?") -> None:
    """Wait until the page hears a key: its words are drawn before the listener is there."""
    page.locator(".keys dt").get_by_text(key, exact=True).first.wait_for(state="attached")


@pytest.fixture(scope="module")
def app(tmp_path_factory) -> Iterator[tuple[str, Filled]]:
    store = fill(tmp_path_factory.mktemp("journey") / "home")
    with served(store.home) as address:
        yield address, store


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(app, browser) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    requests: list[str] = []
    context.on("request", lambda request: requests.append(request.url))
    yield Visit(*app, context, requests)
    context.close()
    assert requests
    assert foreign(requests) == []


def test_every_page_draws_without_an_error_and_without_a_request_elsewhere(visit):
    page = visit.page("")
    expect(page.get_by_role("heading", name="The loop")).to_be_visible(timeout=MOST)
    titles = (
        "library",
        "caption",
        "ground",
        "checks",
        "edits",
        "colorize",
        "studies",
        "rate",
        "review",
        "releases",
        "checkpoints",
        "runs",
        "settings",
    )
    for name in titles:
        page.get_by_role("link", name=name.capitalize(), exact=True).first.click()
        expect(page.get_by_role("heading", name=name.capitalize(), exact=True)).to_be_visible(timeout=MOST)
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlertContentError").count() == 0


def test_no_page_that_is_opened_by_its_address_leaves_an_error_in_the_console_and_each_answers_to_a_question_mark(visit):
    page = visit.context.new_page()
    page.set_default_timeout(4 * MOST)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    for name in (
        "",
        "library",
        "caption",
        "ground",
        "checks",
        "edits",
        "colorize",
        "review",
        "releases",
        "checkpoints",
        "runs",
        "settings",
    ):
        open_page(page, f"{visit.address}/{name}")
        listens(page)
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys of this page")).to_be_visible(timeout=4 * MOST)
        assert errors == [], name


def test_images_are_chosen_by_mouse_and_keyboard(visit):
    page = visit.page("library")
    tiles = page.locator(".tile")
    tiles.nth(1).click()
    expect(page.get_by_text("1 chosen image")).to_be_visible(timeout=MOST)
    tiles.nth(2).click(modifiers=["Control"])
    expect(page.get_by_text("2 chosen images")).to_be_visible(timeout=MOST)
    page.keyboard.press("a")
    expect(page.get_by_text("4 chosen images")).to_be_visible(timeout=MOST)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/caption\?image=\d"), timeout=MOST)


def test_a_mask_is_corrected_by_two_clicks_and_taken_back_by_two_keys(visit):
    page = visit.page("ground?image=2")
    page.get_by_text("Correct the masks of this phrase").click()
    stage = page.locator(".stage.correcting")
    stage.wait_for()
    sizes = page.get_by_text(re.compile(r"box · .*% · (human|GrabCut)"))
    before = sizes.inner_text()
    box = stage.bounding_box()
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.1 * box["height"])
    expect(sizes).not_to_have_text(before, timeout=MOST)
    larger = sizes.inner_text()
    page.keyboard.down("Alt")
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.1 * box["height"])
    page.keyboard.up("Alt")
    expect(sizes).not_to_have_text(larger, timeout=MOST)
    page.reload()
    listens(page, "z")
    for _ in range(2):
        now = page.get_by_text(re.compile(r"box · .*% · (human|GrabCut)")).inner_text()
        page.keyboard.press("z")
        expect(page.get_by_text(re.compile(r"box · .*% · (human|GrabCut)"))).not_to_have_text(now, timeout=MOST)
    expect(page.get_by_text(re.compile(r"box · .*% · (human|GrabCut)"))).to_have_text(before, timeout=MOST)


def test_a_mask_is_drawn_with_three_clicks_and_enter(visit):
    page = visit.page("ground?image=3")
    page.get_by_text("Correct the masks of this phrase").click()
    page.get_by_text("a new mask").click()
    stage = page.locator(".stage.correcting")
    stage.wait_for()
    page.get_by_role("button", name="Polygon").click()
    box = stage.bounding_box()
    for x, y in ((0.2, 0.2), (0.6, 0.2), (0.5, 0.7)):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 regions of the image")).to_be_visible(timeout=MOST)


def test_two_colorizations_are_compared_and_flipped_by_keys(visit):
    page = visit.page("colorize")
    cells = page.locator("button.cell")
    cells.nth(0).click()
    expect(cells.nth(0)).to_have_attribute("aria-pressed", "true")
    cells.nth(1).click()
    compare = page.locator(".compare")
    compare.wait_for()
    compare.press("f")
    expect(compare).to_have_attribute("data-mode", "flip")
    compare.press("f")
    expect(compare).to_have_class(re.compile("flipped"))


def test_a_verdict_and_its_reason_are_two_keys(visit):
    page = visit.page("review")
    page.locator(".compare").wait_for()
    listens(page, "x")
    page.keyboard.press("x")
    page.get_by_text("✗ reject because").wait_for()
    listens(page, "2")
    page.keyboard.press("2")
    expect(page.get_by_text("1 of 24 reviewed")).to_be_visible(timeout=MOST)
    listens(page, "x")
    page.keyboard.press("Backspace")
    expect(page.get_by_text("0 of 24 reviewed")).to_be_visible(timeout=MOST)
