"""A colorization may be a target in training; validation and test measure against originals in color only."""

from collections import Counter

import pytest

from db.enums import Split, TargetKind
from tests.stores import colorize, create_release, insert_caption, insert_checkpoint, insert_described, insert_duplicate, insert_image
from workbench import releases, reviews
from workbench.images import SCENE_SOURCE
from workbench.releases import leak_gate
from workbench.store import within

MEASURED = {Split.VALIDATION, Split.TEST}


def accept_all(session, media):
    """Color every caption and accept all of it."""
    made = colorize(session, media, insert_checkpoint(session))
    for row in made:
        reviews.review(session, row.id, "accept", reviewer="ada")
    return made


@pytest.mark.slow
def test_a_colorization_is_a_target_in_train_never_in_validation_or_test(session, media):
    insert_described(session, media, 12)
    for number in range(12, 24):
        insert_caption(session, insert_image(session, media, number, gray=True))
    accept_all(session, media)
    frozen = releases.items(session, create_release(session, media).id)
    targets = Counter((item.split in MEASURED, item.target) for item in frozen)
    assert targets[False, TargetKind.COLORIZATION] == 12
    assert targets[True, TargetKind.COLORIZATION] == 0
    assert {item.split for item in frozen} == set(Split)


@pytest.mark.slow
def test_where_colorizations_are_the_targets_the_originals_are_still_what_is_measured(session, media):
    images = {image.sha256: image for image in insert_described(session, media, 20)}
    made = {row.key: row for row in accept_all(session, media)}
    for item in releases.items(session, create_release(session, media, rules={"target": "colorization"}).id):
        if item.split in MEASURED:
            assert item.target is TargetKind.REFERENCE
            assert item.colorization_key is None
            assert item.color_key == images[item.image_sha256].upright_key
        else:
            assert item.target is TargetKind.COLORIZATION
            assert item.color_key == made[item.colorization_key].media_key


@pytest.mark.slow
def test_a_gray_near_duplicate_of_a_measured_photo_is_left_out_with_the_reason(session, media):
    images = insert_described(session, media, 3)
    create_release(session, media)
    places = {item.image_sha256: item.split for item in releases.items(session, releases.get(session, "set").id)}
    measured = next(image for image in images if places[image.sha256] in MEASURED)
    gray = insert_image(session, media, 30, gray=True)
    insert_caption(session, gray)
    insert_duplicate(session, gray, measured)
    lone = insert_image(session, media, 31, gray=True)
    insert_caption(session, lone)
    accept_all(session, media)
    release = create_release(session, media)
    reasons = {row.image_sha256: row.reason for row in releases.exclusions(session, release.id)}
    assert "measures against originals in color only" in reasons[gray.sha256]
    assert {item.split for item in releases.items(session, release.id) if item.image_sha256 == lone.sha256} == {Split.TRAIN}
    assert releases.verify(session, media, release.id) == []


@pytest.mark.parametrize("count", [1, 5])
def test_a_store_of_gray_photos_alone_is_released_for_training(session, media, count):
    insert_described(session, media, count, gray=True)
    accept_all(session, media)
    release = create_release(session, media)
    assert {item.split for item in releases.items(session, release.id)} == {Split.TRAIN}


def settled(session, images):
    return leak_gate.settle(images, reading=within(session), writing=within(session))


def test_a_scene_stands_where_the_images_stand_that_it_was_composed_from(session, media):
    images = insert_described(session, media, 10)
    places = settled(session, {image.sha256: True for image in images})
    for number, split in enumerate(Split, 40):
        part = next(image for image in images if places[image.sha256] is split)
        scene = insert_image(session, media, number, attributes={SCENE_SOURCE: [part.sha256]})
        insert_caption(session, scene)
        assert settled(session, {scene.sha256: True}) == {scene.sha256: split}
    frozen = {item.image_sha256: item.split for item in releases.items(session, create_release(session, media).id)}
    assert places.items() <= frozen.items()


def test_settling_again_moves_nobody(session, media):
    images = {image.sha256: True for image in insert_described(session, media, 6)}
    before = settled(session, images)
    more = images | {image.sha256: True for image in (insert_image(session, media, number) for number in range(50, 60))}
    assert before.items() <= settled(session, more).items()
