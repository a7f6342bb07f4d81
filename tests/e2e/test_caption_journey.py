"""Captions in a real browser, by keyboard alone: derived, accepted, taken back, completed while typing."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.serving import open_page

pytestmark = pytest.mark.browser


def at_captions(page: Page, address: str) -> None:
    open_page(page, address)
    page.locator(".card.chosen").wait_for()
    page.locator(".keys dt").get_by_text("/", exact=True).wait_for(state="attached")


def says(page: Page, level: int, text: str) -> None:
    """Wait until a column has a caption."""
    expect(page.locator(".column").nth(level).locator(".text").filter(has_text=re.compile(f"^{re.escape(text)}$"))).to_have_count(1)


def test_proposals_are_derived_accepted_and_dropped_and_z_and_y_go_back_and_forth(page, address):
    at_captions(page, f"{address}/caption?image=2")
    page.keyboard.press("d")
    proposed = page.locator(".card.proposed")
    proposed.first.wait_for()
    count = proposed.count()
    page.keyboard.press("z")
    expect(proposed).to_have_count(0)
    page.keyboard.press("y")
    expect(proposed).to_have_count(count)
    page.keyboard.press("Shift+A")
    expect(proposed).to_have_count(0)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys of this page")).to_contain_text("derive partial and scarce")


def test_a_misspelled_word_is_marked_and_put_right_by_keys(page, address):
    at_captions(page, f"{address}/caption?image=3")
    page.keyboard.press("2")
    page.keyboard.type(" beside a yelow brocolli")
    page.keyboard.press("Escape")
    slips = page.locator(".column").nth(1).locator(".card").first.locator("u.slip")
    expect(slips).to_have_text(["yelow", "brocolli"])
    page.keyboard.press("s")
    expect(page.locator(".menu:visible")).to_contain_text("1 yellow")
    page.keyboard.press("1")
    expect(slips).to_have_text(["brocolli"])
    page.keyboard.press("e")
    page.keyboard.press("Control+.")
    page.keyboard.press("Enter")  # the first suggestion
    page.keyboard.type(" and a lamp")
    page.keyboard.press("Escape")
    says(page, 1, "a blue box in front of a wall beside a yellow broccoli and a lamp")
    expect(slips).to_have_count(0)


def test_the_beginning_of_a_word_is_completed_and_enter_leads_to_the_next_image(page, address):
    at_captions(page, f"{address}/caption?image=3")
    page.keyboard.press("1")
    page.keyboard.type(" beside a yel")
    expect(page.locator(".words.open b")).to_have_text("yellow ⇥")
    page.keyboard.press("Tab")
    page.keyboard.type(" cup")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("4 of 4 images")).to_be_visible()
    says(page, 0, "a yellow box in front of a gray wall")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowLeft")
    says(page, 0, "a blue box in front of a gray wall beside a yellow cup")
