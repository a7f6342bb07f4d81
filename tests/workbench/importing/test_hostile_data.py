"""A data set from a stranger can spoil its own items, and nothing else: every trap is named, and what is good beside it comes in."""

import io
import json
import os
import socket
import tarfile

import pytest

from db.models import Image
from tests.pictures import png
from workbench import importing
from workbench.errors import InvalidInputError, UnreadableFileError
from workbench.images import near_index
from workbench.importing import collect
from workbench.importing.archives import FolderTree
from workbench.importing.tables import rows_of


def take_in(session, media, folder):
    batch = importing.prepare(importing.scan([folder]), media)
    return importing.store(session, batch, source="test", near=importing.likenesses(near_index(session), batch), author="ada")


def instances(segmentation, height=64, width=96) -> str:
    image = {"id": 1, "file_name": "a.png", "height": height, "width": width}
    good = {"image_id": 1, "segmentation": [[1, 1, 9, 1, 9, 9]]}
    return json.dumps({"images": [image], "annotations": [{"image_id": 1, "segmentation": segmentation}, good]})


HOSTILE_MASKS = {
    "huge": [[1e300, 0, 5, 5, 9, 1]],
    "beyond every integer": [[4e9, 4e9, -4e9, 5, 9, 1]],
    "not a number": [[float("nan"), 0, 5, 5, 9, 1]],
    "infinite": [[float("inf"), 0, 5, 5, 9, 1]],
    "digits": [[10**400, 0, 5, 5, 9, 1]],
    "nested": [[[1, 2], [3, 4], [5, 6]]],
    "texts": [["a", "b", "c", "d", "e", "f"]],
    "a comb of edges": [[0, 0, 96, 64] * 20_000],
    "a size beyond all pictures": {"size": [60_000, 60_000], "counts": [3_600_000_000]},
    "a size of many digits": {"size": [10**30, 10**30], "counts": [1]},
    "counts that are too long": {"size": [64, 96], "counts": "o" * 50_000 + "0"},
    "counts below zero": {"size": [64, 96], "counts": [-5, 6149]},
    "counts that are none": {"size": [64, 96], "counts": 6144},
    "counts without end": {"size": [64, 96], "counts": [float("inf")]},
}


@pytest.mark.parametrize("segmentation", HOSTILE_MASKS.values(), ids=HOSTILE_MASKS)
def test_a_hostile_mask_is_refused_before_native_code_sees_it(segmentation):
    problems, regions = [], []
    try:
        for _, notes in rows_of("instances.json", instances(segmentation).encode()):
            problems += notes.problems
            regions += notes.regions
    except InvalidInputError as error:  # what is no JSON number ends the table there
        problems.append(str(error))
    assert len(problems) == 1
    assert len(regions) == problems[0].startswith("Annotation 1 of instances.json ")
    assert len(problems[0]) < 400


def test_a_mask_on_a_picture_of_claimed_size_costs_no_pixels():
    content = instances([[1, 1, 9, 1, 9, 9]], height=10**9, width=10**9).encode()
    assert sum(len(notes.problems) for _, notes in rows_of("instances.json", content)) == 2


@pytest.mark.parametrize(
    "row",
    [
        {"license": {"name": "CC0"}}, {"tags": 5}, {"tags": [["a"]]}, {"scene_source": {"a": 1}}, {"source": 7}, {"captions": {"text": 5}},
        {"caption": "a cat", "level": ["high"]}, {"regions": 5}, {"regions": [5]}, {"regions": [{"mask": 5}]}, 
        {"captions": [{"text": "a", "phrases": 5}]},
        {"captions": [{"text": "a", "phrases": [{"start": 10**30, "end": 0, "region": "x"}]}]}, {"tags": ["\x00"]}, {"license": "\ud800"},
        {"data": {"image": "a.png"}, "annotations": 5}, {"data": {"image": "a.png"}, "annotations": [{"result": [5]}]},
    ],
)  # fmt: skip
def test_a_row_with_a_value_of_another_kind_costs_itself_alone(row):
    lines = [json.dumps({"file": "a.png", **row}), json.dumps({"file": "b.png", "caption": "a dog"})]
    rows = list(rows_of("captions.jsonl", "\n".join(lines).encode()))
    assert len(rows[0][1].problems) == 1
    assert "Line 1 of captions.jsonl" in rows[0][1].problems[0]
    assert [caption.text for caption in rows[1][1].captions] == ["a dog"]


DEEP_OR_LONG = {
    "deep lists": "[" * 40_000,
    "deep objects": '{"a":' * 40_000,
    "deep and whole": "[" * 40_000 + "]" * 40_000,
    "a number without end": '[{"a":' + "9" * 5000 + "}]",
    "a number for captions": '{"a.png": [' + "9" * 5000 + "]}",
}


