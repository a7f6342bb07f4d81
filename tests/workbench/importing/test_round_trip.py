"""What a release exports comes back by an import: captions to the byte, levels, masks bit for bit and what they mean."""

import pytest

from db.session import transaction
from tests.stores import add_caption, add_image, add_region, ground, opened
from workbench import captions, exports, images, importing, regions, releases
from workbench.images import near_index
from workbench.imaging import masks

pytestmark = pytest.mark.slow


TEXTS = ("a red cup on a brown table", " a red cup  on a table\t", "a cup, “and” a table: café")


@pytest.fixture
def release(session, media):
    """A release of four images with three captions each and two masks."""
    for seed in range(4):
        image = add_image(session, media, seed)
        cup, table = add_region(session, image, left=seed), add_region(session, image, left=40 + seed, side=15)
        for text in TEXTS:
            caption = add_caption(session, image, text)
            ground(session, caption, "cup", cup)
            ground(session, caption, "table", table)
    return releases.create(session, media, name="set", author="ada")


@pytest.fixture
def other(tmp_path):
    """A session on another, empty store, and its media."""
    with opened(tmp_path / "other") as (engines, media), transaction(engines.writer) as session:
        yield session, media


def descriptions(session):
    """Captions with their levels, by the pixels they describe."""
    return {
        (image.pixel_hash, view.caption.text, view.caption.level)
        for image in images.find(session)
        for view in captions.of_image(session, image.id)
    }


def meanings(session):
    """Which words of which caption mean which mask."""
    return {
        (image.pixel_hash, view.caption.text, mention.phrase, masks.mask_hash(mask))
        for image in images.find(session)
        for view in captions.of_image(session, image.id)
        for mention in regions.for_caption(session, view.caption.id)
        for mask in mention.masks
    }


def outlines(session):
    return {(image.pixel_hash, view.region.mask_hash) for image in images.find(session) for view in regions.of_image(session, image.id)}


@pytest.mark.parametrize("layout", ["imagefolder", "webdataset", "coco", "lcad"])
@pytest.mark.slow
def test_an_export_comes_back(session, media, release, other, tmp_path, layout):
    exports.write(session, media, release.id, layout, tmp_path / layout)
    fresh, fresh_media = other
    batch = importing.prepare(importing.scan([tmp_path / layout]), fresh_media)
    intake = importing.store(fresh, batch, source="export", near=importing.likenesses(near_index(fresh), batch), author="bo")
    assert intake.failures == []
    assert descriptions(fresh) == descriptions(session)
    if layout != "lcad":  # that layout has no masks
        assert outlines(fresh) == outlines(session)
        assert meanings(fresh) == meanings(session)


def as_lines(described):
    """Descriptions with each run of white space made one blank."""
    return {(pixels, " ".join(text.split()), level) for pixels, text, level in described}


@pytest.mark.parametrize("layout", ["sd-scripts", "label-studio"])
@pytest.mark.slow
def test_an_export_without_room_for_white_space_comes_back_as_lines(session, media, release, other, tmp_path, layout):
    exports.write(session, media, release.id, layout, tmp_path / layout)
    fresh, fresh_media = other
    batch = importing.prepare(importing.scan([tmp_path / layout], layout), fresh_media)
    intake = importing.store(fresh, batch, source="export", near=importing.likenesses(near_index(fresh), batch), author="bo")
    assert intake.failures == []
    assert as_lines(descriptions(fresh)) == as_lines(descriptions(session))
    if layout == "label-studio":
        assert outlines(fresh) == outlines(session)
        assert meanings(fresh) < meanings(session)  # a label has room for one caption's words
        assert meanings(fresh)
