"""A release of a tenth as many items as a store has images: created, verified, exported in every format.

Each step is a process of its own whose memory is read ten times a second, while another one asks for the write lock every 10 ms.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy.orm import Session

from tests.stress.lock_waits import MOST_SECONDS, watched
from tests.stress.million_store import CHOSEN
from workbench import exports, releases
from workbench.open_store import Store, open_store
from workbench.settings import read_settings

MOST_MIB = 400
"""Memory that a step may take above what it had when the store was open, however many items there are."""
LONGEST_SECONDS = 3600
NAME = "chosen"


def measured(store: Store, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """Every step, one after the other; a release that is there already is not made again."""
    folder = store.settings.home / "exported"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    told = []
    for step in ("create", "verify", *exports.FORMATS):
        told.append(_watched_step(store, step))
        shutil.rmtree(folder / step, ignore_errors=True)
        say(line_of(told[-1]))
    return told


def line_of(step: dict[str, Any]) -> str:
    """One line of what a step took."""
    took = f"{step['seconds']:8.1f} s  memory {step['start_mib']:5.0f} MiB, after a fourth of the time {step['fourth_mib']:+5.0f}, at most"
    waited = f"{step['peak_mib']:+5.0f}  longest wait {step['longest_wait_ms']:7.1f} ms"
    return f"{'  ' if step['kept'] else '✗ '}release, {step['name']:13}{took} {waited}  {step['of']}"


def _watched_step(store: Store, step: str) -> dict[str, Any]:
    waits: dict[str, dict[str, Any]] = {}
    with watched(store, waits, step):
        began = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.stress.million_release", step, str(store.settings.home)], stdout=subprocess.PIPE, text=True
        )
        memory = _memory_of(child)
        seconds = time.perf_counter() - began
    said = (child.stdout.read() if child.stdout else "").strip()
    if child.returncode:
        raise RuntimeError(f"{step} ended with status {child.returncode}")
    start = memory[0]
    above = [value - start for value in memory]
    longest = 1000 * waits[step]["longest"]
    return {
        "group": "release", "name": step, "of": said, "seconds": seconds, "start_mib": start, "fourth_mib": above[len(above) // 4],
        "peak_mib": max(above), "longest_wait_ms": longest, "kept": max(above) < MOST_MIB and longest < 1000 * MOST_SECONDS,
    }  # fmt: skip


def _memory_of(child: subprocess.Popen) -> list[float]:
    """MiB of a process and its children from the moment that it says it is ready, ten times a second until its end."""
    if child.stdout is None or child.stdout.readline().strip() != "ready":
        raise RuntimeError("the step never was ready")
    process, memory, end = psutil.Process(child.pid), [], time.monotonic() + LONGEST_SECONDS
    while child.poll() is None:
        try:
            memory.append(sum(one.memory_info().rss for one in (process, *process.children(recursive=True))) / 2**20)
        except psutil.NoSuchProcess:
            continue
        if time.monotonic() > end:
            child.kill()
        time.sleep(0.1)
    return memory


class Held:
    """Writing transactions of a store, and how long each held the writer, in seconds of this thread's processor time."""

    def __init__(self, store: Store):
        self.store, self.longest = store, 0.0

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction."""
        with self.store.writing() as session:
            session.connection()
            began = time.thread_time()
            yield session
        self.longest = max(self.longest, time.thread_time() - began)


def _step(step: str, home: Path) -> str:
    """Do one step, in this process; what it was about."""
    store = open_store(read_settings(home))
    with store.reading() as session:
        releases.listing(session)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    time.sleep(0.3)  # until the memory at the start was read
    if step == "create":
        with (
            store.reading() as looking,
            releases.prepared(looking, store.media, name=NAME, rules={"query": CHOSEN, "target": "reference"}, author="stress") as ready,
        ):
            held = Held(store)
            releases.enter(ready, writing=held.writing, reading=store.reading)
            return f"{len(ready.items):,} items; the writer held for {1000 * held.longest:.0f} ms of processor time at most"
    with store.reading() as session:
        release_id = releases.get(session, NAME).id
        if step == "verify":
            return f"{len(releases.verify(session, store.media, release_id))} problems"
        written = exports.write_files(session, store.media, release_id, step, home / "exported" / step)
        return f"{written.files:,} files, {written.bytes / 1e6:,.0f} MB"


if __name__ == "__main__":
    said = _step(sys.argv[1], Path(sys.argv[2]))
    sys.stdout.write(json.dumps(f"{said}; {time.process_time():.0f} s of processor time") + "\n")
