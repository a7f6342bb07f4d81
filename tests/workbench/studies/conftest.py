"""What studies are drafted over."""

import pytest

from db.enums import CaptionLevel
from tests.stores import colorize, insert_caption, insert_checkpoint, insert_image


@pytest.fixture
def stocked(session, media):
    """Four images with captions at two levels, colored by two checkpoints."""
    for number in range(4):
        image = insert_image(session, media, number)
        insert_caption(session, image, "a red cup on a table", level=CaptionLevel.COMPLETE)
        insert_caption(session, image, "a cup on a table", level=CaptionLevel.SCARCE)
    for name in ("one", "two"):
        colorize(session, media, insert_checkpoint(session, name))
