"""Captions typed fast over a slow line, in lists that the typing itself changes: every letter lands on the image that was on show."""

import re
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from db.enums import Origin, Verdict
from tests.e2e.serving import open_page, served
from tests.e2e.slow_line import slowed
from tests.stores import PAINTS, Filled, add_described, box, reading, writing
from workbench import captions, colorizations, images, reviews

pytestmark = pytest.mark.browser

LATE = 0.5
"""Seconds that everything is late, in each direction."""
KEY = 1000 / 25
"""Milliseconds from key to key, twice as fast as anybody types."""
THINGS = ("lunch box", "wicker basket", "ship", "wooden chair", "kettle", "church door", "bucket")
KEEPS_NOTHING_BACK = """() => !sessionStorage['workbench-caption-ahead']
  && !Object.entries(localStorage).some(([name, value]) => name.includes('caption') && value.includes('"kind"'))"""


COLORS = ("red", "green", "blue")


def texts(number: int) -> tuple[str, str, str]:
    """What is typed for an image at the three levels."""
    color, thing = COLORS[number % 3], THINGS[number % len(THINGS)]
    return (
        f"a {color} {thing} with green grapes {number}",
        f"a {thing} with green grapes {number}",
        f"a {thing} with grapes {number}",
    )


@pytest.fixture
def store(filled_once, tmp_path) -> Filled:
    """A store with colorizations, and seven images that nobody has described."""
    store = filled_once.copied(tmp_path / "home")
    with writing(store) as session:
        for number in range(len(THINGS)):
            pixels, _ = box(PAINTS[COLORS[number % 3]], number % 4)
            pixels[-1, number] = (255, 0, 0)
            pixels[:, :6] = 12 * number
            add_described(session, store.media, pixels, {}, file_name=f"bare-{number}.png")
    return store


@pytest.fixture
def slow_address(store) -> Iterator[str]:
    """The app over the store at the far end of a slow line."""
    with served(store.home) as direct, slowed(direct, LATE) as address:
        yield address


def described(store: Filled) -> dict[str, list[str]]:
    """The accepted captions of each image, by its file's name."""
    with reading(store) as session:
        return {image.file_name: [view.caption.text for view in captions.of_image(session, image.id)] for image in images.find(session)}


def wait_until_saved(page: Page) -> None:
    """Until no image is waited for, and the browser keeps nothing back that the store has not answered."""
    expect(page.locator(".board.waiting")).to_have_count(0)
    page.wait_for_function(KEEPS_NOTHING_BACK)
    page.wait_for_timeout(int(2500 * LATE) + 1000)


def first_image(page: Page, name: str) -> None:
    page.get_by_text(name).first.wait_for(state="attached")
    page.locator(".column").first.wait_for()
    page.locator(".keys dt").get_by_text("/", exact=True).wait_for(state="attached")


def type_captions(page: Page, number: int, last: bool, delay: float = KEY) -> None:
    """The three captions of an image and on to the next one, as fast as keys come, whatever the page shows by then."""
    for level, text in enumerate(texts(number)):
        page.keyboard.type(text, delay=delay)
        page.keyboard.press("Escape" if last and level == 2 else "Enter")


@pytest.mark.parametrize("delay", [KEY, 0], ids=["by hand", "faster than the address follows"])
def test_what_is_typed_ahead_in_a_list_that_empties_lands_on_its_own_images(page, slow_address, store, delay):
    open_page(page, f"{slow_address}/caption?q=NOT%20has%3Acaption")
    first_image(page, "bare-0.png")
    page.keyboard.press("1")
    for number in range(len(THINGS)):
        type_captions(page, number, last=number == len(THINGS) - 1, delay=delay)
    wait_until_saved(page)
    of = described(store)
    for number in range(len(THINGS)):
        assert sorted(of[f"bare-{number}.png"]) == sorted(texts(number))
    assert all(len(of[f"{color}-box.png"]) == 3 for color in ("red", "green", "blue", "yellow"))


