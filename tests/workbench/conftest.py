"""Fixtures of the services' tests."""

import pytest

from tests.workbench.library import add_caption, add_checkpoint, add_image, colorize


@pytest.fixture
def made(session, media):
    """Five colorizations with adherences 0.1, 0.3, 0.5, 0.7 and none."""
    checkpoint = add_checkpoint(session)
    rows = []
    for number, adherence in enumerate((0.1, 0.3, 0.5, 0.7, None)):
        add_caption(session, add_image(session, media, number))
        rows += colorize(session, media, checkpoint, adherence=adherence)
    return rows
