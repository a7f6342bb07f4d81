"""Child processes: workers and the app, started by one command and stopped with it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workbench.settings import Settings

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before a child that ended is started again."""
WORKER_NICENESS = 5
"""How far workers stand back: pages are waited for, runs go on."""
STOP_SECONDS = 90.0
"""How long a child may take to come to a rest before it is killed; a little more than a worker's grace."""


def start_worker(settings: Settings, *, log: Path | None = None) -> subprocess.Popen:
    """A worker of the store as a child that stops with this process; its messages go to the file `log` where one is named."""
    arguments = [sys.executable, "-m", "pipelines", "work", "--home", str(settings.home), "--with-parent"]
    return yielding(start(arguments, log=log), WORKER_NICENESS)


def yielding(child: subprocess.Popen, niceness: int) -> subprocess.Popen:
    """The child, just started, with everything that it will start, behind processes that somebody waits for."""
    with suppress(ProcessLookupError):
        os.setpriority(os.PRIO_PROCESS, child.pid, os.getpriority(os.PRIO_PROCESS, 0) + niceness)
    with suppress(OSError):  # where sessions share a processor as groups, niceness counts within a session alone
        Path(f"/proc/{child.pid}/autogroup").write_text(str(niceness))
    return child


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


class KeptAlive:
    """A child that is started again when it ends: after a second at first, then after twice as long each time, a minute at most.

    One that lived for a minute begins anew with a second.
    """

    def __init__(self, name: str, start_child: Callable[[], subprocess.Popen]):
        self.name, self._start = name, start_child
        self.child = start_child()
        self._started, self._deaths, self._due = time.monotonic(), 0, 0.0

    def look(self) -> str:
        """Start it again where it has ended and its pause is over; return a sentence where something happened, else ""."""
        if self.child.poll() is None:
            return ""
        moment = time.monotonic()
        if not self._due:
            self._deaths = 0 if moment - self._started >= LONGEST_PAUSE else self._deaths
            pause = min(FIRST_PAUSE * 2**self._deaths, LONGEST_PAUSE)
            self._deaths, self._due = self._deaths + 1, moment + pause
            return f"{self.name} ended with status {self.child.returncode}; it is started again in {pause:g} s."
        if moment >= self._due:
            self.child = self._start()
            self._started, self._due = moment, 0.0
        return ""


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
