"""Captions come in by a job, are described from pictures by another, and many are changed by the command."""

import json

import pytest

from db.enums import CaptionStatus
from tests.benchmarks.bench_caption_files import made_up, measure, placeholders
from workbench import captions
from workbench.exports.caption_files import rows


@pytest.mark.slow
def test_captions_with_placeholder_pictures_come_in_and_survive_the_way_out_and_back(tmp_path):
    described = made_up(12, 1.8)
    measured = measure(described, tmp_path)
    number = sum(map(len, described.values()))
    assert (measured["summary"]["images"], measured["summary"]["captions"]) == (12, number)
    assert sum(measured["counts"].values()) == number
    assert len(measured["first"]) == min(30, number)
    assert measured["lossless"] == {"lcad": True, "jsonl": True, "taken back": True}


def test_captions_without_their_pictures_go_to_the_images_that_are_there_once(store, carry_out, tmp_path):
    placeholders(tmp_path / "pictures", ["a/1.png", "a/2.png"])
    carry_out("import_images", paths=[str(tmp_path / "pictures")])
    table = tmp_path / "captions.json"
    table.write_text(json.dumps({"1.png": ["a red cup"], "2.png": ["a cat", "a dog"], "3.png": ["a tree"]}))
    run = carry_out("import_captions", file=str(table), proposed=True)
    assert (run.done, run.failed, run.summary) == (2, 1, {"captions": 3, "there": 0})
    with store.reading() as session:
        assert {row.status for row in captions.find(session)} == {CaptionStatus.PROPOSED}
    assert carry_out("import_captions", file=str(table), proposed=True).summary == {"captions": 0, "there": 3}


@pytest.mark.slow
def test_pictures_with_masks_are_described_once(store, library, carry_out):
    library(2)
    with store.writing() as session:
        for caption in captions.find(session, "level:scarce"):
            captions.edit(session, caption.id, "a cup beside a table", actor="tester")
    run = carry_out("describe_images")
    assert (run.done, run.summary["proposals"]) == (2, 2)
    with store.reading() as session:
        made = captions.find(session, "status:proposed")
        assert all(caption.text.startswith("a red cup beside a ") for caption in made)
    assert carry_out("describe_images").summary["proposals"] == 0


@pytest.mark.slow
def test_many_are_changed_shown_first_and_taken_back_by_the_command(store, library, workbench, tmp_path):
    library(2)
    home = ("--home", tmp_path, "--json")

    def everything():
        with store.reading() as session:
            return list(rows(session, "status:accepted,proposed,dropped"))

    before = everything()
    calls = (
        ("relevel", "scarce", "--query", "level:complete"),
        ("delete", "--query", "level:partial"),
        ("retag", "--add", "night", "--query", "color:red"),
        ("replace", r"\bcup\b", "mug", "--regex"),
    )
    for call in calls:
        preview = workbench("captions", *call, *home).json
        assert preview
        assert everything() == before
        done = workbench("captions", *call, "--apply", *home).json
        batch = done[0]["batch_id"]
        assert [change["after"] for change in done] == [change["after"] for change in preview]
        assert workbench("captions", "batches", *home).json[0]["batch_id"] == batch
        assert workbench("captions", "undo", batch, *home).json["undone"] == len(done)
        assert everything() == before
    assert workbench("captions", "delete", *home).status == 1
    assert workbench("captions", "relevel", "half", *home).status == 1


@pytest.mark.slow
def test_captions_are_counted_and_written_in_the_format_of_the_suffix(store, library, workbench, tmp_path):
    library(2)
    assert workbench("captions", "count", "--home", tmp_path, "--json").json == {"complete": 2, "partial": 2, "scarce": 2}
    for name in ("out.jsonl", "out.csv", "out.json", "out.tar"):
        assert workbench("captions", "export", tmp_path / name, "--home", tmp_path, "--json").json["captions"] == 6
    refused = workbench("captions", "export", tmp_path / "out.doc", "--home", tmp_path)
    assert refused.status == 1
    assert "label-studio" in refused.messages
