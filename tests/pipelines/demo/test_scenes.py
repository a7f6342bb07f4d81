"""Composed scenes: exact masks, the colors that were asked, the same every time."""

import numpy as np
import pytest

from pipelines.composing.recoloring import to_lab
from pipelines.demo import photos as photos_module
from pipelines.demo.scenes import demo_scenes
from workbench.imaging import basic_term
from workbench.imaging.color_names import name_of_color


def test_at_least_a_dozen_scenes_are_made_with_captions_at_every_level(scenes):
    assert scenes.missing == ()
    assert len(scenes) >= 12
    assert len({scene.name for scene in scenes}) == len(scenes)
    for scene in scenes:
        assert scene.rgb.shape == (96, 96, 3)
        assert scene.rgb.dtype == np.uint8
        assert {caption.level for caption in scene.captions} == {"complete", "partial", "scarce"}
        assert scene.license.startswith("Apache-2.0")


def test_masks_are_of_the_pictures_size_not_empty_and_never_overlap(scenes):
    for scene in scenes:
        stack = np.stack([region.mask for region in scene.regions])
        assert stack.shape[1:] == scene.rgb.shape[:2]
        assert stack.mean((1, 2)).min() > 0.005, scene.name
        assert stack.sum(0).max() == 1, scene.name


def test_every_recolored_thing_has_the_median_color_of_its_word(scenes):
    wrong = []
    for scene in scenes:
        lab = to_lab(scene.rgb)
        for region in scene.regions:
            if word := scene.colors.get(region.name):
                seen = name_of_color(np.median(lab[region.mask], axis=0).tolist())
                wrong += [(scene.name, region.name, word, seen)] if seen != basic_term(word) else []
    assert wrong == []


def test_complete_captions_ask_for_the_colors_that_the_things_were_given(scenes):
    for scene in scenes:
        for caption in scene.captions:
            for phrase in caption.phrases:
                word = scene.colors.get(phrase.region)
                if word and caption.level == "complete":
                    assert word in phrase.text.split(), (scene.name, phrase.text)


@pytest.mark.slow
def test_scenes_are_the_same_every_time(scenes):
    again = demo_scenes(96)
    assert all(np.array_equal(one.rgb, other.rgb) for one, other in zip(scenes, again, strict=True))


@pytest.mark.slow
def test_a_scene_whose_photo_is_missing_is_left_out_with_the_reason(monkeypatch):
    real = photos_module._inside_package
    monkeypatch.setattr(photos_module, "_inside_package", lambda package, inside: None if "flower" in inside else real(package, inside))
    gathered = demo_scenes(16)
    assert "purple-flower: needs the photo flower, which is missing" in gathered.missing
    assert gathered.named("three-solids") is not None
    assert gathered.named("purple-flower") is None
