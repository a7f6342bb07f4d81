"""The command line says what it does in sentences and stable JSON, with exit statuses 0, 1 and 2."""

import errno
import sqlite3
import subprocess
import sys
import time

import numpy as np
import PIL.Image
import pytest
from sqlalchemy.exc import OperationalError

from db.enums import RunStatus
from pipelines.cli import COMMANDS
from pipelines.commands import console
from pipelines.commands.console import table
from workbench import runs


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


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/somewhere"), "There is no space left on the disk. Free some and call this"),
        (OSError(errno.EROFS, "Read-only file system", "/somewhere"), "/somewhere cannot be written to. Make it writable, or name"),
        (OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")), "There is no space left on the disk."),
        (OperationalError("INSERT", {}, sqlite3.OperationalError("database is locked")), "Another job has held the store for longer than"),
    ],
)
def test_a_store_that_is_full_read_only_or_busy_is_a_sentence_without_a_traceback(workbench, home, monkeypatch, error, says):
    def break_down(_settings):
        raise error

    monkeypatch.setattr(console, "open_store", break_down)
    answer = workbench("releases", "list", *home)
    assert answer.status == 1
    assert answer.messages.startswith(says)
    assert "Traceback" not in answer.messages


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
