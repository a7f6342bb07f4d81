"""The demo as files that the import reads."""

import json

import numpy as np
import PIL.Image
import pytest
from pycocotools import mask as coco_mask


@pytest.mark.slow
def test_the_demo_is_written_as_pictures_captions_and_metadata_that_agree(written, photos, scenes):
    rows = [json.loads(line) for line in written.metadata.read_text(encoding="utf-8").splitlines()]
    captions = json.loads(written.captions.read_text(encoding="utf-8"))
    assert written.missing == ()
    assert len(rows) == len(photos) + len(scenes)
    assert {path.name for path in written.images.iterdir()} == {row["file_name"] for row in rows} == set(captions)
    for row in rows:
        with PIL.Image.open(written.images / row["file_name"]) as image:
            assert image.size == (row["width"], row["height"])
        assert captions[row["file_name"]] == [caption["text"] for caption in row["captions"]]
        names = {region["name"] for region in row["regions"]}
        for caption in row["captions"]:
            for phrase in caption["phrases"]:
                assert caption["text"][phrase["start"] : phrase["end"]] == phrase["text"]
                assert phrase["region"] in names


def test_masks_survive_the_way_through_run_lengths(written, scenes):
    rows = {row["name"]: row for row in map(json.loads, written.metadata.read_text(encoding="utf-8").splitlines())}
    for scene in scenes:
        for region, stored in zip(scene.regions, rows[scene.name]["regions"], strict=True):
            assert np.array_equal(coco_mask.decode(stored["mask"]).astype(bool), region.mask)


def test_photos_are_copied_byte_for_byte(written, photos):
    for photo in photos:
        assert (written.images / f"{photo.name}{photo.path.suffix}").read_bytes() == photo.path.read_bytes()


def test_a_scene_names_the_photos_whose_things_it_shows(written):
    rows = {row["name"]: row["scene_source"] for row in map(json.loads, written.metadata.read_text(encoding="utf-8").splitlines())}
    assert rows["coffee"] == rows["blue-cup"] == ["coffee"]
    assert rows["shuttle"] == ["astronaut", "china"]
    assert rows["three-solids"] == []
