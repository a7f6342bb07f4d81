"""Pictures of every page for the documentation: `make screenshots`, or `python -m tests.e2e.screenshots [--home HOME] [--folder FOLDER]`.

Without --home of the demo, made anew with its own seeds. Every picture is 1440 × 900 (a phone's 390 × 844), light, without animation.
"""

import argparse
import io
import uuid
from collections.abc import Callable
from pathlib import Path

import PIL.Image
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from db.models import Image
from tests.e2e.demo import demo_store
from tests.e2e.serving import DESKTOP, PHONE, ROOT, chromium, open_page, served
from tests.stores import writing
from workbench import colorizations, studies
from workbench.studies import trials

AUTHOR, STIMULI = "screenshots", 2000
UNSHOWN = "motorcycle"
"""Of the demo's photos one whose license says nothing of pictures of it."""
RATED = "cup"
"""Of the demo's pictures those that raters see here: two colored things, on photos that may be shown."""
REST = 1500
"""Milliseconds for pictures to load after a page is drawn."""


def _choose_image(page: Page) -> None:
    page.get_by_role("radio", name="Color", exact=True).click()
    page.wait_for_timeout(REST)
    page.locator(".tile").nth(1).click()


def _compare(page: Page) -> None:
    cells = page.locator("button.cell")
    for index in range(2):
        cells.nth(index).click()
        page.wait_for_timeout(REST)


def _replace(page: Page) -> None:
    for name, text in (("Find", "yellow"), ("Replace with", "golden")):
        page.get_by_role("textbox", name=name).fill(text)
        page.get_by_role("textbox", name=name).press("Enter")
        page.wait_for_timeout(REST)


def _refuse(page: Page) -> None:
    page.keyboard.press("x")


def _pick_photo(page: Page) -> None:
    page.get_by_role("button", name="Pick from the library").click()


def _look(_page: Page) -> None:
    """Take the page as it is."""


PICTURES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "home": ("", _look),
    "guide": ("guide?page=caption", _look),
    "library": (f"library?q=NOT%20file%3A{UNSHOWN}", _choose_image),
    "caption": (f"caption?q=has%3Amask%20NOT%20file%3A{UNSHOWN}", _look),
    "ground": (f"ground?q=has%3Amask%20NOT%20file%3A{UNSHOWN}", _look),
    "checks": ("checks", _look),
    "edits": ("edits?q=color%3Ayellow", _replace),
    "colorize": (f"colorize?q=has%3Acolorization%20NOT%20file%3A{UNSHOWN}", _look),
    "compare": (f"colorize?q=has%3Acolorization%20NOT%20file%3A{UNSHOWN}", _compare),
    "studies": ("studies", _look),
    "results": ("studies?study=1", _look),
    "review": ("review", _refuse),
    "releases": ("releases", _look),
    "checkpoints": ("checkpoints", _look),
    "runs": ("runs", _look),
    "try-colors": ("try_colors", _pick_photo),
    "rate": ("rate", _look),
    "settings": ("settings", _look),
}


def take(browser: Browser, address: str, path: str, prepare: Callable[[Page], None], target: Path, size: dict[str, int]) -> None:
    """Open a page, prepare it, and keep its picture."""
    context = browser.new_context(viewport=size, color_scheme="light", reduced_motion="reduce")
    page = open_page(context.new_page(), f"{address}/{path}")
    page.wait_for_timeout(REST)
    prepare(page)
    page.mouse.move(1, 1)  # a hovered picture shows its other face
    page.wait_for_timeout(2 * REST)
    # WebP: a palette would change the very colors that the pictures are about.
    PIL.Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(target, "WEBP", quality=88, method=6)
    context.close()


def rating_links(home: Path, count: int) -> list[str]:
    """Fresh links into a study of the store's newest colorizations, made for these pictures."""
    with writing(home) as session:
        question = "Which picture matches the description better?"
        study = studies.create(
            session, name=f"pictures {uuid.uuid4().hex[:6]}", question=question, method="pair", votes_per_trial=2, author=AUTHOR,
            design={"display": "off", "color_vision": "off"},
        )  # fmt: skip
        rated = set(session.scalars(select(Image.id).where(Image.file_name.contains(RATED))))
        shown = [row.id for row in colorizations.newest(session, STIMULI) if row.image_id in rated]
        trials.add_pairs(session, study, shown, between=("seed",), author=AUTHOR)
        studies.open_study(session, study.id, actor=AUTHOR)
        invited = studies.invite(session, study.id, count, cohort=AUTHOR)
    return [f"r/{token}" for _, token in invited]


def take_rating(browser: Browser, address: str, link: str, target: Path, size: dict[str, int]) -> None:
    """Keep the picture of a rater's first trial."""
    context = browser.new_context(viewport=size)
    page = context.new_page()
    page.goto(f"{address}/{link}")
    page.get_by_role("button", name="I agree").click()
    page.get_by_role("button", name="Begin", exact=True).click()
    page.locator(".board:not(.waiting):not(.early)").wait_for()
    page.wait_for_timeout(REST)
    page.screenshot(path=target)
    context.close()


def main(home: Path, folder: Path) -> None:
    """Take all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    links = rating_links(home, 2)
    with served(home) as address, chromium() as browser:
        for name, (path, prepare) in PICTURES.items():
            take(browser, address, path, prepare, folder / f"{name}.webp", DESKTOP)
        for name, link, size in zip(("rating", "rating-phone"), links, (DESKTOP, PHONE), strict=True):
            take_rating(browser, address, link, folder / f"{name}.png", size)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--folder", type=Path, default=ROOT / "docs" / "screenshots")
    asked = parser.parse_args()
    with demo_store(asked.home) as home:
        main(home.resolve(), asked.folder)
