"""A real Label Studio server for tests, from its own virtual environment: it pins what the project does not want to pin.

`make labelstudio` (or `python -m tests.label_studio`) installs it once, under $WORKBENCH_TEST_LABEL_STUDIO or ~/.cache, and makes an
empty store at its newest schema; a test copies that store and starts the server on a free port of 127.0.0.1.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

VERSION = "1.23.2"
VARIABLE = "WORKBENCH_TEST_LABEL_STUDIO"
SECONDS = 180
USER = ("ann@example.org", "correct horse")
TOKEN = "0123456789abcdef0123456789abcdef01234567"
QUIET = {
    "DJANGO_DB": "sqlite",
    "SSRF_PROTECTION_ENABLED": "false",
    "LABEL_STUDIO_ENABLE_LEGACY_API_TOKEN": "true",
    "COLLECT_ANALYTICS": "false",
    "LATEST_VERSION_CHECK": "false",
    "SENTRY_DSN": "",
    "FRONTEND_SENTRY_DSN": "",
}
"""Nothing is sent anywhere, and the token of the command line counts."""


@dataclass(frozen=True)
class Address:
    """Where a server listens, and the token of its first person."""

    url: str
    token: str = TOKEN


def home() -> Path:
    """Where the server is installed, or would be."""
    folder = os.environ.get(VARIABLE)
    return Path(folder).expanduser() if folder else Path.home() / ".cache" / "lcad-workbench" / f"label-studio-{VERSION}"


def is_installed() -> bool:
    """Whether `install` has come to its end."""
    return (home() / "ready").is_file()


def install() -> None:
    """Install the server and make its empty store; nothing happens where that was done."""
    if is_installed():
        return
    shutil.rmtree(home(), ignore_errors=True)
    venv.create(home() / "venv", with_pip=True)
    pip = [str(home() / "venv" / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    versions = Path(__file__).with_name("label_studio_constraints.txt")
    subprocess.run([*pip, "-c", str(versions), f"label-studio=={VERSION}"], check=True)
    with _started(home() / "data"):
        pass
    (home() / "ready").touch()


@contextmanager
def server(folder: Path) -> Iterator[Address]:
    """A server with an empty store in a folder, for as long as the block runs."""
    shutil.copytree(home() / "data", folder)
    with _started(folder) as address:
        yield address


@contextmanager
def _started(folder: Path) -> Iterator[Address]:
    folder.mkdir(parents=True, exist_ok=True)
    address = Address(f"http://127.0.0.1:{_free_port()}")
    name, password = USER
    command = [
        *(str(home() / "venv" / "bin" / "label-studio"), "start", "--no-browser", "--internal-host", "127.0.0.1"),
        *("--port", address.url.rpartition(":")[2], "--data-dir", str(folder)),
        *("--username", name, "--password", password, "--user-token", TOKEN),
    ]
    with (folder / "server.log").open("wb") as log:
        own = {"LABEL_STUDIO_BASE_DATA_DIR": str(folder), "LABEL_STUDIO_HOST": address.url}
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env={**os.environ, **QUIET, **own})
        try:
            _wait(process, address, folder / "server.log")
            yield address
        finally:
            process.terminate()
            process.wait(30)


def _wait(process: subprocess.Popen, address: Address, log: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address.url}/health", timeout=5).close()
            return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.3)
    raise RuntimeError(f"Label Studio did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


if __name__ == "__main__":
    began = time.monotonic()
    install()
    sys.stdout.write(f"Label Studio {VERSION} is in {home()} ({time.monotonic() - began:.0f} s).\n")
