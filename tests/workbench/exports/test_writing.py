"""Exports appear whole or not at all, in layouts that other people's tools read, and every byte can be checked."""

import hashlib
import io
import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from pycocotools.coco import COCO
from sqlalchemy import func, select

from db.models import Event, Export
from db.session import transaction
from tests.stores import HEIGHT, WIDTH, release_of_twelve
from workbench import exports, releases
from workbench.errors import ConflictError, InvalidInputError, NotFoundError
from workbench.exports.atomic_folder import atomic_folder
from workbench.imaging import lightness_of, masks

pytestmark = pytest.mark.slow


ROOT = Path(__file__).parents[3]


@pytest.fixture
def release(session, media):
    return release_of_twelve(session, media)


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows_of(folder, split):
    return [json.loads(line) for line in (folder / split / "metadata.jsonl").read_text().splitlines()]


@pytest.mark.slow
def test_the_imagefolder_has_a_row_an_item_and_its_pictures_beside_it(session, media, release, tmp_path):
    heard = []
    export = exports.write(session, media, release.id, "imagefolder", tmp_path / "out", progress=lambda *count: heard.append(count))
    frozen = {(item.image_sha256, item.caption_text): item for item in releases.items(session, release.id)}
    seen = set()
    for split in ("train", "validation", "test"):
        for row in rows_of(tmp_path / "out", split):
            item = frozen[row["image"], row["caption"]]
            seen.add((row["image"], row["caption"]))
            assert (item.split, item.level, item.regions) == (split, row["level"], json.loads(row["regions"]))
            assert (tmp_path / "out" / split / row["color_file_name"]).read_bytes() == media.read(item.color_key)
            gray = PIL.Image.open(tmp_path / "out" / split / row["gray_file_name"])
            source = np.asarray(PIL.Image.open(io.BytesIO(media.read(item.source_key))).convert("RGB"))
            assert gray.mode == "L"
            written = np.repeat(np.asarray(gray)[..., None], 3, axis=2)
            # Rounding to 8 bits moves L* by half a step: at most 0.5/255 of the encoded range, under 0.3 of lightness.
            assert np.abs(lightness_of(written) - lightness_of(source)).max() < 0.3
    assert seen == frozen.keys()
    assert heard == [(count, 12) for count in range(1, 13)]
    assert export.files == len(files_of(tmp_path / "out"))
    assert export.bytes == sum(map(len, files_of(tmp_path / "out").values()))
    assert export.location == str(tmp_path / "out")


def test_phrases_and_masks_arrive_as_they_were_drawn(session, media, release, tmp_path):
    exports.write(session, media, release.id, "imagefolder", tmp_path / "out")
    rows = [row for split in ("train", "validation", "test") for row in rows_of(tmp_path / "out", split)]
    regions = [region for row in rows for region in json.loads(row["regions"])]
    assert len(regions) == 12
    for region in regions:
        assert masks.decode(region["mask"]).shape == (HEIGHT, WIDTH)
        assert region["phrase"] in ("a red cup", "a blue plate")
        assert region["end"] - region["start"] == len(region["phrase"])


@pytest.mark.model
def test_training_reads_the_imagefolder(session, media, release, tmp_path):
    from lcad.dataset import ReleaseDataset

    exports.write(session, media, release.id, "imagefolder", tmp_path / "out")
    splits = [ReleaseDataset(tmp_path / "out", split, size=16) for split in ("train", "validation", "test")]
    examples = [dataset[index] for dataset in splits for index in range(len(dataset))]
    assert sum(len(example.descriptions) for example in examples) == 12
    assert sum(len(description.phrases) for example in examples for description in example.descriptions) == 12


def test_release_json_and_the_card_say_what_it_is(session, media, release, tmp_path):
    exports.write(session, media, release.id, "imagefolder", tmp_path / "out")
    named = json.loads((tmp_path / "out" / "release.json").read_text())
    assert (named["name"], named["version"], named["manifest_hash"]) == ("set", "1.0.0", release.manifest_hash)
    assert (named["items"], named["images"], sum(named["splits"].values())) == (12, 10, 12)
    card = (tmp_path / "out" / "README.md").read_text()
    for part in (
        "# set 1.0.0",
        "For a test.",
        "12 items over 10 images",
        "9 × CC0",
        "1 × not stated",
        "simulated raters were not counted",
        release.manifest_hash,
    ):
        assert part in card
    assert card.startswith("---\npretty_name: set 1.0.0\n")


