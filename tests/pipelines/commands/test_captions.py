"""Captions by commands: listed, replaced, read, accepted, and taken back."""

import json

import pytest

from db.enums import CaptionStatus, Origin
from workbench import captions


@pytest.fixture
def home(store):
    """Options that name the store's home."""
    return ("--home", store.settings.home)


@pytest.mark.slow
def test_captions_are_listed_replaced_rolled_back_and_written(workbench, home, library, tmp_path):
    library(2)
    told = workbench("captions", "list", "--query", "level:complete", "--json", *home).json
    assert [caption["text"] for caption in told] == ["a red cup on a brown table"] * 2
    assert told[0].keys() >= {"id", "image_id", "text", "level", "status"}
    assert told[0]["mentions"][0] == {"object": "cup", "phrase": "a red cup", "colors": ["red"], "reason": '"red": before the noun'}
    assert told[0]["level_reason"] == "complete: every object has a color"
    shown = workbench("captions", "replace", "cup", "mug", *home)
    assert "6 captions would change" in shown.messages
    done = workbench("captions", "replace", "cup", "mug", "--apply", "--json", *home).json
    batch_id = done[0]["batch_id"]
    assert workbench("captions", "list", "--query", "mug", "--json", *home).json
    assert workbench("review", "undo", batch_id, "--json", *home).json == {"batch": batch_id, "undone": 6}
    assert workbench("captions", "list", "--query", "mug", "--json", *home).json == []
    file = tmp_path / "out.json"
    assert workbench("captions", "export", file, "--json", *home).json["captions"] == 6
    assert json.loads(file.read_text())["0.png"][0] == "a red cup on a brown table"
    lines = tmp_path / "out.jsonl"
    workbench("captions", "export", lines, *home)
    assert json.loads(lines.read_text().splitlines()[0])["level"] == "complete"
    assert workbench("captions", "export", tmp_path / "out.txt", *home).status == 1
    assert "a red cup" in workbench("captions", "list", *home).output
    assert workbench("captions", "derive", "--json", *home).json["job"] == "level_captions"
    assert workbench("captions", "list", "--query", "level:nothing", *home).status == 1


def test_a_file_of_captions_that_is_there_is_replaced_only_where_that_is_said(workbench, home, library, tmp_path):
    library(1)
    file = tmp_path / "mine.jsonl"
    file.write_text("written by hand")
    refused = workbench("captions", "export", file, *home)
    assert (refused.status, file.read_text()) == (1, "written by hand")
    assert "is there already; name a new file, or say that it is to be replaced (--replace)" in refused.messages
    assert workbench("captions", "export", file, "--replace", *home).status == 0
    assert "a red cup" in file.read_text()


def test_a_text_is_read_with_its_reasons_and_no_store(workbench):
    said = workbench("captions", "read", "a red cup beside a plate", "--json").json
    assert (said["level"], said["level_reason"]) == ("partial", "partial: 1 of 2 objects have a color, plate has none")
    assert [(mention["phrase"], mention["colors"]) for mention in said["mentions"]] == [("a red cup", ["red"]), ("a plate", [])]
    assert "before the noun" in workbench("captions", "read", "a red cup").output


@pytest.mark.slow
def test_proposals_are_accepted_by_a_query_and_taken_back_as_one_batch(workbench, home, store, library):
    (image_id,) = library(1)
    with store.writing() as session:
        for text in ("a blue cup and a green plate", "a blue cup and a plate"):
            captions.add(session, image_id, text, text_origin=Origin.RULE, author="ann", status=CaptionStatus.PROPOSED)
    accepted = workbench("captions", "accept", "--query", "level:complete", "--json", *home).json
    assert accepted["accepted"] == 1
    assert len(workbench("captions", "list", "--query", "status:proposed", "--json", *home).json) == 1
    assert workbench("review", "undo", accepted["batch_id"], "--json", *home).json["undone"] == 1
    assert "2 proposals accepted, as batch" in workbench("captions", "accept", *home).output


@pytest.mark.slow
def test_a_model_is_set_shown_and_asked_only_when_it_is_set(workbench, store, library):
    home = ("--home", store.settings.home)
    library(1)
    assert "No model is set" in workbench("captions", "propose", *home).messages
    assert "nothing is sent" in workbench("captions", "model", *home).output
    assert "--address and --model first" in workbench("captions", "model", "--temperature", "0.5", *home).messages
    workbench("captions", "model", "--address", "http://localhost:9/v1", "--model", "eyes", *home)
    told = workbench("captions", "model", "--temperature", "0.5", "--json", *home).json
    assert (told["model"], told["temperature"], told["face"]) == ("eyes", 0.5, "auto")
    queued = workbench("captions", "propose", "id:1", *home)
    assert "1 image goes to eyes at http://localhost:9/v1" in queued.messages
    assert "propose_captions: queued" in queued.output
