from dataclasses import replace

import numpy as np
import pytest
import torch

from lcad import LCADPipeline, Region
from lcad.chroma import Constraints, Pin
from lcad.crop_refinement import CropRefinement, crops_of, with_colors
from lcad.guidance import InstanceGuidance
from lcad.imaging import image_to_lab
from lcad.settings import PipelineSettings

CAPTION = "a red bird, a green cup, a table"


@pytest.fixture(scope="module")
def looking(tiny_folder):
    """The tiny pipeline, which looks closer at small regions."""
    pipeline = LCADPipeline.from_pretrained(tiny_folder)
    pipeline.settings = replace(pipeline.settings, crop_refinement=CropRefinement())
    return pipeline


def mask_at(top, left, side, size=(64, 64)):
    mask = np.zeros(size, bool)
    mask[top : top + side, left : left + side] = True
    return mask


def looks(pipeline, picture, regions, constraints=None):
    job = pipeline.find(pipeline.read([picture], [CAPTION], [regions], constraints=[constraints]), pipeline.settings.instance)[0]
    return crops_of(pipeline.components, pipeline.settings.native_size, job, pipeline.settings.crop_refinement)


def test_the_box_is_a_square_around_the_region_within_the_picture():
    box = CropRefinement(margin=1.5, least_zoom=1.2, most_zoom=4).box(mask_at(0, 40, 20))
    assert box == (slice(0, 30), slice(34, 64))  # moved in from the upper and the right border


def test_a_tiny_region_gets_more_of_its_surroundings_and_a_large_one_no_second_look():
    settings = CropRefinement(margin=1.5, least_zoom=1.2, most_zoom=4)
    rows, columns = settings.box(mask_at(30, 30, 2))
    assert rows.stop - rows.start == columns.stop - columns.start == 16
    assert settings.box(mask_at(0, 0, 40)) is None
    assert settings.box(np.zeros((64, 64), bool)) is None


def test_a_picture_too_narrow_for_the_square_keeps_its_first_colors():
    assert CropRefinement().box(mask_at(0, 10, 8, size=(8, 512))) is None


@pytest.mark.parametrize("wrong", [{"margin": 0.5}, {"least_zoom": 0.9}, {"least_zoom": 3.0, "most_zoom": 2.0}, {"margin": float("nan")}])
def test_settings_that_are_no_closer_look_are_refused(wrong):
    with pytest.raises(ValueError, match="least_zoom ≤ most_zoom"):
        CropRefinement(**wrong)


def test_a_look_has_its_phrase_alone_and_the_box_at_the_size_of_the_model(looking, noise_image):
    picture = noise_image(64, 64)
    (look,) = looks(looking, picture, [Region("a green cup", mask_at(10, 20, 12))])
    assert look.request.prompt.caption == "a green cup"
    assert look.request.tokens.sum() > 0
    assert look.request.lightness.shape == look.weight.shape
    assert look.weight.sum() == 12 * 12
    whole = looking.read([picture], [CAPTION])[0]
    assert np.array_equal(look.request.lightness, whole.lightness[look.box])
    assert look.request.canvas.padded == whole.canvas.padded


@pytest.mark.parametrize(
    ("words", "terms", "said"),
    [
        ("grapes", ["red"], "red grapes"),
        ("The cup", ["red", "green"], "red and green cup"),
        ("a scarlet cup", ["red"], "a scarlet cup"),
        ("a cup", [], "a cup"),
    ],
)
def test_a_look_says_the_color_that_the_caption_says_elsewhere(words, terms, said):
    assert with_colors(words, terms) == said


def test_what_is_looked_at_alone_is_asked_for_in_its_color(looking, noise_image):
    regions = [Region("a table", mask_at(8, 8, 16), ["blue"])]
    (crop,) = looks(looking, noise_image(64, 64), regions)
    assert crop.request.prompt.caption == "blue table"
    assert crop.request.tokens[0].sum() == looking.read([noise_image(64, 64)], ["blue table"], [[Region("blue table")]])[0].tokens[0].sum()