def test_coco_tools_count_images_captions_and_instances_and_masks_survive_bit_for_bit(session, media, release, tmp_path):
    exports.write(session, media, release.id, "coco", tmp_path / "out")
    frozen = {item.caption_text: item for item in releases.items(session, release.id)}
    totals = {"images": 0, "captions": 0, "instances": 0}
    for split in ("train", "validation", "test"):
        captions = COCO(tmp_path / "out" / "annotations" / f"captions_{split}.json")
        instances = COCO(tmp_path / "out" / "annotations" / f"instances_{split}.json")
        assert {category["name"]: category["id"] for category in instances.loadCats(instances.getCatIds())} in (
            {"cup": 1, "plate": 2},
            {"plate": 1, "cup": 2},
        )
        totals["images"] += len(captions.getImgIds())
        totals["captions"] += len(captions.getAnnIds())
        totals["instances"] += len(instances.getAnnIds())
        for image in captions.loadImgs(captions.getImgIds()):
            assert PIL.Image.open(tmp_path / "out" / split / image["file_name"]).size == (image["width"], image["height"])
        by_id = {row["id"]: row["caption"] for row in captions.loadAnns(captions.getAnnIds())}
        for row in instances.loadAnns(instances.getAnnIds()):
            for phrase in row["phrases"]:
                text = by_id[phrase["caption_id"]]
                assert text in frozen
                assert text[phrase["start"] : phrase["end"]] == phrase["phrase"]
            mask = instances.annToMask(row).astype(bool)
            assert masks.encode(mask) == row["segmentation"]
            assert row["area"] == mask.sum()
            assert row["bbox"] == list(masks.box(row["segmentation"]))
    assert totals == {"images": 10, "captions": 12, "instances": 12}


@pytest.mark.slow
def test_the_lcad_layout_is_read_by_its_description(session, media, release, tmp_path):
    exports.write(session, media, release.id, "lcad", tmp_path / "out")
    texts = []
    for name in ("train", "val", "test"):
        captions = json.loads((tmp_path / "out" / f"caption_{name}.json").read_text())
        assert {path.name for path in (tmp_path / "out" / f"{name}2017").glob("*")} == captions.keys()
        texts += [text for group in captions.values() for text in group]
    assert sorted(texts) == sorted(item.caption_text for item in releases.items(session, release.id))


@pytest.mark.parametrize("layout", exports.FORMATS)
@pytest.mark.slow
def test_two_exports_of_a_release_are_equal_to_the_byte(session, media, release, tmp_path, layout):
    for name in ("one", "two"):
        exports.write(session, media, release.id, layout, tmp_path / name)
    assert files_of(tmp_path / "one") == files_of(tmp_path / "two")


def test_exporting_again_adds_nothing(session, media, release, tmp_path):
    first = exports.write(session, media, release.id, "imagefolder", tmp_path / "out")
    stamp = (tmp_path / "out").stat().st_mtime_ns
    again = exports.write(session, media, release.id, "imagefolder", tmp_path / "out")
    assert again is first
    assert (tmp_path / "out").stat().st_mtime_ns == stamp
    assert exports.listing(session, release.id) == exports.listing(session) == [first]
    assert session.scalar(select(func.count(Event.id)).where(Event.subject == "export")) == 1


def test_a_folder_with_something_else_in_it_is_left_alone(session, media, release, tmp_path):
    exports.write(session, media, release.id, "imagefolder", tmp_path / "out")
    before = files_of(tmp_path / "out")
    with pytest.raises(ConflictError, match=r"taken by something else than set 1\.0\.0 as coco"):
        exports.write(session, media, release.id, "coco", tmp_path / "out")
    assert files_of(tmp_path / "out") == before
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "diary.txt").write_text("mine")
    with pytest.raises(ConflictError):
        exports.write(session, media, release.id, "coco", tmp_path / "notes")
    (tmp_path / "empty").mkdir()
    assert exports.write(session, media, release.id, "coco", tmp_path / "empty").files > 0


@pytest.mark.slow
def test_an_export_that_fails_leaves_no_folder_and_can_be_repeated(session, media, release, tmp_path):
    def stop(done, _total):
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exports.write(session, media, release.id, "imagefolder", tmp_path / "out", progress=stop)
    assert list(tmp_path.glob("*out*")) == []
    assert session.scalar(select(func.count(Export.id))) == 0
    exports.write(session, media, release.id, "imagefolder", tmp_path / "out")
    assert exports.verify_folder(tmp_path / "out") == []


def test_what_a_killed_export_left_is_cleared_by_the_next(session, media, release, tmp_path):
    (tmp_path / ".out.partial" / "train").mkdir(parents=True)
    (tmp_path / ".out.partial" / "train" / "metadata.jsonl").write_text("half a li")
    exports.write(session, media, release.id, "imagefolder", tmp_path / "out")
    assert exports.verify_folder(tmp_path / "out") == []
    assert not (tmp_path / ".out.partial").exists()


