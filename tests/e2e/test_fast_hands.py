"""Strokes and verdicts given faster than the server answers: each lands on the picture that was on show, and none is lost."""

import re
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


@pytest.mark.parametrize("apart", [0, 1.5, 3], ids=["at once", "while the first is answered", "when it is shown"])
def test_each_arrow_goes_one_image_on_and_the_browsers_back_goes_back(page, slow_address, apart):
    """The second arrow may bring an address along from before the first one."""
    open_page(page, f"{slow_address}/ground?image=1")
    press(page, "ArrowRight", "ArrowRight", apart)
    expect(page.get_by_text("3 of 4 images")).to_be_visible()
    expect(page).to_have_url(re.compile("image=3"))
    page.go_back()
    expect(page).not_to_have_url(re.compile("image=3"))
    expect(page.get_by_text("2 of 4 images" if apart else re.compile("[12] of 4 images"))).to_be_visible()


@pytest.mark.parametrize("apart", [0, 0.2, 1], ids=["at once", "while it is heard", "while it is answered"])
def test_a_key_and_an_arrow_after_it_are_both_answered_each_for_the_image_on_show(page, slow_address, store, apart):
    """The key links or unlinks the phrase and its mask at the end of a draw; the arrow comes before."""
    before = linked(store, 1)
    open_page(page, f"{slow_address}/ground?image=1")
    press(page, "1", "ArrowRight", apart)
    expect(page.get_by_text("2 of 4 images")).to_be_visible()
    page.wait_for_timeout(1000)
    assert abs(len(linked(store, 1)) - len(before)) == 1, "unlinked, or linked again"
    expect(page.get_by_text("was pressed before this was shown")).to_have_count(0)


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


def press(page, first: str, second: str, apart: float) -> None:
    """Press two keys on Ground, so many times apart as anything is late."""
    page.locator(".keys dt").get_by_text("d", exact=True).wait_for(state="attached")
    page.keyboard.press(first)
    page.wait_for_timeout(int(1000 * LATE * apart))
    page.keyboard.press(second)


def linked(store: Filled, image_id: int) -> list[int]:
    """The mentions that are linked to a region of an image, once for each region."""
    with reading(store) as session:
        return [mention.id for view in regions.of_image(session, image_id) for mention in view.mentions]


def file_of(row: Colorization) -> str:
    return row.media_key.rpartition("/")[2]
