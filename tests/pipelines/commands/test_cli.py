"""The command line says what it does in sentences and stable JSON, with exit statuses 0, 1 and 2."""

import json
import subprocess
import sys
import time

import numpy as np
import PIL.Image
import pytest

from db.enums import CaptionStatus, Origin, RunStatus
from pipelines.cli import COMMANDS
from pipelines.commands import demo
from pipelines.commands.console import table
from pipelines.demo.loop import Loop
from workbench import captions, runs
from workbench.rating import next_trial
from workbench.rating.ratings import rate


@pytest.fixture
def home(store):
    """Options that name the store's home."""
    return ("--home", store.settings.home)


@pytest.mark.slow
def test_the_help_is_there_at_once_and_names_every_command():
    command = [sys.executable, "-X", "importtime", "-m", "pipelines", "--help"]
    started = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    seconds = time.monotonic() - started
    assert done.returncode == 0
    assert all(name in done.stdout for name in COMMANDS)
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in done.stderr.splitlines() if "|" in line}
    assert not loaded & {"torch", "spacy", "sqlalchemy", "dbos", "streamlit", "numpy"}
    assert seconds < 5  # a second on a machine that does nothing else


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_a_help_of_its_own(workbench, name):
    answer = workbench(name, "--help")
    assert answer.status == 0
    assert COMMANDS[name].summary.split(";")[0].split(".")[0].split("--")[0][:20] in " ".join(answer.output.split())


def test_brackets_in_a_table_are_text(capsys):
    table(("what", "to do"), [("a [b]cup[/b] [/]", "pip install 'lcad-workbench[s3]'")])
    said = capsys.readouterr().out
    assert "a [b]cup[/b] [/]" in said
    assert "'lcad-workbench[s3]'" in said


def test_a_wrong_call_has_status_2_and_says_what_is_wrong(workbench, home):
    assert workbench("nonsense").status == 2
    assert workbench("runs", "show").status == 2
    answer = workbench("colorize", "--seeds", "one", *home)
    assert answer.status == 2
    assert "whole numbers" in answer.messages
    assert workbench("colorize", "--levels", "none", *home).status == 2


def test_what_is_refused_has_status_1_and_a_sentence_without_a_traceback(workbench, home):
    answer = workbench("runs", "show", 99, *home)
    assert answer.status == 1
    assert answer.messages == "There is no run 99; `workbench runs list` shows those that are there.\n"
    assert answer.output == ""


def test_without_a_worker_an_import_waits_and_says_so(workbench, home, tmp_path):
    answer = workbench("import", tmp_path, "--source", "here", "--json", *home)
    assert answer.status == 0
    assert answer.json["status"] == "queued"
    assert answer.json["parameters"]["paths"] == [str(tmp_path)]
    assert "no worker is running" in answer.messages
    listed = workbench("runs", "list", "--json", *home).json
    assert [run["job"] for run in listed] == ["import_images"]
    cancelled = workbench("runs", "cancel", 1, "--json", *home).json
    assert cancelled["status"] == "cancelled"
    assert workbench("runs", "cancel", 1, *home).status == 1
    assert workbench("runs", "resume", 1, "--json", *home).json["status"] == "queued"
    assert "import_images" in workbench("runs", "list", *home).output
    assert workbench("runs", "show", 1, "--json", *home).json["items"] == []
    assert "here" in workbench("runs", "show", 1, *home).output


@pytest.mark.slow
def test_with_wait_a_worker_is_started_for_the_time(workbench, home, store, tmp_path):
    (tmp_path / "photos").mkdir()
    PIL.Image.fromarray(np.full((20, 20, 3), 120, np.uint8)).save(tmp_path / "photos/gray.png")
    (tmp_path / "photos/broken.jpg").write_bytes(b"no picture")
    answer = workbench("import", tmp_path / "photos", "--wait", "--json", *home)
    assert answer.status == 0
    assert (answer.json["status"], answer.json["done"], answer.json["failed"]) == ("done", 1, 1)
    assert "broken.jpg: " in answer.messages
    with store.reading() as session:
        assert runs.workers(session) == []
        assert runs.get(session, answer.json["id"]).status is RunStatus.DONE


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
def test_checkpoints_are_added_listed_and_promoted(workbench, home, tiny_checkpoint, tmp_path):
    added = workbench("checkpoints", "add", tiny_checkpoint, "--name", "tiny", "--note", "random", "--json", *home).json
    assert (added["name"], added["location"]) == ("tiny", str(tiny_checkpoint))
    promoted = workbench("checkpoints", "promote", "tiny", "--json", *home).json
    assert promoted["promoted_at"]
    listed = workbench("checkpoints", "list", "--json", *home).json
    assert [row["name"] for row in listed if row["default"]] == ["tiny"]
    assert "tiny" in workbench("checkpoints", "list", *home).output
    assert workbench("checkpoints", "add", tmp_path, "--name", "none", *home).status == 1
    assert workbench("checkpoints", "promote", "nothing", *home).status == 1


