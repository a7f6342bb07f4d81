"""One journey in a real browser: look, describe, mask, compare, review; and not one request leaves the machine."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.serving import open_page, wait_for_a_new_mask

pytestmark = pytest.mark.browser

BY_ADDRESS = ("library", "caption", "ground", "checks", "edits", "colorize", "review", "releases", "checkpoints", "runs", "settings")


@pytest.fixture
def visit(page, address, requests) -> Iterator[Callable[[str], Page]]:
    """Open the page of a path."""
    yield lambda path: open_page(page, f"{address}/{path}")
    assert requests


def listens(page: Page, key: str = "?") -> None:
    """Wait until the page hears a key: its words are drawn before the listener is there."""
    page.locator(".keys dt").get_by_text(key, exact=True).first.wait_for(state="attached")


def test_every_page_draws_without_an_error_and_without_a_request_elsewhere(visit):
    page = visit("")
    expect(page.get_by_role("heading", name="Home", exact=True)).to_be_visible()
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
        expect(page.get_by_role("heading", name=name.capitalize(), exact=True)).to_be_visible()
    assert page.get_by_test_id("stException").count() == 0
    assert page.get_by_test_id("stAlertContentError").count() == 0


def test_no_page_that_is_opened_by_its_address_leaves_an_error_in_the_console_and_each_answers_to_a_question_mark(page, address, errors):
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    for name in ("", *BY_ADDRESS):
        open_page(page, f"{address}/{name}")
        listens(page)
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keys of this page")).to_be_visible()
        assert errors == [], name


def test_images_are_chosen_by_mouse_and_keyboard(visit):
    page = visit("library")
    tiles = page.locator(".tile")
    tiles.nth(1).click()
    expect(page.get_by_text("1 chosen image")).to_be_visible()
    tiles.nth(2).click(modifiers=["Control"])
    expect(page.get_by_text("2 chosen images")).to_be_visible()
    page.keyboard.press("a")
    expect(page.get_by_text("4 chosen images")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/caption\?image=\d"))


def test_a_mask_is_corrected_by_two_clicks_and_taken_back_by_two_keys(visit):
    page = visit("ground?image=2")
    page.get_by_text("Correct the masks of this phrase").click()
    stage = page.locator(".stage.correcting")
    stage.wait_for()
    sizes = page.get_by_text(re.compile(r"box · .*% · (by a person|by GrabCut)"))
    before = sizes.inner_text()
    box = stage.bounding_box()
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.1 * box["height"])
    expect(sizes).not_to_have_text(before)
    larger = sizes.inner_text()
    page.keyboard.down("Alt")
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.1 * box["height"])
    page.keyboard.up("Alt")
    expect(sizes).not_to_have_text(larger)
    page.reload()
    listens(page, "z")
    for _ in range(2):
        now = page.get_by_text(re.compile(r"box · .*% · (by a person|by GrabCut)")).inner_text()
        page.keyboard.press("z")
        expect(page.get_by_text(re.compile(r"box · .*% · (by a person|by GrabCut)"))).not_to_have_text(now)
    expect(page.get_by_text(re.compile(r"box · .*% · (by a person|by GrabCut)"))).to_have_text(before)


def test_a_mask_is_drawn_with_three_clicks_and_enter(visit):
    page = visit("ground?image=3")
    page.get_by_text("Correct the masks of this phrase").click()
    page.get_by_text("a new mask").click()
    wait_for_a_new_mask(page)
    stage = page.locator(".stage.correcting")
    stage.wait_for()
    page.get_by_role("button", name="Polygon").click()
    box = stage.bounding_box()
    for x, y in ((0.2, 0.2), (0.6, 0.2), (0.5, 0.7)):
        page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 masks in the image")).to_be_visible()


def test_two_colorizations_are_compared_and_flipped_by_keys(visit):
    page = visit("colorize")
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
    page = visit("review")
    page.locator(".compare").wait_for()
    listens(page, "x")
    page.keyboard.press("x")
    page.get_by_text("✗ reject because").wait_for()
    listens(page, "2")
    page.keyboard.press("2")
    expect(page.get_by_text("1 of 24 reviewed")).to_be_visible()
    listens(page, "x")
    page.keyboard.press("Backspace")
    expect(page.get_by_text("0 of 24 reviewed")).to_be_visible()
