"""The map of the library in a real browser: a picture under the pointer, one that is clicked, and a box that becomes a query."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.e2e.serving import open_page
from tests.stores import writing
from workbench import images
from workbench.images import features

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def places(store):
    """Every image of the store on the map, in a row from the left to the right; by id where it stands, as shares of the map's sides."""
    with writing(store) as session:
        keys = sorted(images.ids(session))
        features.keep(session, {key: np.array([1.0, key]) / np.hypot(1.0, key) for key in keys}, "test")
        positions = {key: (0.1 + 0.8 * place / len(keys), 0.5) for place, key in enumerate(keys)}
        features.place(session, keys, 1000 * np.array(list(positions.values())))
    return positions


def test_a_picture_is_shown_chosen_and_asked_for_by_a_box(page, address, store, places):
    first, *_others = places
    open_page(page, f"{address}/library")
    page.get_by_text("Map", exact=True).click()
    canvas = page.locator(".map canvas")
    canvas.wait_for()
    box = canvas.bounding_box()
    x, y = (box["x"] + places[first][0] * box["width"], box["y"] + places[first][1] * box["height"])
    page.mouse.move(x + 2, y + 2)
    expect(page.locator(".map figure")).to_be_visible()
    page.mouse.click(x + 2, y + 2)
    page.mouse.move(x - 15, y - 40)
    page.mouse.down()
    page.mouse.move(x, y, steps=3)
    expect(page.get_by_text("1 chosen image")).to_be_visible()  # the page was drawn anew; the box that was begun is still in the hand
    page.mouse.move(x + 15, y + 40, steps=3)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"q=map%3A\d+x\d+-\d+x\d+"))
    expect(page.get_by_text(f"1 of {len(places)} dots match")).to_be_visible()
    expect(page.get_by_text("1 matching image")).to_be_visible()