STUDY = """
name: seeds
question: Which is better?
method: pair
votes_per_trial: 2
stimuli: {between: [seed]}
"""
RULES = """
name: by hand
simulated_votes: true
rules:
  - {verdict: accept, when: {adherence: ">= 0"}}
"""


@pytest.mark.model
@pytest.mark.slow
def test_a_study_a_review_and_a_release_from_files(workbench, home, store, library, tiny, carry_out, tmp_path):
    library(4)
    carry_out("colorize_images", checkpoint=tiny, levels=["complete"], seeds=[0, 1])
    (tmp_path / "study.yaml").write_text(STUDY)
    created = workbench("studies", "create", tmp_path / "study.yaml", "--json", *home).json
    assert created == {
        "name": "seeds", "method": "pair", "status": "draft", "trials": 4, "training": 2, "gold": 1, "trap": 1,
    }  # fmt: skip
    assert workbench("studies", "create", tmp_path / "study.yaml", *home).status == 1
    invited = workbench("studies", "invite", "seeds", "--raters", 1, "--json", *home).json
    assert len(invited[0]["token"]) > 20
    assert "seeds is open" in workbench("studies", "open", "seeds", *home).output
    _answer(store)
    assert workbench("studies", "progress", "seeds", "--json", *home).json["votes"] == 4
    results = workbench("studies", "results", "seeds", "--json", *home).json
    assert {"systems", "pairs", "alpha", "raters", "votes", "simulated"} <= results.keys()
    assert results["votes"] == 4
    assert "4 votes, 0 of them simulated" in workbench("studies", "results", "seeds", *home).output
    exported = tmp_path / "votes.csv"
    workbench("ratings", "export", "seeds", "--out", exported, *home)
    assert exported.read_text().splitlines()[0] == "rater,trial,choice,seconds,shown_at,simulated"
    assert workbench("ratings", "import", "seeds", exported, "--json", *home).json == {"added": 0, "present": 4, "refused": []}
    [rater] = workbench("studies", "raters", "seeds", "--json", *home).json
    assert (rater["answers"], rater["finished"]) == (8, True)
    assert "method: pair" in workbench("studies", "show", "seeds", *home).output
    assert workbench("studies", "close", "seeds", "--json", *home).json["status"] == "closed"
    (tmp_path / "rules.yaml").write_text(RULES)
    preview = workbench("review", "apply", tmp_path / "rules.yaml", "--preview", "--json", *home).json
    assert [decision["verdict"] for decision in preview] == ["accept"] * 8
    done = workbench("review", "apply", tmp_path / "rules.yaml", "--json", *home).json
    assert done[0]["batch_id"]
    release = workbench("releases", "create", "first", "--json", *home).json
    assert release["items"] == 12
    assert workbench("releases", "create", "first", "--json", *home).json["version"] == release["version"]
    version = release["version"]
    assert workbench("releases", "verify", "first", version, "--json", *home).json["sound"] is True
    assert workbench("releases", "diff", "first", version, version, *home).status == 0
    assert "first" in workbench("releases", "list", *home).output
    folder = tmp_path / "exported"
    run = workbench("releases", "export", "first", version, "--out", folder, "--json", *home).json
    assert (run["job"], run["parameters"]["folder"]) == ("export_release", str(folder))
    retrain = workbench("retrain", "first", version, "--base", "tiny", "--steps", 3, "--json", *home).json
    assert retrain["parameters"]["release_id"] == 1
    evaluate = workbench("evaluate", "tiny", "--release", "first", version, "--json", *home).json
    assert evaluate["parameters"]["split"] == "test"


