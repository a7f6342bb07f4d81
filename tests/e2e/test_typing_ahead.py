"""Captions typed fast over a slow line, in lists that the typing itself changes: every letter lands on the image that was on show."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from db.enums import Origin, Verdict
from db.session import connect, transaction
from tests.e2e.serving import chromium, foreign, open_page, served
from tests.e2e.slow_line import slowed
from tests.ui.store import drawn, fill, png
from workbench import captions, colorizations, images, reviews
from workbench.settings import read_settings
from workbench.store import MediaStore

pytestmark = pytest.mark.browser

MOST = 90000
"""Milliseconds that anything may take on a busy machine."""
LATE = 0.5
"""Seconds that everything is late, in each direction."""
KEY = 1000 / 12
"""Milliseconds from key to key."""
THINGS = ("lunch box", "wicker basket", "ship", "wooden chair", "kettle", "church door", "bucket")
KEEPS_NOTHING_BACK = "!Object.entries(localStorage).some(([name, value]) => name.includes('caption') && value.includes('\"kind\"'))"
PAINTS = {"red": (190, 40, 40), "green": (40, 140, 60), "blue": (40, 80, 190)}


def texts(number: int) -> tuple[str, str, str]:
    """What is typed for an image at the three levels."""
    color, thing = list(PAINTS)[number % 3], THINGS[number % len(THINGS)]
    return (
        f"a {color} {thing} with green grapes {number}",
        f"a {thing} with green grapes {number}",
        f"a {thing} with grapes {number}",
    )


@pytest.fixture
def home(tmp_path) -> Path:
    """A store with colorizations, and seven images that nobody has described."""
    store = fill(tmp_path / "home")
    settings = read_settings(store.home)
    engines, media = connect(settings.database_url), MediaStore(settings.media_url)
    with transaction(engines.writer) as session:
        for number in range(len(THINGS)):
            pixels, _ = drawn(list(PAINTS.values())[number % 3], number % 4)
            pixels[-1, number] = (255, 0, 0)
            pixels[:, :6] = 12 * number
            images.import_file(session, media, png(pixels), file_name=f"bare-{number}.png", source="test")
    engines.dispose()
    return store.home


@pytest.fixture(scope="module")
def browser():
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    requests: list[str] = []
    context.on("request", lambda request: requests.append(request.url))
    page = context.new_page()
    page.set_default_timeout(MOST)
    yield page
    context.close()
    assert foreign(requests) == []


def described(home: Path) -> dict[str, list[str]]:
    """The accepted captions of each image, by its file's name."""
    engines = connect(read_settings(home).database_url)
    with transaction(engines.reader) as session:
        of = {image.file_name: [view.caption.text for view in captions.of_image(session, image.id)] for image in images.find(session)}
    engines.dispose()
    return of


def wait_until_saved(page: Page) -> None:
    """Until no image is waited for, and the browser keeps nothing back that the store has not answered."""
    expect(page.locator(".board.waiting")).to_have_count(0, timeout=MOST)
    page.wait_for_function(KEEPS_NOTHING_BACK)
    page.wait_for_timeout(int(2500 * LATE) + 1000)


def first_image(page: Page, name: str) -> None:
    page.get_by_text(name).first.wait_for(state="attached")
    page.locator(".column").first.wait_for()
    page.locator(".keys dt").get_by_text("/", exact=True).wait_for(state="attached")


def type_captions(page: Page, number: int, last: bool) -> None:
    """The three captions of an image and on to the next one, as fast as keys come, whatever the page shows by then."""
    for level, text in enumerate(texts(number)):
        page.keyboard.type(text, delay=KEY)
        page.keyboard.press("Escape" if last and level == 2 else "Enter")


def test_what_is_typed_ahead_in_a_list_that_empties_lands_on_its_own_images(page, home):
    with served(home) as direct, slowed(direct, LATE) as address:
        open_page(page, f"{address}/caption?q=NOT%20has%3Acaption")
        first_image(page, "bare-0.png")
        page.keyboard.press("1")
        for number in range(len(THINGS)):
            type_captions(page, number, last=number == len(THINGS) - 1)
        wait_until_saved(page)
    of = described(home)
    for number in range(len(THINGS)):
        assert sorted(of[f"bare-{number}.png"]) == sorted(texts(number))
    assert all(len(of[f"{color}-box.png"]) == 3 for color in ("red", "green", "blue", "yellow"))


