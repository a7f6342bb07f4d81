"""Files become images once, with what was measured of them; tags come and go; pixels come back."""

import numpy as np
import PIL.Image
import pytest
from skimage.color import rgb2lab

from db.enums import DuplicateKind
from db.models import Duplicate, Image
from tests.pictures import encoded, picture
from tests.stores import add_caption, add_image, add_region
from workbench import images, overview
from workbench.errors import InvalidInputError, NotFoundError, UnreadableFileError
from workbench.images import Credit, ingest
from workbench.store import events


def add(session, media, content, name="a.png"):
    return images.import_file(
        session, media, content, file_name=name, source="test", credit=Credit(license="CC0"), attributes={"camera": "x"}
    )


def test_an_image_knows_what_its_file_is(session, media):
    content = encoded(picture(1))
    outcome = add(session, media, content)
    image = outcome.image
    assert outcome.status == "added"
    assert (image.width, image.height, image.format, image.bit_depth, image.license) == (96, 64, "PNG", 8, "CC0")
    assert image.attributes == {"camera": "x"}
    assert media.read(image.media_key) == content
    assert image.upright_key == image.media_key
    assert image.mean_lightness == pytest.approx(rgb2lab(picture(1))[..., 0].mean(), abs=1e-6)


def test_colorfulness_is_that_of_hasler_and_suesstrunk(session, media):
    pixels = picture(2).astype(float)
    yellow_blue = (pixels[..., 0] + pixels[..., 1]) / 2 - pixels[..., 2]
    red_green = pixels[..., 0] - pixels[..., 1]
    expected = np.hypot(red_green.std(), yellow_blue.std()) + 0.3 * np.hypot(red_green.mean(), yellow_blue.mean())
    assert add_image(session, media, 2).colorfulness == pytest.approx(expected)


def test_an_original_that_no_browser_reads_gets_an_upright_rendition(session, media):
    content = encoded(picture(1), "TIFF")
    image = add(session, media, content, "a.tif").image
    assert media.read(image.media_key) == content
    assert image.upright_key != image.media_key
    with PIL.Image.open(media.open(image.upright_key)) as rendition:
        assert (rendition.format, rendition.mode) == ("PNG", "RGB")
    np.testing.assert_array_equal(images.upright_rgb(media, image), picture(1))


@pytest.mark.parametrize("quality", [30, 60, 95])
def test_a_gray_picture_saved_as_color_has_no_reference(session, media, quality):
    gray = picture(3, color=False).astype(int)
    noisy = np.clip(gray + np.random.default_rng(0).integers(-2, 3, gray.shape), 0, 255).astype(np.uint8)
    image = add(session, media, encoded(noisy, "JPEG", quality=quality), "a.jpg").image
    assert not image.has_reference


@pytest.mark.parametrize("seed", range(4))
def test_a_color_picture_is_its_own_reference(session, media, seed):
    assert add_image(session, media, seed).has_reference


def test_a_little_color_is_color(session, media):
    pixels = picture(4, color=False).copy()
    pixels[:10, :10] = (200, 30, 30)
    assert add(session, media, encoded(pixels)).image.has_reference


def test_the_same_file_is_not_added_twice(session, media):
    first = add(session, media, encoded(picture(1)))
    again = add(session, media, encoded(picture(1)), "b.png")
    assert (again.status, again.duplicate_of, again.image) == ("exact_duplicate", first.image.id, first.image)
    assert images.count(session) == 1


def test_the_same_pixels_in_another_container_are_not_added_twice(session, media):
    first = add(session, media, encoded(picture(1)))
    again = add(session, media, encoded(picture(1), "WEBP", lossless=True, exact=True), "b.webp")
    assert (again.status, again.duplicate_of) == ("exact_duplicate", first.image.id)


def test_a_near_duplicate_is_added_and_recorded(session, media):
    first = add(session, media, encoded(picture(1))).image
    worse = add(session, media, encoded(picture(1), "JPEG", quality=40), "b.jpg")
    add(session, media, encoded(picture(2)), "c.png")
    assert (worse.status, worse.near) == ("added", 1)
    [pair] = session.query(Duplicate).all()
    assert (pair.image_id, pair.original_id, pair.kind) == (worse.image.id, first.id, DuplicateKind.NEAR)
    assert 0 <= pair.distance <= 8


