"""A small whole store for stress scripts: pictures with captions and masks, a tiny real checkpoint, a release; and what works on it."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from db.enums import Origin
from db.models import Run
from pipelines.worker import child_processes
from tests.pictures import png
from tests.stores import add_described
from workbench import captions, releases, runs
from workbench.colorizations import checkpoints
from workbench.open_store import Store, open_store
from workbench.settings import read_settings

CHECKPOINT, IMAGES = "tiny", 8
TEXTS = ("a red cup on a brown table", "a red cup on a table", "a cup on a table")
CAPTIONS = IMAGES * len(TEXTS)


def made(home: Path) -> Store:
    """The open store of a new home: so many images of three captions each, the checkpoint, and the release `base`."""
    from tests.pipelines.tiny import write_tiny_checkpoint  # here: it loads torch, which not every script needs

    store = open_store(read_settings(home))
    folder = write_tiny_checkpoint(home / "weights" / CHECKPOINT)
    with store.writing() as session:
        for number in range(IMAGES):
            _add_image(session, store.media, number)
        checkpoints.register(session, name=CHECKPOINT, location=str(folder), digest=checkpoints.folder_digest(folder))
        releases.create(session, store.media, name="base", author="stress")
    return store


def _add_image(session, media, number: int) -> None:
    pixels = np.random.default_rng(number).integers(40, 200, (40, 48, 3), np.uint8)
    pixels[:, :24] = (200, 60 + number, 60)
    left = np.zeros((40, 48), bool)
    left[:, :24] = True
    add_described(session, media, pixels, {"cup": left, "table": ~left}, TEXTS, file_name=f"{number}.png", author="stress")


def photos(folder: Path, first: int, count: int) -> Path:
    """A folder of so many new pictures, each with a caption beside it."""
    folder.mkdir(parents=True)
    for number in range(first, first + count):
        (folder / f"{number}.png").write_bytes(png(10_000 + number))
        (folder / f"{number}.txt").write_text(f"a red cup and {number} brown tables\n")
    return folder


def describe(store: Store, number: int) -> None:
    """One caption more."""
    with store.writing() as session:
        captions.add(session, 1 + number % IMAGES, f"a red cup and {number} tables", text_origin=Origin.HUMAN, author="stress")


def ask(store: Store, job: str, **parameters: object) -> int:
    """Ask for a run; its id."""
    with store.writing() as session:
        return runs.create(session, job, parameters, requested_by="stress").id


def state_of(store: Store, run_id: int) -> Run:
    """A run as it stands."""
    with store.reading() as session:
        return runs.get(session, run_id)


def resume(store: Store, run_id: int) -> None:
    """Queue an ended run again."""
    with store.writing() as session:
        runs.resume(session, run_id, actor="stress")


def worker(store: Store) -> subprocess.Popen:
    """A worker process of the store."""
    return child_processes.start_worker(store.settings, log=store.settings.home / "worker.log")


def until(condition: Callable[[], object], seconds: float, what: str, *, pause: float = 0.02) -> None:
    """Wait for a condition, looking again after each pause; raises TimeoutError that names what did not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:g} s for {what}")
        time.sleep(pause)


def doctor(store: Store) -> str:
    """What `workbench doctor --deep` finds wrong with the store; empty where it is sound."""
    command = [sys.executable, "-m", "pipelines", "doctor", "--deep", "--home", str(store.settings.home)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=300)
    return "" if told.returncode == 0 else told.stdout + told.stderr
