"""What the documents quote is what the code says and the commands print."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


ROOT = Path(__file__).parents[1]


def renew(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, ROOT / "docs/renew.py", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=900)


def test_the_rooms_and_their_drawing_are_those_of_the_imports():
    done = renew("--check", "docs/architecture.md")
    assert done.returncode == 0, done.stdout + done.stderr


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