def test_keys_pressed_before_the_next_image_has_arrived_are_kept_for_it(page, slow_address, store):
    """Ten images on at once is farther than the board reaches: what is typed then waits for that image."""
    open_page(page, f"{slow_address}/caption")
    first_image(page, "red-box.png")
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("1")
    page.keyboard.type("a red bucket typed ahead", delay=KEY)
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{4 + len(THINGS)} of {4 + len(THINGS)} images")).to_be_visible()
    wait_until_saved(page)
    for _ in range(100):  # seen once, under load, not to be there yet; why is not known
        of = described(store)
        if of[f"bare-{len(THINGS) - 1}.png"]:
            break
        page.wait_for_timeout(100)
    assert of[f"bare-{len(THINGS) - 1}.png"] == ["a red bucket typed ahead"]
    assert all(not of[f"bare-{number}.png"] for number in range(len(THINGS) - 1))


def test_keys_that_wait_for_an_image_outlive_a_reload(page, slow_address, store):
    unheard = threading.Event()

    def line(here: WebSocketRoute) -> None:
        there = here.connect_to_server()
        here.on_message(lambda message: None if unheard.is_set() else there.send(message))
        there.on_message(here.send)

    page.route_web_socket(re.compile("/_stcore/stream"), line)
    open_page(page, f"{slow_address}/caption")
    first_image(page, "red-box.png")
    unheard.set()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("1")
    page.keyboard.type("a red bucket")
    expect(page.get_by_text("16 keys are kept for it"), "the seventh arrow leads farther than the board reaches").to_be_visible()
    unheard.clear()
    page.reload()
    page.locator(".column").first.wait_for()
    page.keyboard.type(" typed ahead", delay=KEY)
    page.keyboard.press("Enter")
    wait_until_saved(page)
    of = described(store)
    assert of[f"bare-{len(THINGS) - 1}.png"] == ["a red bucket typed ahead"]
    assert all(not of[f"bare-{number}.png"] for number in range(len(THINGS) - 1))


def test_images_that_are_reviewed_meanwhile_stay_in_the_list_that_is_walked(page, slow_address, store):
    """Another curator judges each colorization while the captions of `NOT reviewed` are being edited."""
    stop = threading.Event()
    open_page(page, f"{slow_address}/caption?q=NOT%20reviewed%20has%3Acaption")
    first_image(page, "red-box.png")
    reviewing = threading.Thread(target=review_all, args=(store, stop))
    page.keyboard.press("1")
    reviewing.start()
    for number in range(4):
        page.keyboard.type(f" beside a {THINGS[number]} of tin", delay=KEY)
        page.keyboard.press("Control+Enter")
    wait_until_saved(page)
    stop.set()
    reviewing.join()
    of = described(store)
    for number, color in enumerate(("red", "green", "blue", "yellow")):
        assert sorted(of[f"{color}-box.png"]) == sorted(
            [
                f"a {color} box in front of a gray wall beside a {THINGS[number]} of tin",
                f"a {color} box in front of a wall",
                "a box in front of a wall",
            ]
        )


def review_all(store: Filled, stop: threading.Event) -> None:
    with reading(store) as session:
        made = [row.id for row in colorizations.find(session)]
    for colorization_id in made:
        if stop.wait(0.4):
            break
        with writing(store) as session:
            reviews.review(session, colorization_id, Verdict.ACCEPT, reviewer="bob")


def test_the_findings_of_a_check_are_worked_through_with_every_letter_in_its_place(page, slow_address, store):
    with writing(store) as session:
        for image in images.find(session, "NOT has:caption"):
            made = captions.add(session, image.id, f"a ship at sea {image.id}", text_origin=Origin.HUMAN, author="test")
            captions.set_level(session, made.id, "complete", actor="test")
    open_page(page, f"{slow_address}/checks")
    page.get_by_role("link", name=re.compile("Work through")).first.click()
    first_image(page, "bare-0.png")
    page.keyboard.press("1")
    for number in range(len(THINGS)):
        page.keyboard.type(f" with a {COLORS[number % 3]} flag {number}", delay=KEY)
        page.keyboard.press("Control+Enter")
    wait_until_saved(page)
    of = described(store)
    assert [of[f"bare-{number}.png"][0].partition(" with ")[2] for number in range(len(THINGS))] == [
        f"a {COLORS[number % 3]} flag {number}" for number in range(len(THINGS))
    ]
    assert all(len(of[f"bare-{number}.png"]) == 1 for number in range(len(THINGS)))
