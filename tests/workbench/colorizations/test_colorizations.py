"""Outputs are keyed by everything they depend on, so that nothing is made twice."""

import threading

import pytest
from sqlalchemy import func, select

from db.enums import CaptionLevel, CaptionStatus
from db.models import Colorization, Event
from db.session import transaction
from tests.pictures import png
from tests.stores import SETTINGS, colorize, insert_caption, insert_checkpoint, insert_grounding, insert_image
from workbench import colorizations
from workbench.errors import InvalidInputError, NotFoundError

PICTURE = png(5, width=8, height=6)
MASK = {"size": [2, 2], "counts": "04"}
OTHER = {"size": [2, 2], "counts": "13"}
INPUTS = {
    "image_sha256": "0" * 64,
    "caption_text": "a red cup",
    "regions": [((0, 9), MASK)],
    "checkpoint_digest": "d",
    "settings": {"steps": 4, "guidance": 3.0},
    "seed": 0,
}


@pytest.mark.parametrize(
    "change",
    [
        {"image_sha256": "1" * 64},
        {"caption_text": "a blue cup"},
        {"regions": []},
        {"regions": [((0, 9), OTHER)]},
        {"regions": [((2, 9), MASK)]},
        {"checkpoint_digest": "e"},
        {"settings": {"steps": 5, "guidance": 3.0}},
        {"settings": {"steps": 4}},
        {"seed": 1},
    ],
)
def test_everything_the_pixels_depend_on_is_in_the_key(change):
    assert colorizations.input_key(**(INPUTS | change)) != colorizations.input_key(**INPUTS)


def test_the_order_of_regions_and_settings_is_not_in_the_key():
    two = INPUTS | {"regions": [((0, 9), MASK), ((3, 9), OTHER)]}
    turned = INPUTS | {"regions": two["regions"][::-1], "settings": {"guidance": 3.0, "steps": 4}}
    assert colorizations.input_key(**two) == colorizations.input_key(**turned)


def test_running_twice_adds_nothing(session, media):
    checkpoint = insert_checkpoint(session)
    for number in range(3):
        insert_caption(session, insert_image(session, media, number))
    assert len(colorize(session, media, checkpoint, seeds=(0, 1))) == 6
    assert colorize(session, media, checkpoint, seeds=(0, 1)) == []
    assert len(colorize(session, media, checkpoint, seeds=(1, 2, 2))) == 3
    assert colorizations.counts(session) == {"colorizations": 9, "images": 3, "captions": 3}


def test_a_new_mask_asks_for_a_new_colorization_unless_instances_are_off(session, media):
    checkpoint, caption = insert_checkpoint(session), insert_caption(session, insert_image(session, media, 0))
    plain = SETTINGS | {"instances": False}
    colorize(session, media, checkpoint)
    colorize(session, media, checkpoint, settings=plain)
    region = insert_grounding(session, caption)
    [request] = colorizations.pending(session, checkpoint_id=checkpoint.id, settings=SETTINGS)
    assert request.regions == (((0, 9), region.mask),)
    assert colorizations.pending(session, checkpoint_id=checkpoint.id, settings=plain) == []


def test_only_accepted_captions_of_the_wanted_levels_and_images_are_wanted(session, media):
    checkpoint, image, other = insert_checkpoint(session), insert_image(session, media, 0), insert_image(session, media, 1)
    complete = insert_caption(session, image, "a red cup on a brown table", level=CaptionLevel.COMPLETE)
    scarce = insert_caption(session, image, "a cup on a table", level=CaptionLevel.SCARCE)
    insert_caption(session, image, "a cup", level=CaptionLevel.SCARCE, status=CaptionStatus.PROPOSED)
    insert_caption(session, other, "a dog", level=CaptionLevel.SCARCE, status=CaptionStatus.DROPPED)
    options = {"checkpoint_id": checkpoint.id, "settings": SETTINGS}
    assert [request.caption_id for request in colorizations.pending(session, **options)] == [complete.id, scarce.id]
    assert [request.caption_id for request in colorizations.pending(session, levels=["scarce"], **options)] == [scarce.id]
    assert colorizations.pending(session, query=f"id:{other.id}", **options) == []
    assert len(colorizations.pending(session, limit=1, **options)) == 1


