"""What every page has in common, in a browser: light and dark, one search field, popovers that shut, the tour, a first visit."""

import io
import re

import numpy as np
import PIL.Image
import pytest
from playwright.sync_api import Locator, Page, expect

from tests import stores
from tests.e2e.serving import open_page, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
MOST_FIELDS = """() => {
  window.most = 0
  const count = () => {
    window.most = Math.max(window.most, document.querySelectorAll('input[aria-label=Search]').length)
    requestAnimationFrame(count)
  }
  count()
}"""


def lightness(page: Page) -> int:
    """The page's ground, from 0 to 255; it has no tint."""
    channels = re.findall(r"\d+", page.evaluate(GROUND))[:3]
    assert len(set(channels)) == 1
    return int(channels[0])


def test_the_pages_are_light_or_dark_as_the_browser_asks_and_the_menu_changes_it(address, device):
    assert lightness(open_page(device(color_scheme="light"), address)) > 200
    page = open_page(device(color_scheme="dark"), address)
    assert lightness(page) < 60
    page.get_by_role("button", name="Main menu").click()
    page.get_by_role("menuitemradio", name="Light").click()
    expect(page.locator("[data-testid=stApp]")).to_have_css("background-color", "rgb(233, 233, 233)")


def test_charts_can_be_read_before_and_after_the_theme_is_changed(address, device):
    page = open_page(device(color_scheme="light"), address)
    chart = page.get_by_test_id("stVegaLiteChart").first
    chart.scroll_into_view_if_needed()
    chart.locator("canvas, svg.marks").first.wait_for()
    by_day = grays(chart)
    page.get_by_role("button", name="Main menu").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    page.keyboard.press("Escape")
    expect(page.locator(":root")).to_have_attribute("data-theme", "dark")
    by_night = grays(chart)
    assert by_day.max() - by_day.min() > 150
    assert by_day.max() - np.median(by_day) < 20
    assert by_night.max() - by_night.min() > 150
    assert np.median(by_night) - by_night.min() < 20


def grays(chart: Locator) -> np.ndarray:
    """The lightness of a chart's pixels as they are seen."""
    return np.asarray(PIL.Image.open(io.BytesIO(chart.screenshot())).convert("L")).astype(int)


def test_there_is_one_search_field_while_a_search_is_answered(address, page):
    open_page(page, f"{address}/library")
    page.evaluate(MOST_FIELDS)
    for query, said in (("color:red", "1 image match"), ("", "4 images in the store"), ("color:blue", "1 image match")):
        page.get_by_role("searchbox").fill(query)
        page.get_by_role("searchbox").press("Enter")
        expect(page.get_by_text(said)).to_be_visible()
    assert page.evaluate("window.most") == 1


def test_a_popover_is_shut_once_what_it_is_for_is_done(address, page):
    open_page(page, f"{address}/library")
    page.get_by_role("button", name="Tag", exact=True).click()
    tag = page.get_by_test_id("stPopoverBody").get_by_role("textbox", name="Tag")
    tag.fill("night")
    page.get_by_test_id("stPopoverBody").get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    page.get_by_role("searchbox").fill("tag:night")
    page.get_by_role("searchbox").press("Enter")
    expect(page.get_by_text("4 images match")).to_be_visible()


def test_the_tour_leads_along_the_loop_in_five_stops_and_ends(address, page):
    open_page(page, address)
    page.get_by_role("button", name="Take the tour").click()
    for number, heading in enumerate(("Caption", "Ground", "Colorize", "Review", "Releases"), 1):
        expect(page.get_by_role("heading", name=heading, exact=True, level=1)).to_be_visible()
        expect(page.get_by_text(f"{number} of 5 ·")).to_be_visible()
        if number == 2:
            page.get_by_role("link", name="Library", exact=True).click()
            expect(page.get_by_text("The tour waits at stop 2")).to_be_visible()
            page.get_by_role("link", name="Go back to it").click()
        if number < 5:
            page.get_by_role("button", name=re.compile("^Next:")).click()
    page.get_by_role("button", name="End the tour").click()
    expect(page.get_by_text("5 of 5 ·")).to_have_count(0)


def test_every_page_leads_to_its_part_of_the_guide_and_back(address, page):
    open_page(page, f"{address}/review")
    page.get_by_role("link", name="How this page works").click()
    expect(page.get_by_role("heading", name="Review", exact=True)).to_be_visible()
    page.get_by_role("link", name="Open Review").click()
    expect(page.get_by_role("heading", name="Review", exact=True, level=1)).to_be_visible()


def test_a_first_visit_shows_the_work_in_five_steps_and_both_ways_to_begin(tmp_path, page):
    stores.empty(tmp_path / "home" / "workbench.sqlite").dispose()
    with served(tmp_path / "home") as address:
        open_page(page, address)
        expect(page.locator("ol.steps li")).to_have_count(5)
        expect(page.get_by_role("heading", name="Begin with my own photos")).to_be_visible()
        page.get_by_role("button", name="Make the demo").click()
        expect(page.get_by_text("Make the demo · ")).to_be_visible()
        open_page(page, f"{address}/caption")
        expect(page.get_by_role("link", name="Import my own photos")).to_be_visible()