KILLED = """
import os, signal, sys
from db.session import connect, transaction
from workbench import exports
from workbench.store import MediaStore

def stop(done, _total):
    if done >= 6:
        os.kill(os.getpid(), signal.SIGKILL)

url, media, layout, folder = sys.argv[1:]
with transaction(connect(url).reader) as session:
    exports.write_files(session, MediaStore(media), 1, layout, folder, progress=stop)
"""


@pytest.mark.parametrize("layout", ["imagefolder", "coco", "parquet"])
@pytest.mark.slow
def test_an_export_killed_in_the_middle_is_not_there_and_the_next_one_is_whole(engines, media, tmp_path, layout):
    with transaction(engines.writer) as session:
        release_of_twelve(session, media)
    url = engines.writer.url.render_as_string(hide_password=False)
    child = subprocess.run([sys.executable, "-c", KILLED, url, str(tmp_path / "media"), layout, str(tmp_path / "out")], cwd=ROOT)
    assert child.returncode == -signal.SIGKILL
    assert not (tmp_path / "out").exists()
    assert (tmp_path / ".out.partial").is_dir()
    with transaction(engines.reader) as session:
        exports.write_files(session, media, 1, layout, tmp_path / "out")
        exports.write_files(session, media, 1, layout, tmp_path / "other")
    assert exports.verify_folder(tmp_path / "out") == []
    assert files_of(tmp_path / "out") == files_of(tmp_path / "other")
    assert not (tmp_path / ".out.partial").exists()


def test_two_exports_into_one_folder_do_not_meet(session, media, release, tmp_path):
    with atomic_folder(tmp_path / "out", media), pytest.raises(ConflictError, match="being written by another export"):
        exports.write(session, media, release.id, "imagefolder", tmp_path / "out")


def test_a_changed_media_file_stops_an_export(session, media, release, tmp_path):
    path = media.path(releases.items(session, release.id)[0].color_key)
    content = bytearray(path.read_bytes())
    content[-5] ^= 1
    path.write_bytes(content)
    with pytest.raises(ConflictError, match="no longer has the bytes"):
        exports.write(session, media, release.id, "lcad", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_every_changed_missing_or_foreign_file_of_an_export_is_named(session, media, release, tmp_path):
    exports.write(session, media, release.id, "lcad", tmp_path / "out")
    listed = tmp_path / "out" / "caption_train.json"
    content = bytearray(listed.read_bytes())
    content[3] ^= 1
    listed.write_bytes(content)
    (tmp_path / "out" / "README.md").unlink()
    (tmp_path / "out" / "extra.txt").write_text("?")
    problems = {problem.subject: problem.reason for problem in exports.verify_folder(tmp_path / "out")}
    assert problems == {
        "caption_train.json": "the file's bytes were changed",
        "README.md": "the file is missing",
        "extra.txt": "the file does not belong to the export",
    }
    with pytest.raises(InvalidInputError, match="is no export"):
        exports.verify_folder(tmp_path)


def test_the_checksums_are_those_that_sha256sum_reads(session, media, release, tmp_path):
    exports.write(session, media, release.id, "coco", tmp_path / "out")
    checked = subprocess.run(["sha256sum", "--check", "--strict", "files.sha256"], cwd=tmp_path / "out", capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    lines = (tmp_path / "out" / "files.sha256").read_text().splitlines()
    assert len(lines) == len(files_of(tmp_path / "out")) - 1
    digest, name = lines[0].split("  ", 1)
    assert hashlib.sha256((tmp_path / "out" / name).read_bytes()).hexdigest() == digest


def test_files_can_be_written_by_a_reader_and_entered_afterwards(session, media, release, tmp_path):
    written = exports.write_files(session, media, release.id, "coco", tmp_path / "out")
    assert session.scalar(select(func.count(Export.id))) == 0
    row = exports.record(session, release.id, "coco", tmp_path / "out", written)
    assert (row.files, row.bytes, row.manifest_hash) == (written.files, written.bytes, release.manifest_hash)


def test_unknown_formats_and_releases_are_named(session, media, release, tmp_path):
    with pytest.raises(InvalidInputError, match='no export format "zip"; there are imagefolder, webdataset, coco'):
        exports.write(session, media, release.id, "zip", tmp_path / "out")
    with pytest.raises(NotFoundError):
        exports.write(session, media, 99, "coco", tmp_path / "out")
