"""What the documents quote is what the code says, the commands print, and the readers take."""

import importlib.util
import io
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import yaml

from tests.pictures import encoded, picture
from workbench import reviews
from workbench.errors import UnreadableFileError
from workbench.imaging.decode import decode
from workbench.reports.report_notes import read_notes
from workbench.studies import design_io

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#+ +(.*?) *$", re.M)
FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.S | re.M)
CALL = re.compile(r"\s*(?:\$ )?(?:\.venv/bin/)?workbench (\S.*)")
NEEDS_A_NAME = re.compile(r"tests/benchmarks/\w+\.py|(?<=python -m )(?:tests|lcad|pipelines)[\w.]*")


def blocks(document: Path, language: str) -> list[str]:
    """The fenced blocks of a language, "" for those that name none."""
    return [text for name, text in FENCED.findall(document.read_text("utf-8")) if name == language]


def commands(document: Path) -> Iterator[list[str]]:
    """The words of every call of `workbench` in a document's blocks, without comments."""
    for line in "".join(blocks(document, "")).splitlines():
        for call in re.split("&&", line):
            if called := CALL.match(call):
                yield shlex.split(called[1], comments=True)


def renew(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, ROOT / "docs/renew.py", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=900)


@pytest.mark.slow
def test_the_rooms_and_their_drawing_are_those_of_the_imports():
    done = renew("--check", "docs/architecture.md")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_reference_of_python_is_that_of_the_docstrings():
    done = renew("--check", "docs/python.md")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_the_reference_of_commands_is_that_of_the_command_line_and_leaves_none_out():
    from pipelines.cli import COMMANDS

    done = renew("--check", "docs/commands.md")
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.findall(r"^## `([\w-]+)`$", (ROOT / "docs/commands.md").read_text("utf-8"), re.M)
    assert sorted(told) == sorted(COMMANDS)


@pytest.mark.slow
def test_the_sentences_of_errors_are_those_of_the_code():
    done = renew("--check", "docs/errors.md")
    assert done.returncode == 0, done.stdout + done.stderr


def anchors(document: Path) -> set[str]:
    """The ids that a page of Markdown gives to its headings."""
    headings = HEADING.findall(FENCED.sub("", document.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()).replace(" ", "-") for heading in headings}


def test_every_link_and_picture_of_the_documents_is_there():
    gone, number = [], 0
    for document in DOCUMENTS:
        for target in LINK.findall(FENCED.sub("", document.read_text("utf-8"))):
            if "://" in target or target.startswith("mailto:"):
                continue
            name, _, anchor = target.partition("#")
            place = document.parent / name if name else document
            number += 1
            if not place.exists() or (anchor and anchor not in anchors(place)):
                gone.append((str(document.relative_to(ROOT)), target))
    assert gone == []
    assert number > 100


def test_every_document_is_in_the_index():
    index = ROOT / "docs/README.md"
    linked = {(index.parent / target).resolve() for target in LINK.findall(index.read_text("utf-8"))}
    documents = {path for path in (ROOT / "docs").rglob("*.md") if path != index and "experiments" not in path.parts}
    assert documents <= linked


@pytest.mark.slow
def test_a_quoted_command_is_run_again_and_a_stale_answer_is_told_and_renewed(tmp_path):
    document = tmp_path / "page.md"
    document.write_text('<!-- run -->\n```\n$ workbench captions read "a red cup on a table"\nsomething else\n```\n')
    assert renew("--check", document).returncode == 1
    assert "something else" in document.read_text()
    assert renew(document).returncode == 0
    assert "cup" in document.read_text().partition("read")[2]
    assert "something else" not in document.read_text()
    assert renew("--check", document).returncode == 0


@pytest.mark.slow
def test_every_documented_call_is_one_that_the_command_line_takes():
    """Parsed to the last option, not carried out."""
    import click
    from typer.main import get_command

    from pipelines.cli import build

    calls = [(document.name, words) for document in DOCUMENTS for words in commands(document)]
    assert len(calls) > 40
    refused = []
    for name, words in calls:
        command, context = get_command(build(words[0])), None
        try:
            while True:
                context = command.make_context(command.name, list(words), parent=context)
                if not isinstance(command, click.Group):
                    break
                _, command, words = command.resolve_command(context, [*context._protected_args, *context.args])
        except click.ClickException as error:
            refused.append((name, words, error.format_message()))
    assert refused == []


def test_every_script_and_module_that_a_document_names_is_there():
    for document in DOCUMENTS:
        for name in NEEDS_A_NAME.findall(document.read_text("utf-8")):
            assert (ROOT / name).exists() if "/" in name else importlib.util.find_spec(name.rstrip(".")), (document.name, name)


def test_what_is_said_of_broken_pictures_is_what_is_said_of_them():
    said = next(text for text in blocks(ROOT / "README.md", "") if text.startswith("cut.jpg"))
    huge = io.BytesIO()
    PIL.Image.fromarray(np.zeros((2, 2), np.uint8)).save(huge, "BMP")
    header = bytearray(huge.getvalue())
    header[18:26] = (20000).to_bytes(4, "little") * 2
    contents = {"cut.jpg": encoded(picture(), "JPEG")[:-48], "huge.png": bytes(header), "notes.jpg": b"a note\n" * 20}
    lines = []
    for name, content in contents.items():
        with pytest.raises(UnreadableFileError) as refused:
            decode(content)
        lines.append(f"{name}: {refused.value}")
    assert re.sub(r"\d+ bytes", "… bytes", "\n".join(lines)) == re.sub(r"\d+ bytes", "… bytes", said.strip())


def test_the_designs_rules_and_notes_of_the_documents_are_read():
    design, *parts = blocks(ROOT / "docs/studies.md", "yaml")
    scales, further, questionnaire, recruitment = parts
    strangers = recruitment.partition("design:\n")[2]
    whole = re.sub(r"^  recruitment: \{…\}.*\n", lambda _: strangers, design, flags=re.M)
    whole = re.sub(r"^  (further: \[|questionnaire: \{)….*\n", "", whole, flags=re.M)
    assert design_io.read(whole).rules.recruitment.participant == "PROLIFIC_PID"
    marks = design_io.read(f"name: marks\nquestion: How good?\nmethod: category\nvotes_per_trial: 3\n{scales}")
    assert [scale.name for scale in marks.rules.scales] == ["naturalness", "quality", "bleeding", "match"]
    for part in (further, questionnaire):
        design_io.read(f"name: pairs\nquestion: Which is better?\nmethod: pair\nvotes_per_trial: 3\n{part}")
    [notes] = blocks(ROOT / "docs/reporting.md", "yaml")
    assert read_notes(notes, "the notes").pay == "5 EUR for some twenty minutes"


def test_the_rules_of_the_documents_are_applied(session):
    for name, number in (("README.md", 1), ("docs/releases.md", 0)):
        assert reviews.apply_rules(session, yaml.safe_load(blocks(ROOT / name, "yaml")[number]), actor="ada") == []


@pytest.mark.slow
@pytest.mark.model
def test_the_readme_colors_a_photo_in_three_lines():
    [code] = blocks(ROOT / "README.md", "python")
    names = {"photo": PIL.Image.fromarray(picture(1))}
    exec(code, names)
    assert names["output"].images[0].size == (96, 64)
