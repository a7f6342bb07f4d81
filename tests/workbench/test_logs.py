"""Logs are lines that a machine reads, and hold nothing that is nobody's business."""

import io
import json
import logging

import pytest

from workbench import logs
from workbench.errors import ConflictError, InvalidInputError

log = logging.getLogger("workbench.jobs")


@pytest.fixture
def lines(monkeypatch):
    """Configure the log of this process for a test: lines("json") -> call for what was written since."""
    root, ours = logging.root, logging.getLogger("workbench")
    before = (root.handlers[:], root.level, ours.level)

    def begin(form: str):
        monkeypatch.setenv(logs.VARIABLE, form)
        stream = io.StringIO()
        logs.configure(stream)
        return lambda: stream.getvalue().splitlines()

    yield begin
    root.handlers[:], root.level, ours.level = before
    root.setLevel(before[1])
    ours.setLevel(before[2])
    logging.captureWarnings(False)


def test_a_line_of_json_names_time_level_run_actor_job_and_message(lines):
    written = lines("json")
    with logs.bound(run=7, job="thumbnails", actor="ann@example.org"):
        log.info("%d of %d done", 3, 4)
    log.warning("nobody's run")
    first, second = map(json.loads, written())
    assert list(first) == ["time", "level", "run", "actor", "job", "message", "logger"]
    assert first.pop("time").endswith("Z")
    assert first == {
        "level": "info", "run": 7, "actor": "ann@example.org", "job": "thumbnails", "message": "3 of 4 done", "logger": "workbench.jobs",
    }  # fmt: skip
    assert "run" not in second


def test_an_error_is_told_by_its_type_and_places_without_what_it_says(lines):
    written = lines("json")
    try:
        raise KeyError("/home/ann/private.png")
    except KeyError:
        log.exception("it broke")
    (line,) = written()
    told = json.loads(line)
    assert (told["error"], told["message"]) == ("KeyError", "it broke")
    assert told["trace"][-1].startswith("tests.workbench.test_logs:test_an_error_is_told_by_its_type")
    assert "private" not in line


def test_a_sentence_of_ours_is_told(lines):
    written = lines("json")
    log.error("refused", exc_info=ConflictError("It is there already."))
    assert json.loads(written()[0])["error"] == "ConflictError: It is there already."


def test_text_says_the_same_in_words(lines):
    written = lines("text")
    with logs.bound(run=7, job="thumbnails"):
        try:
            raise ValueError("secret")
        except ValueError:
            log.exception("it broke")
    head, error, *places = written()
    assert head.endswith("ERROR workbench.jobs: it broke [run=7 job=thumbnails]")
    assert error == "  ValueError"
    assert len(places) == 1


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("/home/ann/photos/beach.png could not be read", "[path] could not be read"),
        ("'/srv/store/my media/the beach.png' is damaged", "'[path]' is damaged"),
        ("'/srv/store/media/aa/bb.png' is damaged", "'[path]' is damaged"),
        ("C:\\Users\\ann\\photo.png is damaged", "[path] is damaged"),
        ("~/photos/a.png", "[path]"),
        ("rater rita@example.co.uk left", "rater [e-mail] left"),
        ("GET /r/abcDEF012_-xyz answered", "GET /r/[token] answered"),
        ("postgresql://ann:sesame@db.example.org/lcad is away", "postgresql://[secret]@db.example.org/lcad is away"),
        ("the password open sesame was tried", "the password [secret] was tried"),
        ("3/4 done, 0.5 it/s, he/she", "3/4 done, 0.5 it/s, he/she"),
        ("see https://example.org/docs/a.html", "see https://example.org/docs/a.html"),
        ("worker host-1 gave no sign of life for 30 s", "worker host-1 gave no sign of life for 30 s"),
    ],
)
def test_secrets_paths_and_people_are_taken_out(lines, monkeypatch, said, kept):
    monkeypatch.setenv("WORKBENCH_PASSWORD", "open sesame")
    written = lines("json")
    log.warning("%s", said)
    assert json.loads(written()[0])["message"] == kept


def test_libraries_go_the_same_way(lines):
    written = lines("json")
    library = logging.getLogger("a.library.of.this.test")
    library.addHandler(logging.StreamHandler(io.StringIO()))
    library.propagate = False
    logs.take_over(library)
    library.warning("it says")
    library.info("it whispers")
    assert [json.loads(line)["message"] for line in written()] == ["it says"]


def test_a_form_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv(logs.VARIABLE, "yaml")
    with pytest.raises(InvalidInputError, match='WORKBENCH_LOG is "yaml"; set it to json or text'):
        logs.configure()