def test_regions_without_a_color_or_with_a_pin_are_not_looked_at_again(looking, noise_image):
    picture, mask = noise_image(64, 64), mask_at(10, 20, 12)
    assert not looks(looking, picture, [Region("a table", mask)])
    pinned = Constraints([Pin(mask_at(15, 25, 3), "blue")])
    assert not looks(looking, picture, [Region("a red bird", mask)], pinned)
    (look,) = looks(looking, picture, [Region("a red bird", mask)], Constraints(palette=["red", "navy"]))
    assert look.request.constraints.palette == ["red", "navy"]


@pytest.mark.slow
def test_a_phrase_without_a_mask_is_looked_at_where_it_was_found(looking, tiny, noise_image, monkeypatch):
    picture, region = noise_image(64, 64), Region("a green cup")
    soft = torch.zeros(1, *looking.read([picture], [CAPTION])[0].canvas.padded)
    side = soft.shape[-1] // 4
    soft[:, :side, :side] = 0.8
    monkeypatch.setattr("lcad.phrase_search.soft_masks", lambda *_: soft)
    (look,) = looks(looking, picture, [region])
    assert look.box[0].start == look.box[1].start == 0
    assert look.weight.max() == 1  # four times 0.8 − 1/2, at most 1
    assert look.weight[-1, -1] == 0
    once, twice = (pipeline([picture], [CAPTION], [[region]], steps=2).images[0] for pipeline in (tiny, looking))
    changed = np.abs(np.asarray(once).astype(int) - np.asarray(twice)).max(-1) > 1
    assert changed[look.box][look.weight > 0.1].mean() > 0.5
    changed[look.box] = False
    assert not changed.any()
    lightness = [image_to_lab(np.asarray(image))[..., 0] for image in (once, twice)]
    assert np.abs(lightness[0] - lightness[1]).max() < 1


@pytest.mark.slow
def test_without_guidance_by_instance_nothing_is_looked_at_again(looking, tiny, noise_image):
    picture, region, off = noise_image(64, 64), Region("a green cup", mask_at(10, 20, 12)), InstanceGuidance(strength=0)
    once, twice = (pipeline([picture], [CAPTION], [[region]], steps=2, instance=off).images[0] for pipeline in (tiny, looking))
    assert np.array_equal(np.asarray(once), np.asarray(twice))


def test_a_look_changes_its_own_mask_alone_and_no_lightness(looking, tiny, noise_image):
    picture = noise_image(64, 64)
    small, large = Region("a green cup", mask_at(10, 20, 12)), Region("a red bird", mask_at(0, 0, 60))
    (once,) = tiny([picture], [CAPTION], [[small, large]], steps=2).images
    (twice,) = looking([picture], [CAPTION], [[small, large]], steps=2).images
    changed = np.abs(np.asarray(once).astype(int) - np.asarray(twice)).max(-1) > 1  # batches of other sizes round otherwise
    assert changed[small.mask].mean() > 0.5
    assert not changed[~small.mask].any()
    lightness = [image_to_lab(np.asarray(image))[..., 0] for image in (once, twice)]
    assert np.abs(lightness[0] - lightness[1]).max() < 1


@pytest.mark.slow
def test_pictures_in_a_batch_get_the_same_looks_as_alone(looking, noise_image):
    pictures = [noise_image(64, 64, seed=n) for n in range(3)]
    regions = [[Region("a green cup", mask_at(10, 20, 12))], [], [Region("a red bird", mask_at(30, 5, 20))]]
    output = looking(pictures, [CAPTION] * 3, regions, [1, 2, 3], steps=2)
    for picture, own_regions, seed, image in zip(pictures, regions, (1, 2, 3), output.images, strict=True):
        (alone,) = looking([picture], [CAPTION], [own_regions], [seed], steps=2).images
        assert np.abs(np.asarray(alone).astype(int) - np.asarray(image)).max() <= 1
    assert min(output.seconds) > 0


@pytest.mark.slow
def test_settings_come_back_from_a_checkpoint(looking, tmp_path):
    looking.save_pretrained(tmp_path)
    assert LCADPipeline.from_pretrained(tmp_path).settings.crop_refinement == CropRefinement()
    assert PipelineSettings.from_json(PipelineSettings().to_json()).crop_refinement is None, "as published unless a checkpoint asks for it"