def test_a_batch_with_copies_in_it_is_stored_as_one_by_one(session, media):
    contents = [encoded(picture(1)), encoded(picture(2)), encoded(picture(1)), encoded(picture(1), "JPEG", quality=40)]
    batch = [ingest.keep(media, ingest.prepare(content, f"{number}.png")) for number, content in enumerate(contents)]
    near = ingest.likenesses(ingest.near_index(session), batch)
    outcomes = ingest.store(session, batch, source="test", near=near, actor="ada")
    assert [outcome.status for outcome in outcomes] == ["added", "added", "exact_duplicate", "added"]
    assert outcomes[2].image == outcomes[0].image
    assert [outcome.near for outcome in outcomes] == [0, 0, 0, 1]
    assert len(ingest.near_index(session)) == 3
    assert [outcome.image.file_name for outcome in outcomes] == ["0.png", "1.png", "0.png", "3.png"]
    assert ingest.store(session, [], source="test", near=near, actor="ada") == []


def test_the_record_of_an_import_equals_the_row(session, media):
    image = add(session, media, encoded(picture(1))).image
    [created] = events.history(session, "image", image.id)
    assert created.after == events.snapshot(session, "image", image.id)


def test_an_import_can_be_undone_and_redone(session, media):
    image = add(session, media, encoded(picture(1))).image
    before = events.snapshot(session, "image", image.id)
    undo = events.undo(session, events.history(session, "image", image.id)[0].id, actor="ada")
    assert images.count(session) == 0
    events.undo(session, undo.id, actor="ada")
    assert events.snapshot(session, "image", image.id) == before


def test_a_broken_file_leaves_nothing_behind(session, media, tmp_path):
    with pytest.raises(UnreadableFileError):
        add(session, media, encoded(picture(1))[:300])
    assert session.query(Image).count() == 0
    assert not [path for path in (tmp_path / "media").rglob("*") if path.is_file()]


def test_lightness_comes_from_the_upright_pixels(session, media):
    image = add_image(session, media, 1)
    lightness = images.lightness(media, image)
    assert (lightness.shape, lightness.dtype) == ((64, 96), np.float32)
    np.testing.assert_allclose(lightness, rgb2lab(picture(1))[..., 0], atol=2e-3)


def test_a_missing_file_is_named(session, media):
    image = add_image(session, media)
    media.path(image.upright_key).unlink()
    with pytest.raises(NotFoundError, match=image.upright_key):
        images.upright_rgb(media, image)


def test_tags_are_put_on_and_taken_off_once(session, media):
    one, other = add_image(session, media, 1), add_image(session, media, 2)
    assert images.tag(session, [one.id, other.id], " night ", actor="ada") == 2
    assert images.tag(session, [one.id], "night", actor="ada") == 0
    assert images.tags(session, one.id) == ["night"]
    assert images.untag(session, [one.id, other.id, one.id], "night", actor="ada") == 2
    assert images.untag(session, [one.id], "night", actor="ada") == 0
    assert images.tags(session, one.id) == []


@pytest.mark.parametrize("tag", ["", "  ", 'a"b', "a,b", "a*", "(a)", "x" * 61])
def test_a_tag_that_no_query_could_name_is_refused(session, media, tag):
    with pytest.raises(InvalidInputError, match="cannot be a tag"):
        images.tag(session, [add_image(session, media).id], tag, actor="ada")


def test_unknown_images_are_named(session, media):
    with pytest.raises(NotFoundError, match="image 9"):
        images.get(session, 9)
    with pytest.raises(NotFoundError, match="image 9"):
        images.tag(session, [add_image(session, media).id, 9], "night", actor="ada")


def test_the_loop_is_counted(session, media):
    image = add_image(session, media)
    add_image(session, media, 3, color=False)
    add_caption(session, image)
    add_region(session, image)
    counts = overview.counts(session)
    assert {name: counts[name] for name in ("images", "references", "captions", "captioned_images", "regions", "grounded_mentions")} == {
        "images": 2,
        "references": 1,
        "captions": 1,
        "captioned_images": 1,
        "regions": 1,
        "grounded_mentions": 0,
    }