def test_keys_pressed_before_the_next_image_has_arrived_are_kept_for_it(page, home):
    """Ten images on at once is farther than the board reaches: what is typed then waits for that image."""
    with served(home) as direct, slowed(direct, LATE) as address:
        open_page(page, f"{address}/caption")
        first_image(page, "red-box.png")
        for _ in range(10):
            page.keyboard.press("ArrowRight")
        page.keyboard.press("1")
        page.keyboard.type("a red bucket typed ahead", delay=KEY)
        page.keyboard.press("Enter")
        expect(page.get_by_text(f"{4 + len(THINGS)} of {4 + len(THINGS)} images")).to_be_visible(timeout=MOST)
        wait_until_saved(page)
    of = described(home)
    assert of[f"bare-{len(THINGS) - 1}.png"] == ["a red bucket typed ahead"]
    assert all(not of[f"bare-{number}.png"] for number in range(len(THINGS) - 1))


def test_images_that_are_reviewed_meanwhile_stay_in_the_list_that_is_walked(page, home):
    """Another curator judges each colorization while the captions of `NOT reviewed` are being edited."""
    stop = threading.Event()
    with served(home) as direct, slowed(direct, LATE) as address:
        open_page(page, f"{address}/caption?q=NOT%20reviewed%20has%3Acaption")
        first_image(page, "red-box.png")
        reviewing = threading.Thread(target=review_all, args=(home, stop))
        page.keyboard.press("1")
        reviewing.start()
        for number in range(4):
            page.keyboard.type(f" beside a {THINGS[number]} of tin", delay=KEY)
            page.keyboard.press("Control+Enter")
        wait_until_saved(page)
        stop.set()
        reviewing.join()
    of = described(home)
    for number, color in enumerate(("red", "green", "blue", "yellow")):
        assert sorted(of[f"{color}-box.png"]) == sorted(
            [
                f"a {color} box in front of a gray wall beside a {THINGS[number]} of tin",
                f"a {color} box in front of a wall",
                "a box in front of a wall",
            ]
        )


def review_all(home: Path, stop: threading.Event) -> None:
    engines = connect(read_settings(home).database_url)
    with transaction(engines.reader) as session:
        made = [row.id for row in colorizations.find(session)]
    for colorization_id in made:
        if stop.wait(0.4):
            break
        with transaction(engines.writer) as session:
            reviews.review(session, colorization_id, Verdict.ACCEPT, reviewer="bob")
    engines.dispose()


def test_the_findings_of_a_check_are_worked_through_with_every_letter_in_its_place(page, home):
    with served(home) as direct, slowed(direct, LATE) as address:
        engines = connect(read_settings(home).database_url)
        with transaction(engines.writer) as session:
            for image in images.find(session, "NOT has:caption"):
                made = captions.add(session, image.id, f"a ship at sea {image.id}", text_origin=Origin.HUMAN, author="test")
                captions.set_level(session, made.id, "complete", actor="test")
        engines.dispose()
        open_page(page, f"{address}/checks")
        page.get_by_role("link", name=re.compile("Work through")).first.click()
        first_image(page, "bare-0.png")
        page.keyboard.press("1")
        for number in range(len(THINGS)):
            page.keyboard.type(f" with a {list(PAINTS)[number % 3]} flag {number}", delay=KEY)
            page.keyboard.press("Control+Enter")
        wait_until_saved(page)
    of = described(home)
    assert [of[f"bare-{number}.png"][0].partition(" with ")[2] for number in range(len(THINGS))] == [
        f"a {list(PAINTS)[number % 3]} flag {number}" for number in range(len(THINGS))
    ]
    assert all(len(of[f"bare-{number}.png"]) == 1 for number in range(len(THINGS)))