def _answer(store) -> None:
    """Let the one rater of the one study prefer the left picture throughout."""
    with store.writing() as session:
        while trial := next_trial(session, 1, 1):
            rate(session, trial.trial_id, 1, trial.stimuli[0].id, seconds=2.0)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("- a list", "holds no mapping"),
        ("{", "cannot be read as YAML"),
        ("name: x\nquestion: y", "line 1, `method`: A study needs this part"),
        ("name: x\nquestion: y\nmethod: pair\ncolor: red", 'has no part "color"'),
        ("name: x\nquestion: y\nmethod: pair\nstimuli: {color: red}", 'has no part "color"'),
        ("name: x\nquestion: y\nmethod: pair\ndesign:\n  ties: maybe", "line 5, `design.ties`: this is true or false"),
    ],
)
def test_a_study_file_that_cannot_be_used_is_refused_with_the_reason(workbench, home, tmp_path, content, says):
    (tmp_path / "study.yaml").write_text(content)
    answer = workbench("studies", "create", tmp_path / "study.yaml", *home)
    assert answer.status == 1
    assert says in answer.messages


def test_planning_says_how_many_votes_a_question_needs(workbench):
    assert workbench("studies", "plan", 0.6, "--json").json["votes"] > 100
    assert workbench("studies", "plan", 0.5).status == 1


def test_votes_without_the_columns_are_refused(workbench, home, tmp_path):
    (tmp_path / "votes.csv").write_text("a,b\n1,2\n")
    answer = workbench("ratings", "import", "seeds", tmp_path / "votes.csv", *home)
    assert answer.status == 1
    assert "expected the columns rater, trial, choice" in answer.messages


@pytest.mark.slow
def test_the_doctor_names_what_is_missing_and_fails_only_where_the_store_is_broken(workbench, home, library, tmp_path):
    none = workbench("doctor", "--json", "--home", tmp_path / "none").json
    assert {"subject": "store", "well": True}.items() <= next(f for f in none if f["subject"] == "store").items()
    library(1)
    sound = workbench("doctor", "--json", *home)
    assert sound.status == 0
    told = {finding["subject"]: finding for finding in sound.json}
    assert told["store files"]["state"] == "1 of the newest 1 of 1 images are whole"
    assert told["workers"]["well"] is False
    for path in (tmp_path / "media").rglob("*.png"):
        path.write_bytes(b"changed")
    broken = workbench("doctor", *home)
    assert broken.status == 1
    assert "0.png" in broken.output


SUMMARY = {
    "images": 29, "captions": 144, "regions": 92, "colorizations": 300, "ratings": 60, "simulated_ratings": 60, "reviews": 100,
    "release": {"name": "demo-loop", "version": "1.0.0", "items": 140, "splits": 3}, "exported_files": 200, "retrained_checkpoint": 2,
    "retrained_checkpoint_name": "mini-2", "colorizations_with_retrained": 140, "runs": 11, "seconds": 12.5,
    "failed_items": [{"job": "import_images", "item": "cut-short.png", "reason": "The picture is broken or cut short."}],
    "validation_loss_before": 0.5, "validation_loss_after": 0.4, "kept_step": 60,
    "evaluations": {"mini": {"items": 7, "adherence": None, "psnr": 20.0}, "mini-2": {"items": 7, "adherence": 0.62, "psnr": 21.0}},
}  # fmt: skip


def test_the_loop_prints_its_summary_in_sentences_or_as_json(workbench, home, monkeypatch):
    monkeypatch.setattr(Loop, "walk", lambda loop: {**SUMMARY, "base": loop.plan.base, "steps": loop.plan.training_steps})
    answer = workbench("demo", "--loop", "--base", "tiny", "--training-steps", 7, "--json", *home)
    assert answer.status == 0
    assert answer.json == {**SUMMARY, "base": "tiny", "steps": 7}
    said = workbench("demo", "--loop", *home).output
    assert "60 ratings (60 simulated)" in said
    assert "mini-2: validation loss 0.5000 before, 0.4000 after 60 steps" in said
    assert "mini-2 on 7 test items: adherence 62%, PSNR 21.0 dB" in said
    assert "failed: cut-short.png (import_images): The picture is broken or cut short." in said


def test_a_demo_that_fails_says_why_and_has_status_1(workbench, home, monkeypatch):
    monkeypatch.setattr(demo, "follow", fails)
    answer = workbench("demo", *home)
    assert answer.status == 1
    assert "Run 1, make_demo: failed. there is no room left" in answer.output


def fails(store, run_id: int):
    """End a run as a worker does that has no room left."""
    with store.writing() as session:
        return runs.fail(session, run_id, "there is no room left")
