"""Strokes and verdicts given faster than the server answers: each lands on the picture that was on show, and none is lost."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from db.models import Colorization
from tests.e2e.serving import open_page
from tests.e2e.slow_line import slowed
from tests.stores import Filled, reading
from workbench import colorizations, regions, reviews
from workbench.imaging import masks

pytestmark = pytest.mark.browser

LATE = 0.4
"""Seconds that everything is late, in each direction."""


@pytest.fixture
def slow_address(address) -> Iterator[str]:
    """The app at the far end of a slow line."""
    with slowed(address, LATE) as address:
        yield address


def areas(store: Filled) -> dict[int, int]:
    """Pixels of the mask of each image."""
    with reading(store) as session:
        return {number: sum(masks.area(view.region.mask) for view in regions.of_image(session, number)) for number in (1, 2, 3, 4)}


def test_strokes_land_on_the_image_that_was_on_show_and_the_canvas_does_not_move(page, slow_address, store):
    before = areas(store)
    open_page(page, f"{slow_address}/ground?image=1")
    page.locator(".keys dt").get_by_text("d", exact=True).wait_for(state="attached")
    page.keyboard.press("d")
    stage = page.locator(".stage.correcting")
    stage.wait_for()
    page.keyboard.press("p")
    box = stage.bounding_box()
    for height in (0.1, 0.5, 0.9):
        page.mouse.move(box["x"] + 0.8 * box["width"], box["y"] + height * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 0.95 * box["width"], box["y"] + height * box["height"], steps=4)
        page.mouse.up()
        assert stage.bounding_box() == box
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("3 of 4 images")).to_be_visible()
    page.wait_for_function("(sessionStorage['workbench-mask-deeds'] ?? '[]') === '[]'")
    page.wait_for_timeout(1000)
    after = areas(store)
    stroke = 0.15 * 128 * 2 * 128 / 50
    assert after[1] - before[1] > 2.5 * stroke, "all three strokes"
    assert {number: after[number] for number in (2, 3, 4)} == {number: before[number] for number in (2, 3, 4)}


def test_verdicts_with_their_reasons_given_in_one_breath_are_each_kept_for_the_picture_on_show(page, slow_address, store):
    judged = []
    open_page(page, f"{slow_address}/review?q=level%3Acomplete")
    for number in range(5):
        expect(page.get_by_text(f"{number} of 24 reviewed")).to_be_visible()
        page.wait_for_timeout(int(2000 * LATE))
        judged.append(page.locator(".compare .pane.left img").get_attribute("src").rpartition("/")[2])
        page.keyboard.press("x")
        page.keyboard.press("1")
    expect(page.get_by_text("5 of 24 reviewed")).to_be_visible()
    with reading(store) as session:
        refused = {file_of(row): reviews.of_colorization(session, row.id) for row in colorizations.find(session, limit=60)}
    reasons = {name: [review.reason for review in verdicts] for name, verdicts in refused.items() if verdicts}
    assert reasons == {name: ["an object has the wrong color"] for name in judged}


def file_of(row: Colorization) -> str:
    return row.media_key.rpartition("/")[2]
