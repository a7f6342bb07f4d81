"""A rater in a real browser, by keyboard: through consent and screening to the trials."""

import re

from playwright.sync_api import Page, expect

from db.models import Study
from tests.stores import Filled, reading
from workbench.rating import screening, vision_tests
from workbench.studies import raters


def plate_set(store: Filled, token: str) -> int:
    """The set of plates of a token's rater."""
    with reading(store) as session:
        row = raters.authenticate(session, token)
        return screening.plate_set(session.get_one(Study, row.study_id), row)


def screen(page: Page, store: Filled, token: str) -> None:
    """Agree, count the patches of both fields, read all plates."""
    page.get_by_role("button", name="I agree and want to begin").wait_for()
    page.keyboard.press("Enter")
    number = plate_set(store, token)
    for field in vision_tests.FIELDS:
        page.locator(f'img[src$="field/{field}"]').wait_for()
        page.keyboard.press(str(vision_tests.field_count(field, number)))
    for place, plate in enumerate(vision_tests.plates_of(number)):
        page.locator(f'img[src$="plate/{place}"]').wait_for()
        page.keyboard.press(plate.digit)


def begin(page: Page) -> None:
    """Leave the explanation before the first trial."""
    expect(page.get_by_role("heading", name="Before you begin")).to_be_visible()
    page.keyboard.press("Enter")


def ready(page: Page, progress: str | re.Pattern) -> None:
    """Wait for the trial of a number, its pictures loaded."""
    expect(page.locator(".progress")).to_have_text(progress)
    page.locator(".board:not(.waiting):not(.early)").wait_for()
