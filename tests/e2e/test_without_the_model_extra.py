"""A server without torch: the app starts quickly in a virtual environment that lacks the `model` extra altogether."""

import importlib.metadata
import os
import re
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

pytestmark = pytest.mark.slow


PROJECT = "lcad-workbench"
ROOT = Path(__file__).parents[2]


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", requirement).lower()


def _closure(needed: set[tuple[str, str]]) -> set[str]:
    """Names of all distributions that the (name, extra) pairs need in this environment."""
    seen: set[tuple[str, str]] = set()
    while needed - seen:
        name, extra = (needed - seen).pop()
        seen.add((name, extra))
        try:
            requirements = [Requirement(text) for text in importlib.metadata.requires(name) or []]
        except importlib.metadata.PackageNotFoundError:
            continue
        for requirement in requirements:
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                needed |= {(_name(requirement.name), option) for option in ("", *requirement.extras)}
    return {name for name, _ in seen}


@pytest.fixture(scope="module")
def lean_python(tmp_path_factory) -> Path:
    """The interpreter of an environment that holds the base install only: every file of it linked from the one at hand."""
    folder = tmp_path_factory.mktemp("lean")
    venv.create(folder, with_pip=False)
    site = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    here = Path(sysconfig.get_path("purelib"))
    for name in _closure({(PROJECT, "")}) - {PROJECT}:
        try:
            files = importlib.metadata.files(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for top in {Path(file).parts[0] for file in files} - {".."}:
            if not (site / top).exists() and top != "__pycache__":
                (site / top).symlink_to(here / top)
    (site / "project.pth").write_text(f"{ROOT}\n")
    return folder / "bin" / "python"


@pytest.fixture
def served(lean_python, tmp_path) -> Iterator[tuple[str, float]]:
    """The address of the app, and the seconds from its start to its first page."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    address, environment = f"http://127.0.0.1:{port}", {**os.environ, "WORKBENCH_HOME": str(tmp_path / "store")}
    started = time.monotonic()
    command = [lean_python, "-m", "pipelines", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, cwd=tmp_path, stdout=subprocess.DEVNULL)
    try:
        while True:
            assert server.poll() is None, "the app ended instead of serving"
            try:
                with urllib.request.urlopen(address, timeout=1) as page:
                    assert page.status == 200
                break
            except OSError:
                assert time.monotonic() < started + 60, "no page within a minute"
                time.sleep(0.05)
        yield address, time.monotonic() - started
    finally:
        server.terminate()
        server.wait(timeout=20)


def test_the_lean_environment_has_no_torch(lean_python):
    for module in ("torch", "diffusers", "transformers", "segment_anything"):
        absent = subprocess.run([lean_python, "-c", f"import {module}"], capture_output=True, text=True)
        assert "ModuleNotFoundError" in absent.stderr


def test_the_app_serves_without_torch(served):
    address, _seconds = served
    with urllib.request.urlopen(f"{address}/_stcore/health") as answer:
        assert answer.read() == b"ok"