def test_the_row_that_is_there_is_returned_and_history_knows_the_first(session, media):
    checkpoint = insert_checkpoint(session)
    insert_caption(session, insert_image(session, media, 0))
    [request] = colorizations.pending(session, checkpoint_id=checkpoint.id, settings=SETTINGS)
    options = {"checkpoint_id": checkpoint.id, "settings": SETTINGS, "seconds": 0.1}
    first = colorizations.store(session, media, request, PICTURE, **options)
    assert colorizations.store(session, media, request, png(6, width=8, height=6), **options) is first
    assert media.read(first.media_key) == PICTURE
    assert first.caption_text == "a red cup on a table"
    assert session.scalar(select(func.count(Event.id)).where(Event.subject == "colorization")) == 1


def test_workers_that_store_the_same_request_at_once_make_one_row(engines, media):
    with transaction(engines.writer) as session:
        checkpoint = insert_checkpoint(session)
        insert_caption(session, insert_image(session, media, 0))
        [request] = colorizations.pending(session, checkpoint_id=checkpoint.id, settings=SETTINGS)
    stored = []

    def work():
        with transaction(engines.writer) as session:
            stored.append(
                colorizations.store(session, media, request, PICTURE, checkpoint_id=checkpoint.id, settings=SETTINGS, seconds=0.1).id
            )

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stored) == 8
    assert len(set(stored)) == 1
    with transaction(engines.reader) as session:
        assert session.scalar(select(func.count(Colorization.id))) == 1


def test_pages_go_by_key_and_filters_hold(session, media):
    one, two = insert_checkpoint(session, "one"), insert_checkpoint(session, "two")
    images = [insert_image(session, media, number) for number in range(3)]
    captions = [insert_caption(session, image) for image in images]
    made = [*colorize(session, media, one), *colorize(session, media, two)]
    first = colorizations.find(session, limit=4)
    assert [row.id for row in first + colorizations.find(session, after_id=first[-1].id, limit=4)] == [row.id for row in made]
    assert {row.checkpoint_id for row in colorizations.find(session, checkpoint_id=two.id)} == {two.id}
    assert [row.caption_id for row in colorizations.find(session, caption_id=captions[1].id)] == [captions[1].id] * 2
    assert colorizations.find(session, image_id=images[2].id) == colorizations.of_image(session, images[2].id)
    assert {row.image_id for row in colorizations.find(session, query=f"id:{images[0].id}")} == {images[0].id}
    assert [row.id for row in colorizations.newest(session, 2)] == [made[-1].id, made[-2].id]


def test_what_cannot_be_made_is_named(session, media):
    checkpoint = insert_checkpoint(session)
    insert_caption(session, insert_image(session, media, 0))
    with pytest.raises(NotFoundError, match="no checkpoint 99"):
        colorizations.pending(session, checkpoint_id=99, settings={})
    with pytest.raises(InvalidInputError, match="0 or above"):
        colorizations.pending(session, checkpoint_id=checkpoint.id, settings={}, seeds=[-1])
    with pytest.raises(InvalidInputError, match='no level "vague"'):
        colorizations.pending(session, checkpoint_id=checkpoint.id, settings={}, levels=["vague"])
    with pytest.raises(NotFoundError, match="no colorization 5"):
        colorizations.get(session, 5)
    [request] = colorizations.pending(session, checkpoint_id=checkpoint.id, settings=SETTINGS)
    with pytest.raises(InvalidInputError, match="no PNG"):
        colorizations.store(session, media, request, b"JFIF", checkpoint_id=checkpoint.id, settings={}, seconds=0)
