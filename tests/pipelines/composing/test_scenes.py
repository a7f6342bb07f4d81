"""Scenes as pure functions of arrays: exact masks, captions true at every level, the same for the same seed."""

import numpy as np
import pytest

from pipelines.composing.captions import LEVELS, plural
from pipelines.composing.recoloring import CHROMATIC, COLORS, color_words, largest_chroma, recolor, to_lab, to_rgb, to_u8
from pipelines.composing.scenes import compose_scene, cutout_from_region
from pipelines.pretraining.captioned_photos import describe_photo
from tests.pipelines.drawn import disc, slab, slope

CUTOUTS, BACKDROPS = [disc(), slab(), disc(24, "berry")], [slope()]


def scene(seed, count=2, size=64, **options):
    return compose_scene(np.random.default_rng(seed), CUTOUTS, BACKDROPS, count, size, **options)


def test_a_seed_gives_the_same_scene_and_another_seed_another():
    one, again, other = scene(3), scene(3), scene(4)
    assert np.array_equal(one.rgb, again.rgb)
    assert np.array_equal(one.masks, again.masks)
    assert one.captions == again.captions
    assert not np.array_equal(one.rgb, other.rgb)


@pytest.mark.parametrize("seed", range(12))
def test_masks_part_the_picture_between_the_objects_and_the_background(seed):
    made = scene(seed, count=1 + seed % 4)
    assert made.masks.shape == (len(made.objects), 64, 64)
    assert made.masks.sum(0).max() <= 1, "no pixel belongs to two objects"
    assert made.masks.any(0).mean() > 0.97, "only pixels that several objects share by halves belong to none"


def test_a_mask_is_exactly_where_the_object_was_painted():
    """An opaque gray slab without recoloring on a green and blue backdrop: the mask is what is gray."""
    exact = 0
    for seed in range(30):
        made = compose_scene(np.random.default_rng(seed), [slab()], BACKDROPS, 1, 64, recolored=0.0)
        if made.objects[-1].label != "meadow":
            continue  # a tinted background may be gray as well
        chroma = np.hypot(*np.moveaxis(to_lab(made.rgb)[..., 1:], -1, 0))
        assert (made.masks[0] == (chroma < 14)).mean() > 0.97
        exact += 1
    assert exact >= 5


@pytest.mark.parametrize("seed", range(10))
def test_every_phrase_stands_at_its_span_and_a_colored_one_says_the_color(seed):
    made = scene(seed, count=1 + seed % 3)
    for caption in made.captions:
        assert caption.level in LEVELS
        assert caption.phrases
        for phrase in caption.phrases:
            assert caption.text[phrase.start : phrase.end] == phrase.text
            if phrase.colored and (word := made.objects[phrase.subject].color):
                assert word in phrase.text.split()


def test_a_level_says_how_many_of_the_named_things_have_a_color():
    for seed in range(40):
        for caption in scene(seed, count=3).captions:
            colored = [phrase.colored for phrase in caption.phrases]
            assert caption.level == ("complete" if all(colored) else "partial" if any(colored) else "scarce")


def test_recolored_objects_have_the_color_that_is_asked_for_and_keep_their_lightness():
    rng, cup = np.random.default_rng(0), to_lab(disc().rgba[..., :3])
    for name in CHROMATIC:
        painted = recolor(rng, cup, COLORS[name])
        assert np.array_equal(painted[..., 0], cup[..., 0])
        seen = to_lab(to_rgb(painted))
        assert np.abs(seen[..., 0] - cup[..., 0]).max() < 2.0, "the gamut is respected, so lightness survives the way to sRGB"
        hue = np.degrees(np.arctan2(np.median(seen[..., 2]), np.median(seen[..., 1])))
        assert abs((hue - COLORS[name].hue + 180) % 360 - 180) < 25


def test_the_lightness_of_an_object_does_not_tell_its_color():
    rng = np.random.default_rng(1)
    cup = to_lab(disc().rgba[..., :3])
    light = [float(recolor(rng, cup, COLORS[name])[..., 0].mean()) for name in CHROMATIC]
    assert np.ptp(light) == 0


def test_the_basic_terms_of_reference_colors_are_their_own():
    chips = {"red": (200, 30, 40), "green": (40, 150, 60), "blue": (40, 80, 200), "yellow": (235, 210, 40), "pink": (240, 130, 180),
             "brown": (125, 80, 45), "purple": (130, 50, 170), "orange": (240, 130, 20), "gray": (128, 128, 128), "white": (245, 245, 245),
             "black": (15, 15, 15)}  # fmt: skip
    for name, rgb in chips.items():
        assert color_words(to_lab(np.uint8([[rgb]])))[0, 0] == name


def test_no_chroma_fits_into_black_and_white():
    assert largest_chroma(np.array([0.0, 100.0]), 40.0).max() <= 4
    assert largest_chroma(np.array([50.0]), 40.0)[0] > 60


def test_a_region_of_a_picture_becomes_a_cutout_of_its_box():
    rgb, mask = np.full((20, 30, 3), 90, np.uint8), np.zeros((20, 30), bool)
    mask[5:12, 8:20] = True
    cutout = cutout_from_region(rgb, mask, "box")
    assert cutout.rgba.shape == (7, 12, 4)
    assert cutout.rgba[3, 6, 3] == 255
    with pytest.raises(ValueError, match="empty"):
        cutout_from_region(rgb, np.zeros_like(mask), "box")
    with pytest.raises(ValueError, match="its image"):
        cutout_from_region(rgb, mask[:, 1:], "box")


def test_a_photo_is_described_by_its_dominant_colors_where_they_are():
    made = describe_photo(np.random.default_rng(0), slope(), 64)
    named = {one.color: mask for one, mask in zip(made.objects, made.masks, strict=True)}
    assert set(named) == {"blue", "green"}
    assert named["blue"][:10].mean() > 0.9
    assert named["green"][-10:].mean() > 0.9
    assert [caption.level for caption in made.captions] == ["complete", "partial", "scarce"]
    for caption in made.captions:
        for phrase in caption.phrases:
            assert caption.text[phrase.start : phrase.end] == phrase.text


def test_scenes_are_refused_without_pictures_or_with_too_many_objects():
    with pytest.raises(ValueError, match="needs cut-outs"):
        compose_scene(np.random.default_rng(0), [], BACKDROPS, 1)
    with pytest.raises(ValueError, match="1 to 4"):
        scene(0, count=5)


def test_plurals_follow_the_last_word_and_are_left_out_where_they_would_not():
    assert plural("green apple") == "green apples"
    assert plural("berry") == "berries"
    assert plural("fox") == "foxes"
    assert plural("bunch of grapes") is None
    assert plural("cherries") is None


def test_eight_bits_round_and_do_not_cut():
    assert to_u8(np.array([[[0.999, 0.5, -0.1]]])).tolist() == [[[255, 128, 0]]]
