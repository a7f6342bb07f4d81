"""Each check finds what it is for, says why, and leaves the rest alone."""

import numpy as np
import pytest

from db.enums import CaptionLevel, Origin, RegionOrigin
from tests.pictures import encoded
from tests.stores import add_image, insert_image
from tests.stores.counted_steps import steps_of
from workbench import captions, images, regions
from workbench.errors import NotFoundError
from workbench.regions import quality_checks


@pytest.fixture
def image(session, media):
    return add_image(session, media)


def say(session, image, text):
    return captions.add(session, image.id, text, text_origin=Origin.HUMAN, author="ada")


def findings_of(session, name):
    assert quality_checks.count(session, name) == len(quality_checks.find(session, name))
    return quality_checks.find(session, name)


def test_a_sound_store_has_no_findings(session, image):
    say(session, image, "a red cup on a brown table")
    say(session, image, "a red cup and a blue plate")
    assert [name for name in quality_checks.CHECKS if findings_of(session, name)] == []
    assert quality_checks.contradictions(session) == ([], image.id)


def test_an_original_with_hardly_any_color_is_found(session, media, image):
    ramp = np.linspace(40, 220, 96 * 64).reshape(64, 96, 1) + np.array([8.0, 0.0, -8.0])
    dull = images.import_file(session, media, encoded(ramp.astype(np.uint8)), file_name="dull.png", source="test").image
    assert dull.has_reference
    assert [(finding.image_id, finding.caption_id) for finding in findings_of(session, "near-gray")] == [(dull.id, None)]


def test_a_caption_beyond_what_clip_reads_is_found(session, image):
    long = say(session, image, "a red cup, " * 40 + "and a blue plate")
    say(session, image, "a red cup")
    assert [finding.caption_id for finding in findings_of(session, "truncated")] == [long.id]


def test_a_caption_that_a_person_marked_complete_without_a_color_is_found(session, image):
    bare = say(session, image, "a cup on a table")
    captions.set_level(session, bare.id, CaptionLevel.COMPLETE, actor="ada")
    [finding] = findings_of(session, "colorless")
    assert finding.caption_id == bare.id
    assert finding.reason == "Marked complete, but it names no color"


def test_captions_that_give_one_object_different_colors_contradict_each_other(session, media, image):
    say(session, image, "a red cup on a table")
    say(session, image, "a blue cup on a brown table")
    say(session, add_image(session, media, seed=1), "a green cup")
    [finding], last = quality_checks.contradictions(session)
    assert last == image.id + 1
    assert (finding.image_id, finding.reason) == (image.id, "Captions give “cup” different colors")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a red and white cup", "a white cup"),
        ("a red cup and a blue cup", "a blue cup"),
        ("a red cup", "a cup on a blue table"),
    ],
)
def test_captions_that_may_both_be_true_do_not(session, image, one, other):
    say(session, image, one)
    say(session, image, other)
    assert quality_checks.contradictions(session)[0] == []


def test_contradictions_are_looked_for_a_part_at_a_time_and_none_is_missed(session, media, monkeypatch):
    monkeypatch.setattr(quality_checks, "IMAGES_AT_A_TIME", 2)
    several = [add_image(session, media, seed) for seed in range(5)]
    for image in several[::2]:
        for color in ("red", "blue"):
            say(session, image, f"a {color} cup on a {'red' if color == 'blue' else 'blue'} table")
    parts, after = [], 0
    while after is not None:
        found_here, after = quality_checks.contradictions(session, after, limit=1)
        parts += [(finding.image_id, finding.reason.split("”")[0][-3:]) for finding in found_here]
    assert parts == [(image.id, noun) for image in several[::2] for noun in ("cup", "ble")]


def test_dropped_captions_are_not_found(session, image):
    say(session, image, "a red cup")
    captions.drop(session, [say(session, image, "a blue cup").id], actor="ada")
    assert quality_checks.contradictions(session)[0] == []


def test_a_color_that_the_original_does_not_show_in_the_mask_is_found(session, media):
    pixels = np.full((64, 96, 3), 128, np.uint8)
    pixels[:, :48] = (200, 30, 40)
    image = images.import_file(session, media, encoded(pixels), file_name="half.png", source="test").image
    mask = np.zeros((64, 96), bool)
    mask[10:50, 5:40] = True
    region = regions.add(session, image.id, mask, origin=RegionOrigin.HUMAN, author="ada")
    right, wrong = say(session, image, "a red cup"), say(session, image, "a blue cup")
    for caption in (right, wrong):
        [mention] = regions.for_caption(session, caption.id)
        regions.ground(session, mention.mention.id, region.id, origin=Origin.HUMAN, actor="ada")
    say(session, image, "a green plate")
    findings, last = quality_checks.unseen_colors(session, media)
    reason = "The caption says blue; 0% of the mask of “cup” is blue (color or mask wrong)"
    assert [(finding.caption_id, finding.reason) for finding in findings] == [(wrong.id, reason)]
    assert last == wrong.id
    assert quality_checks.unseen_colors(session, media, after_id=last) == ([], None)


def test_a_mask_that_no_person_has_seen_accuses_no_caption(session, media):
    pixels = np.full((64, 96, 3), 128, np.uint8)
    pixels[:, :48] = (200, 30, 40)
    image = images.import_file(session, media, encoded(pixels), file_name="half.png", source="test").image
    mask = np.zeros((64, 96), bool)
    mask[10:50, 5:40] = True
    region = regions.add(session, image.id, mask, origin=RegionOrigin.SAM, author="run")
    caption = say(session, image, "a blue cup")
    [mention] = regions.for_caption(session, caption.id)
    regions.ground(session, mention.mention.id, region.id, origin=Origin.MODEL, actor="run")
    assert quality_checks.unseen_colors(session, media) == ([], None)
    regions.correct(session, region.id, mask, origin=RegionOrigin.HUMAN, actor="ada")
    assert [finding.caption_id for finding in quality_checks.unseen_colors(session, media)[0]] == [caption.id]


def test_an_unknown_check_is_named(session):
    with pytest.raises(NotFoundError, match="no check 'spelling'"):
        quality_checks.find(session, "spelling")


@pytest.mark.sqlite
def test_originals_without_color_are_counted_without_reading_the_others(session, media):
    for number in range(4):
        insert_image(session, media, number).colorfulness = 5.0
    session.flush()
    few = steps_of(session, lambda session: quality_checks.count(session, "near-gray"))
    for number in range(4, 100):
        insert_image(session, media, number)
    assert quality_checks.count(session, "near-gray") == 4
    assert steps_of(session, lambda session: quality_checks.count(session, "near-gray")) <= few + 20
