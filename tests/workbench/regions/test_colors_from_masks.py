"""Complete captions come from the original's colors, and wait for a person's word."""

import numpy as np
import pytest

from db.enums import CaptionLevel, CaptionStatus, Origin, RegionOrigin
from tests.stores import add_caption, add_described, ground
from workbench import captions, regions
from workbench.errors import InvalidInputError
from workbench.regions import colors_from_masks


def picture(session, media, left, right):
    """An image of two halves of one color each, with a region on each half."""
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:, :30], pixels[:, 30:] = left, right
    left_half = np.zeros((40, 60), bool)
    left_half[:, :30] = True
    halves = {"umbrella": left_half, "stairs": ~left_half}
    image = add_described(session, media, pixels, halves, file_name="halves.png", author="ada")
    return image, [view.region for view in regions.of_image(session, image.id)]


RED, BLUE, GRAY = (200, 32, 47), (39, 99, 196), (120, 120, 120)


def test_masked_objects_of_a_caption_get_the_colors_of_their_pixels(session, media):
    image, halves = picture(session, media, RED, BLUE)
    caption = add_caption(session, image, "an umbrella on the stairs near a dog")
    for noun, region in zip(("umbrella", "stairs"), halves, strict=True):
        ground(session, caption, noun, region)
    made = colors_from_masks.describe(session, media, image.id, author="rules")
    assert made.text == "a red umbrella on the blue stairs near a dog"
    assert (made.status, made.text_origin, made.derived_from_id) == (CaptionStatus.PROPOSED, Origin.RULE, caption.id)
    assert made.level is CaptionLevel.PARTIAL  # nobody has said where the dog is
    assert colors_from_masks.describe(session, media, image.id, author="rules").id == made.id


def test_without_a_caption_the_labels_are_listed(session, media):
    image, _ = picture(session, media, BLUE, GRAY)
    made = colors_from_masks.describe(session, media, image.id, author="rules")
    assert made.text in ("a blue umbrella and gray stairs", "gray stairs and a blue umbrella")
    assert made.level is CaptionLevel.COMPLETE


def test_colors_that_are_said_already_are_left_to_who_said_them(session, media):
    image, halves = picture(session, media, RED, BLUE)
    ground(session, add_caption(session, image, "a green umbrella"), "umbrella", halves[0])
    with pytest.raises(InvalidInputError, match="already"):
        colors_from_masks.describe(session, media, image.id, author="rules")


def test_a_gray_picture_shows_no_colors_to_name(session, media):
    image, _ = picture(session, media, GRAY, (20, 20, 20))
    with pytest.raises(InvalidInputError, match="gray"):
        colors_from_masks.describe(session, media, image.id, author="rules")


def test_a_region_of_two_colors_is_named_by_both_and_one_with_a_spot_by_one():
    rgb = np.zeros((10, 10, 3), np.uint8)
    rgb[:, :5], rgb[:, 5:] = RED, (245, 245, 245)
    assert sorted(colors_from_masks.color_names(rgb, np.ones((10, 10), bool))) == ["red", "white"]
    rgb[:, 1:5] = (245, 245, 245)
    assert colors_from_masks.color_names(rgb, np.ones((10, 10), bool)) == ["white"]


def test_what_lies_on_a_thing_does_not_color_it(session, media):
    image, (umbrella, _) = picture(session, media, RED, RED)
    whole = regions.add(session, image.id, np.ones((40, 60), bool), origin=RegionOrigin.HUMAN, label="wall", author="ada")
    caption = add_caption(session, image, "an umbrella before a wall")
    ground(session, caption, "wall", whole)
    ground(session, caption, "umbrella", umbrella)
    assert colors_from_masks.describe(session, media, image.id, author="rules").text == "a red umbrella before a red wall"
    assert captions.get(session, caption.id).text == "an umbrella before a wall"
