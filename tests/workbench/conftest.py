"""Fixtures of the services' tests."""

import pytest

from tests.stores import colorize, insert_caption, insert_checkpoint, insert_image


@pytest.fixture
def made(session, media):
    """Five colorizations with adherences 0.1, 0.3, 0.5, 0.7 and none."""
    checkpoint = insert_checkpoint(session)
    rows = []
    for number, adherence in enumerate((0.1, 0.3, 0.5, 0.7, None)):
        insert_caption(session, insert_image(session, media, number))
        rows += colorize(session, media, checkpoint, adherence=adherence)
    return rows
