"""Keys, values of the store and saved views are completed wherever a query is typed."""

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.serving import open_page
from tests.stores import writing
from workbench import images
from workbench.search import saved_views

pytestmark = pytest.mark.browser


def test_a_query_is_completed_by_keys_in_the_library_and_in_edits(page, address, store):
    with writing(store) as session:
        images.tag(session, [1, 2], "night shot", actor="ann")
        saved_views.save(session, "blue things", "color:blue", actor="ann")
    open_page(page, f"{address}/library")
    field, offers = page.get_by_role("searchbox"), page.locator(".offers .option")
    page.locator(".keys dt").first.wait_for(state="attached")
    field.click()
    expect(offers.filter(has_text="a thing in")).to_have_count(1)
    page.keyboard.type("ta")
    page.keyboard.press("Tab")
    expect(field).to_have_value("tag:")
    page.keyboard.press("Tab")
    expect(field).to_have_value('tag:"night shot" ')
    page.keyboard.type("NO")
    page.keyboard.press("Tab")
    page.keyboard.type("col")
    page.keyboard.press("Tab")
    page.keyboard.type("r")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(field).to_have_value('tag:"night shot" NOT color:red ')
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("night"))
    expect(field).to_have_count(1)
    field.fill("blu")
    expect(offers).to_contain_text(["blue things"])
    page.keyboard.press("Tab")
    expect(field).to_have_value("color:blue")
    open_page(page, f"{address}/edits")
    page.get_by_role("textbox", name="Which captions").click()
    page.keyboard.type("level:sc")
    expect(offers).to_have_text(["scarce "])
    page.keyboard.press("Tab")
    expect(page.get_by_role("textbox", name="Which captions")).to_have_value("level:scarce ")
