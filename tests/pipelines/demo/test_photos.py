"""The photos of installed packages: what is there, what it shows, where its things are."""

import numpy as np
import pytest

from pipelines.composing.recoloring import to_lab
from pipelines.demo import photos as module
from workbench.imaging.color_names import name_of_color


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
    photos = module.demo_photos()
    assert photos.missing == ("coffee: the installed skimage has no file data/coffee.png",)
    assert photos.named("coffee") is None
    assert photos.named("chelsea") is not None


def test_without_the_demo_extra_its_photos_are_left_out_and_told_with_the_remedy(monkeypatch):
    real = module.find_spec
    monkeypatch.setattr(module, "find_spec", lambda package: None if package == "sklearn" else real(package))
    photos = module.demo_photos()
    remedy = "scikit-learn carries this photo and is not installed; run pip install 'lcad-workbench[demo]'"
    assert photos.missing == (f"china: {remedy}", f"flower: {remedy}")
    assert len(photos) == 10


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
