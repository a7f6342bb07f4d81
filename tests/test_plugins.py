"""Plugins of pyproject.toml are loaded before coverage counts: what they import of the project would never be counted."""

import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]


def test_plugins_import_nothing_that_coverage_counts():
    options = PROJECT["pytest"]["ini_options"]["addopts"].split()
    plugins = [name for flag, name in pairwise(options) if flag == "-p"]
    assert plugins
    code = f"import sys, {', '.join(plugins)}; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert not set(done.stdout.split()) & set(PROJECT["coverage"]["run"]["source"])
