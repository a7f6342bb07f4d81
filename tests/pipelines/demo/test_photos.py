"""The photos of installed packages: what is there, what it shows, where its things are."""

import numpy as np
import pytest

from pipelines.composing.colors import to_lab
from pipelines.demo import photos as module
from pipelines.demo.outlines import coverage, mask, outlines
from workbench.colors import name_of_color


def test_a_dozen_photos_come_from_the_installed_packages_with_license_and_source(photos):
    assert photos.missing == ()
    assert len(photos) == 12
    for photo in photos:
        assert photo.path.is_file()
        assert photo.license
        assert photo.source
        assert {caption.level for caption in photo.captions} == {"complete", "partial", "scarce"}


def test_a_photo_is_a_reference_exactly_when_it_has_colors(photos):
    for photo in photos:
        gray = bool((photo.rgb.max(-1) == photo.rgb.min(-1)).all())
        assert photo.reference is not gray, photo.name


def test_a_file_that_another_version_lacks_is_left_out_with_a_reason(monkeypatch):
    real = module._inside_package
    monkeypatch.setattr(module, "_inside_package", lambda package, inside: None if "coffee" in inside else real(package, inside))
    found = module.demo_photos()
    assert found.missing == ("coffee: the installed skimage has no file data/coffee.png",)
    assert found.named("coffee") is None
    assert found.named("chelsea") is not None


def test_a_package_that_is_not_installed_has_no_files():
    assert module._inside_package("no_such_package_here", "data/a.png") is None


def test_every_traced_thing_has_a_mask_of_its_photos_size_that_is_neither_empty_nor_all(photos):
    for photo in photos:
        for region in photo.regions:
            assert region.mask.shape == photo.rgb.shape[:2]
            assert 0.001 < region.mask.mean() < 0.9, (photo.name, region.name)


@pytest.mark.parametrize(
    ("photo", "region", "term"),
    [
        ("astronaut", "suit", "orange"),
        ("astronaut", "hair", "brown"),
        ("coffee", "cup", "red"),
        ("coffee", "saucer", "red"),
        ("coffee", "table", "brown"),
        ("chelsea", "fur", "brown"),
        ("rocket", "sky", "blue"),
        ("motorcycle", "paint", "red"),
        ("motorcycle", "seat", "black"),
        ("motorcycle", "tub", "red"),
        ("flower", "flower", "orange"),
        ("flower", "leaves", "green"),
    ],
)
def test_a_traced_things_median_color_is_the_one_that_its_captions_name(photos, photo, region, term):
    rgb = photos.named(photo).rgb
    where = next(one.mask for one in photos.named(photo).regions if one.name == region)
    assert name_of_color(np.median(to_lab(rgb)[where], axis=0).tolist()) == term


def test_things_that_lie_on_each_other_do_not_share_pixels():
    cup, saucer, spoon, table = (mask("coffee", name, 600, 400) for name in ("whole cup", "saucer", "spoon", "table"))
    assert (cup.astype(int) + saucer + spoon + table).max() == 1


def test_coverage_is_one_inside_zero_outside_and_between_at_the_edge():
    drawn = coverage("flower", "flower", 640, 427)
    assert drawn[222, 308] == 1
    assert drawn[0, 0] == 0
    assert 0 < ((drawn > 0) & (drawn < 1)).mean() < 0.01


def test_every_polygon_is_an_outline_inside_its_photo(photos):
    for name, shapes in outlines().items():
        height, width = photos.named(name).rgb.shape[:2]
        for shape, entry in shapes.items():
            for polygon in entry["add"]:
                corners = np.array(polygon)
                assert 3 < len(corners) <= 120, (name, shape)
                assert corners.min() >= 0
                assert (corners <= (width, height)).all(), (name, shape)
