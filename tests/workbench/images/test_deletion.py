"""Deleted images take what hangs on them along, and undo brings every row back as it was."""

import pytest
from sqlalchemy import select

from db.base import Base
from db.enums import Origin
from tests.stores import add_caption, add_image, add_region
from workbench import captions, images, regions
from workbench.errors import InvalidInputError, NotFoundError
from workbench.store import events

TABLES = ("image", "image_tag", "duplicate", "caption", "mention", "mention_color", "region", "grounding")


def rows(session) -> dict[str, set]:
    session.flush()
    return {name: {tuple(map(str, row)) for row in session.execute(select(Base.metadata.tables[name]))} for name in TABLES}


@pytest.fixture
def described(session, media):
    """Two images, the second nearly the first, each with captions of which one is derived, masks and a tag."""
    ids = []
    for seed in (1, 2):
        image = add_image(session, media, seed)
        caption = add_caption(session, image, "a red cup on a brown table")
        captions.derive(session, caption.id, author="rules")
        region = add_region(session, image)
        [first, *_] = regions.for_caption(session, caption.id)
        regions.ground(session, first.mention.id, region.id, origin=Origin.HUMAN, actor="ada")
        images.tag(session, [image.id], "night", actor="ada")
        ids.append(image.id)
    return ids


@pytest.mark.slow
def test_what_hangs_on_an_image_goes_with_it_and_undo_brings_all_of_it_back(session, described):
    before = rows(session)
    batch = images.remove(session, described[:1], actor="ada")
    after = rows(session)
    assert len(after["image"]) == 1
    assert all(len(after[name]) < len(before[name]) for name in ("caption", "mention", "region", "grounding", "image_tag"))
    events.rollback(session, batch, actor="ada")
    assert rows(session) == before


@pytest.mark.slow
def test_several_images_go_and_come_back_together(session, described):
    before = rows(session)
    batch = images.remove(session, described, actor="ada")
    assert all(not left for left in rows(session).values())
    events.rollback(session, batch, actor="ada")
    assert rows(session) == before


def test_an_unknown_image_and_none_at_all_are_refused_with_nothing_deleted(session, described):
    with pytest.raises(NotFoundError, match="no image 999"):
        images.remove(session, [described[0], 999], actor="ada")
    with pytest.raises(InvalidInputError, match="Between 1 and"):
        images.remove(session, [], actor="ada")
    assert images.count(session) == 2
