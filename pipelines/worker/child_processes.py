"""Child processes: workers and the app, started by one command and stopped with it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench.settings import Settings

STOP_SECONDS = 90.0
"""How long a child may take to come to a rest before it is killed; a little more than a worker's grace."""


def start_worker(settings: Settings, *, log: Path | None = None) -> subprocess.Popen:
    """A worker of the store as a child that stops with this process; its messages go to the file `log` where one is named."""
    arguments = [sys.executable, "-m", "pipelines", "work", "--home", str(settings.home), "--with-parent"]
    return start(arguments, log=log)


def start(arguments: list[str], *, log: Path | None = None, cwd: Path | None = None, home: Path | None = None) -> subprocess.Popen:
    """A child in a session of its own, so that a Ctrl-C on the terminal reaches only its parent, which stops it in good order."""
    environment = {**os.environ, **({"WORKBENCH_HOME": str(home)} if home else {})}
    if log is None:
        return subprocess.Popen(arguments, cwd=cwd, env=environment, start_new_session=True, stdin=subprocess.DEVNULL)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as sink:
        return subprocess.Popen(
            arguments, cwd=cwd, env=environment, start_new_session=True, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT
        )


def stop(children: list[subprocess.Popen], *, seconds: float = STOP_SECONDS) -> None:
    """Ask the children to stop, all at once; kill what has not stopped after `seconds`."""
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    for child in children:
        try:
            child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def a_worker(settings: Settings, *, needed: bool = True) -> Iterator[subprocess.Popen | None]:
    """A worker for the time of the block, where one is needed; its messages go to `worker.log` in the store's home."""
    if not needed:
        yield None
        return
    child = start_worker(settings, log=settings.home / "worker.log")
    try:
        yield child
    finally:
        stop([child])
