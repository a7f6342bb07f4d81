import json

import numpy as np
import PIL.Image
import pytest
from pycocotools import mask as coco_mask

from lcad.dataset import ReleaseDataset, fit_square

CAPTION = "a red cup on a table"


def run_lengths(mask):
    encoded = coco_mask.encode(np.asfortranarray(mask, np.uint8))
    return {"size": [int(n) for n in encoded["size"]], "counts": encoded["counts"].decode()}


def row(**changes):
    mask = np.zeros((24, 40), bool)
    mask[4:20, 10:30] = True
    region = {"phrase": "a red cup", "start": 0, "end": 9, "colors": ["red"], "mask": run_lengths(mask)}
    return {"color_file_name": "images/1.png", "caption": CAPTION, "level": "partial", "image": "1", "regions": [region]} | changes


@pytest.fixture
def release(tmp_path):
    """A function that writes a split with one picture of 40 × 24 and the rows given."""

    def write(*rows):
        (tmp_path / "train" / "images").mkdir(parents=True, exist_ok=True)
        PIL.Image.new("RGB", (40, 24), (200, 30, 40)).save(tmp_path / "train" / "images" / "1.png")
        (tmp_path / "train" / "metadata.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
        return tmp_path

    return write


def test_an_image_is_one_example_with_all_of_its_captions(release):
    dataset = ReleaseDataset(release(row(), row(caption="a cup", level="scarce", regions=[])), "train", size=32)
    assert len(dataset) == 1
    example = dataset[0]
    assert example.rgb.shape == (32, 32, 3)
    assert example.rgb.dtype == np.uint8
    assert [(d.text, d.level) for d in example.descriptions] == [(CAPTION, "partial"), ("a cup", "scarce")]
    (phrase,) = example.descriptions[0].phrases
    assert CAPTION[phrase.start : phrase.end] == "a red cup"


def test_the_mask_lies_on_the_square_where_its_object_does(release):
    path = release(row())
    pixels = np.zeros((24, 40, 3), np.uint8)
    pixels[4:20, 10:30] = 255
    PIL.Image.fromarray(pixels).save(path / "train" / "images" / "1.png")
    example = ReleaseDataset(path, "train", size=80)[0]
    assert example.masks.shape == (1, 80, 80)
    agreement = example.masks[0] == (example.rgb[..., 0] > 128)
    assert agreement[16:64].mean() > 0.99, "the picture itself; beyond are its mirrored margins"
    assert agreement.mean() > 0.97


def test_no_part_of_a_picture_is_lost_in_the_square():
    wide = np.tile(np.arange(0, 200, 2, dtype=np.uint8), (50, 1))
    square = fit_square(wide, 100)
    assert square.shape == (100, 100)
    assert np.array_equal(square[25:75], wide)
    assert np.array_equal(square[24], wide[0]), "mirrored, not black"


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"color_file_name": "images/2.png"}, "row 2: the file images/2.png is missing"),
        ({"caption": None}, "row 2: 'caption' must be a text"),
    ],
)
def test_a_bad_row_is_named_with_its_file_at_once(release, bad, message):
    with pytest.raises(ValueError, match=rf"metadata\.jsonl, {message}"):
        ReleaseDataset(release(row(), row(**bad)), "train")


def test_a_line_that_is_no_json_is_named(release):
    path = release(row())
    (path / "train" / "metadata.jsonl").open("a").write("{broken\n")
    with pytest.raises(ValueError, match=r"metadata\.jsonl, row 2: not JSON"):
        ReleaseDataset(path, "train")


def test_a_phrase_outside_of_its_caption_is_named_on_reading(release):
    region = row()["regions"][0] | {"end": 99}
    dataset = ReleaseDataset(release(row(regions=[region])), "train")
    with pytest.raises(ValueError, match=r"row 1: the phrase \[0, 99\) lies outside"):
        dataset[0]


def test_a_mask_of_another_shape_is_named_on_reading(release):
    region = row()["regions"][0] | {"mask": run_lengths(np.ones((40, 24), bool))}
    dataset = ReleaseDataset(release(row(regions=[region])), "train")
    with pytest.raises(ValueError, match="a mask of 40 × 24 does not fit an image of 24 × 40"):
        dataset[0]


def test_a_file_that_is_no_image_is_named_on_reading(release):
    path = release(row())
    (path / "train" / "images" / "1.png").write_text("no image")
    with pytest.raises(ValueError, match=r"row 1: images/1\.png cannot be read as an image"):
        ReleaseDataset(path, "train")[0]


def test_a_missing_split_and_an_empty_one_say_what_was_expected(release, tmp_path):
    with pytest.raises(ValueError, match="expected an exported release"):
        ReleaseDataset(tmp_path, "validation")
    with pytest.raises(ValueError, match="has no rows"):
        ReleaseDataset(release(), "train")


def test_regions_written_as_text_are_the_same_regions(release):
    listed = ReleaseDataset(release(row()), "train", size=32)[0]
    written = ReleaseDataset(release(row(regions=json.dumps(row()["regions"]))), "train", size=32)[0]
    assert written.descriptions == listed.descriptions
    assert (written.masks == listed.masks).all()
    assert ReleaseDataset(release(row(regions="[]")), "train", size=32)[0].descriptions[0].phrases == ()
