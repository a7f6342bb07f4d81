"""Masks lie in their image, once; mentions mean them, and only those of their own image."""

import numpy as np
import pytest

from db.enums import Origin, RegionOrigin
from tests.stores import add_caption, add_image, add_region, ground, mention, square
from workbench import regions
from workbench.errors import ConflictError, InvalidInputError, NotFoundError
from workbench.imaging import masks
from workbench.store import events


@pytest.fixture
def image(session, media):
    return add_image(session, media)


def test_a_region_knows_its_box_and_area(session, image):
    region = add_region(session, image, left=7, top=9, side=12)
    assert (region.box_x, region.box_y, region.box_width, region.box_height, region.area_px) == (7, 9, 12, 12, 144)
    np.testing.assert_array_equal(masks.decode(region.mask), square(image, left=7, top=9, side=12))


def test_the_same_mask_again_is_the_region_that_is_there(session, image):
    assert add_region(session, image).id == add_region(session, image).id


@pytest.mark.parametrize("mask", [np.zeros((64, 96), bool), np.ones((96, 64), bool), np.ones((64, 96))])
def test_a_mask_that_does_not_fit_is_refused(session, image, mask):
    with pytest.raises(InvalidInputError):
        regions.add(session, image.id, mask, origin=RegionOrigin.HUMAN, author="ada")


def test_a_score_is_a_share(session, image):
    with pytest.raises(InvalidInputError, match="score"):
        regions.add(session, image.id, square(image), origin=RegionOrigin.SAM, score=1.5, author="ada")


def test_a_mention_may_mean_several_regions_and_share_one(session, image):
    caption = add_caption(session, image)
    large, small = add_region(session, image, side=30), add_region(session, image, left=60, side=5)
    ground(session, caption, "cup", large)
    ground(session, caption, "cup", small)
    ground(session, caption, "cat", large)
    masks_of = {view.mention.object: view.masks for view in regions.for_caption(session, caption.id)}
    assert masks_of == {"cup": [large.mask, small.mask], "table": [], "cat": [large.mask]}
    views = regions.of_image(session, image.id)
    assert [(view.region, [mention.object for mention in view.mentions]) for view in views] == [(large, ["cup", "cat"]), (small, ["cup"])]


def test_saying_it_again_changes_nothing(session, image):
    caption, region = add_caption(session, image), add_region(session, image)
    ground(session, caption, "cup", region)
    ground(session, caption, "cup", region)
    assert [len(view.masks) for view in regions.for_caption(session, caption.id)] == [1, 0, 0]


def test_a_mention_cannot_mean_a_region_of_another_image(session, media, image):
    caption = add_caption(session, image)
    region = add_region(session, add_image(session, media, 1))
    with pytest.raises(InvalidInputError, match="its own image"):
        ground(session, caption, "cup", region)


def test_removing_a_region_takes_its_groundings(session, image):
    caption, region = add_caption(session, image), add_region(session, image)
    ground(session, caption, "cup", region)
    regions.remove(session, region.id, actor="ada")
    assert [len(view.masks) for view in regions.for_caption(session, caption.id)] == [0, 0, 0]


def test_what_is_not_there_is_named(session, image):
    caption, region = add_caption(session, image), add_region(session, image)
    cup = mention(session, caption, "cup")
    for call, name in (
        (lambda: regions.get(session, 50), "region 50"),
        (lambda: regions.remove(session, 50, actor="a"), "region 50"),
        (lambda: regions.ground(session, cup.id, 50, origin=Origin.HUMAN, actor="a"), "region 50"),
        (lambda: regions.ground(session, 50, region.id, origin=Origin.HUMAN, actor="a"), "mention 50"),
        (lambda: regions.unground(session, cup.id, region.id, actor="a"), "is not on region"),
        (lambda: regions.for_caption(session, 50), "caption 50"),
        (lambda: regions.add(session, 50, square(image), origin=RegionOrigin.HUMAN, author="a"), "image 50"),
    ):
        with pytest.raises(NotFoundError, match=name):
            call()


def test_a_corrected_region_keeps_its_mentions_and_undo_brings_its_mask_back(session, image):
    caption, region = add_caption(session, image), add_region(session, image)
    before, was = region.mask, region.mask_hash
    regions.ground(session, regions.for_caption(session, caption.id)[0].mention.id, region.id, origin=Origin.HUMAN, actor="ada")
    regions.correct(session, region.id, square(image, left=1, top=2, side=20), actor="ada")
    assert (region.box_x, region.box_y, region.area_px, region.origin) == (1, 2, 400, RegionOrigin.HUMAN)
    assert [each.id for each in regions.for_caption(session, caption.id)[0].regions] == [region.id]
    newest = regions.last_change(session, image.id)
    assert newest.action == "correct"
    events.undo(session, newest.id, actor="ada")
    session.refresh(region)
    assert (region.mask, region.mask_hash) == (before, was)


def test_a_correction_to_nothing_or_to_another_regions_mask_is_refused(session, image):
    one, other = add_region(session, image, side=30), add_region(session, image, side=5)
    with pytest.raises(InvalidInputError, match="empty"):
        regions.correct(session, one.id, np.zeros((64, 96), bool), actor="ada")
    with pytest.raises(ConflictError, match=f"Region {other.id}"):
        regions.correct(session, one.id, masks.decode(other.mask), actor="ada")


@pytest.mark.slow
def test_every_change_can_be_undone_however_many_there_were_and_nothing_of_other_images(session, media, image):
    region = add_region(session, image)
    for side in range(5, 35):
        regions.correct(session, region.id, square(image, left=1, top=1, side=side), actor="ada")
    regions.remove(session, region.id, actor="ada")
    add_region(session, add_image(session, media, seed=1))
    undone = []
    while change := regions.last_change(session, image.id):
        events.undo(session, change.id, actor="ada")
        undone.append(change.action)
    assert undone == ["delete", *["correct"] * 30, "create"]
    assert regions.of_image(session, image.id) == []
