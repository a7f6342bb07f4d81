"""A curator's hour in a real browser: captions by keyboard alone, many at once, a mask by two clicks; reloads lose nothing."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.serving import MOST, open_page
from tests.stores import Filled, reading
from workbench import captions, regions
from workbench.imaging import masks

pytestmark = pytest.mark.browser

WRITTEN = (
    "a red box in front of a gray wall and a blue floor",
    "a red box in front of a wall and a floor",
    "a box in front of a wall beside a door",
)


def test_a_curator_works_through_images_and_a_reload_in_the_middle_loses_nothing(page, address, store):
    edit_three_by_keyboard(page, address)
    derive_and_go_back(page)
    replace_many_and_take_it_back(page, address)
    correct_a_mask_by_two_clicks(page, address, store)
    with reading(store) as session:
        assert tuple(view.caption.text for view in captions.of_image(session, 1)) == WRITTEN
        assert captions.count(session, "crate") == 0


def says(page: Page, text: str) -> None:
    """Wait until a caption on the board has a text."""
    card = page.locator(".column .text").filter(has_text=re.compile(f"^{re.escape(text)}$"))
    expect(card).to_have_count(1)


def edit_three_by_keyboard(page: Page, address: str) -> None:
    open_page(page, f"{address}/caption")
    page.locator(".card.chosen").wait_for()
    page.locator(".keys dt").get_by_text("/", exact=True).wait_for(state="attached")
    page.keyboard.press("1")
    page.keyboard.type(" and a blue floor")
    page.keyboard.press("Enter")
    page.keyboard.type(" and a floor")
    page.keyboard.press("Enter")
    page.keyboard.type(" beside a door")
    page.reload()  # in the middle of the third
    page.locator(".card.chosen").wait_for()
    for text in WRITTEN:
        says(page, text)
    expect(page.locator(".column").first.locator(".card").first.locator(".chip")).to_have_count(3)


def derive_and_go_back(page: Page) -> None:
    page.locator(".keys dt").get_by_text("/", exact=True).wait_for(state="attached")
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    proposed = page.locator(".card.proposed")
    proposed.first.wait_for()
    page.keyboard.press("z")
    expect(proposed).to_have_count(0)
    for text in WRITTEN:
        says(page, text)


def replace_many_and_take_it_back(page: Page, address: str) -> None:
    open_page(page, f"{address}/edits")
    for label, text in (("Find", "box"), ("Replace with", "crate")):
        page.get_by_role("textbox", name=label).fill(text)
        page.get_by_role("textbox", name=label).press("Enter")
    expect(page.get_by_text("12 changes", exact=True)).to_be_visible()
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("button", name="Undo").first.wait_for()
    open_page(page, f"{address}/caption")
    says(page, WRITTEN[0].replace("box", "crate"))
    open_page(page, f"{address}/edits")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("undone", exact=True)).to_have_count(2)  # the proposals that were undone, and this batch
    open_page(page, f"{address}/caption")
    says(page, WRITTEN[0])


def correct_a_mask_by_two_clicks(page: Page, address: str, store: Filled) -> None:
    """A click adds the wall beside the box, one with Alt takes the middle of the box away; each is there after a reload."""
    open_page(page, f"{address}/ground?image=1")
    page.locator(".keys dt").get_by_text("d", exact=True).wait_for(state="attached")
    page.keyboard.press("d")
    stage = page.locator(".stage.correcting")
    stage.wait_for()
    areas = [area_of(store)]
    for place, modifiers in (((0.8, 0.3), []), ((0.3, 0.5), ["Alt"])):
        page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
        size = stage.bounding_box()
        stage.click(position={"x": place[0] * size["width"], "y": place[1] * size["height"]}, modifiers=modifiers)
        deadline = MOST
        while area_of(store) == areas[-1] and deadline:
            page.wait_for_timeout(100)
            deadline -= 100
        areas.append(area_of(store))
    assert areas[0] < areas[1] > areas[2] > 0
    page.reload()
    share = f"{areas[2] / (96 * 128):.1%}"
    expect(page.get_by_text(re.compile(f"1 box · {re.escape(share)} · by GrabCut"))).to_be_visible()


def area_of(store: Filled) -> int:
    """Pixels of the first mask in the store."""
    with reading(store) as session:
        return masks.area(regions.get(session, 1).mask)