@pytest.mark.parametrize("content", DEEP_OR_LONG.values(), ids=DEEP_OR_LONG)
@pytest.mark.slow
def test_json_that_is_deep_or_long_is_named(content):
    try:
        problems = [problem for _, notes in rows_of("captions.json", content.encode()) for problem in notes.problems]
    except InvalidInputError as error:
        problems = [str(error)]
    assert problems
    assert all("captions.json" in problem for problem in problems)


def test_links_out_of_the_folder_devices_and_pipes_are_refused(tmp_path):
    folder, secret = tmp_path / "photos", tmp_path / "secret.txt"
    folder.mkdir()
    secret.write_text("root:x:0:0")
    (folder / "a.png").write_bytes(png(1))
    (folder / "a.txt").symlink_to(secret)
    (folder / "b.png").symlink_to("/dev/zero")
    (folder / "within.png").symlink_to(folder / "a.png")
    (folder / "loop.png").symlink_to(folder / "loop.png")
    os.mkfifo(folder / "c.png")
    os.mkfifo(folder / "d.zip")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(folder / "e.png"))
        items = {item.name: item for item in collect([folder]).items()}
    assert items["a.png"].captions == []
    assert "leads out of its folder" in items["a.png"].notes.problems[0]
    assert items["within.png"].read() == png(1)
    for name in ("b.png", "c.png", "d.zip", "e.png", "loop.png"):
        with pytest.raises(UnreadableFileError):
            items[name].read()


def test_a_device_that_is_named_itself_is_refused():
    with pytest.raises(UnreadableFileError, match="device"):
        FolderTree(collect(["/dev/zero"])._shelves[0].tree.folder, "zero").read("zero")


@pytest.mark.slow
def test_names_that_are_no_utf_8_are_read_and_stored(session, media, tmp_path):
    folder = tmp_path / "photos"
    folder.mkdir()
    with open(os.fsencode(folder) + b"/caf\xe9.png", "wb") as file:
        file.write(png(1))
    (folder / "café.txt").write_text("a cup of coffee")
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w", encoding="latin-1") as archive:
        member = tarfile.TarInfo("th\xe9.png")
        member.size = len(png(2))
        archive.addfile(member, io.BytesIO(png(2)))
    (folder / "more.tar").write_bytes(content.getvalue())
    intake = take_in(session, media, folder)
    assert len(intake.added) == 2
    assert {item.name for item in collect([folder]).items()} == {"café.png", "thé.png"}


@pytest.mark.slow
def test_a_broken_table_or_archive_leaves_the_pictures_beside_it(session, media, tmp_path):
    (tmp_path / "a.png").write_bytes(png(1))
    (tmp_path / "captions.json").write_text("[" * 40_000)
    (tmp_path / "instances.json").write_text(instances(HOSTILE_MASKS["huge"]))
    (tmp_path / "broken.tar.xz").write_bytes(b"\xfd7zXZ\x00" + os.urandom(200))
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04" + os.urandom(200))
    intake = take_in(session, media, tmp_path)
    assert (len(intake.added), intake.regions) == (1, 1)
    assert {failure.name for failure in intake.failures} == {"captions.json", "broken.tar.xz", "broken.zip", "a.png (note 1)"}


@pytest.mark.parametrize("column", ["source", "author", "license", "url"])
def test_a_credit_that_is_too_long_costs_its_row_and_not_the_picture(session, media, tmp_path, column):
    (tmp_path / "a.png").write_bytes(png(1))
    (tmp_path / "metadata.jsonl").write_text(json.dumps({"file_name": "a.png", column: "x" * 5000}))
    intake = take_in(session, media, tmp_path)
    assert len(intake.image_ids) == 1
    [failure] = intake.failures
    assert f'a "{column}" of 5,000 characters; there may be 2,000' in failure.reason


def test_a_credit_of_coco_that_is_too_long_costs_itself_alone(session, media, tmp_path):
    (tmp_path / "a.png").write_bytes(png(1))
    image = {"id": 1, "file_name": "a.png", "height": 64, "width": 96, "license": 1, "source": "x" * 5000, "coco_url": "x" * 5000}
    tables = {"images": [image], "annotations": [], "licenses": [{"id": 1, "name": "y" * 5000}]}
    (tmp_path / "instances.json").write_text(json.dumps(tables))
    intake = take_in(session, media, tmp_path)
    assert len(intake.image_ids) == 1
    assert session.get_one(Image, intake.image_ids[0]).license is None


def test_a_tag_that_no_query_could_name_costs_itself_alone(session, media, tmp_path):
    (tmp_path / "a.png").write_bytes(png(1))
    (tmp_path / "metadata.jsonl").write_text(json.dumps({"file_name": "a.png", "caption": "a cup", "tags": ["good", 'a "bad" one']}))
    intake = take_in(session, media, tmp_path)
    assert (len(intake.added), intake.captions) == (1, 1)
    assert [failure.name for failure in intake.failures] == ["a.png (tag)"]
