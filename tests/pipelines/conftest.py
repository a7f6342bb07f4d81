"""What tests of jobs start from: a store as commands open it, and a tiny real checkpoint."""

import os

import numpy as np
import pytest

from pipelines.worker.job import JobContext
from tests.forked import FORKING
from tests.stores import add_described
from workbench import runs
from workbench.colorizations import checkpoints
from workbench.open_store import Store
from workbench.settings import Settings

os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture
def store(engines, media, tmp_path) -> Store:
    """A fresh, empty store in the test's folder."""
    url = engines.writer.url.render_as_string(hide_password=False)
    return Store(Settings(tmp_path, url, f"sqlite:///{tmp_path / 'jobs.sqlite'}", str(tmp_path / "media"), "tester"), engines, media)


@pytest.fixture
def carry_out(store):
    """Carry out a job in this process: carry_out("make_demo", size=64) -> the run as it ended."""

    def call(job: str, **parameters):
        from pipelines.worker.engine import execute

        with store.writing() as session:
            run = runs.create(session, job, parameters, requested_by="tester")
            runs.start(session, run.id)
        execute(JobContext(store, run.id, run.job, run.parameters, run.requested_by))
        with store.reading() as session:
            return runs.get(session, run.id)

    return call


@pytest.fixture
def forked(monkeypatch):
    """Let workers and trainings be forked (`tests.forked`) instead of each importing torch anew."""
    monkeypatch.setattr("pipelines.jobs.training_process.subprocess", FORKING)
    monkeypatch.setattr("pipelines.worker.child_processes.subprocess", FORKING)


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory):
    """A checkpoint folder of a real but tiny L-CAD with random weights."""
    from tests.pipelines.tiny import write_tiny_checkpoint

    return write_tiny_checkpoint(tmp_path_factory.mktemp("checkpoint") / "tiny")


@pytest.fixture
def library(store):
    """Fill the store: library(3) -> ids of three small images, each with a complete, a partial and a scarce caption and two masks."""

    def fill(count: int) -> list[int]:
        with store.writing() as session:
            return [_add_image(session, store.media, number) for number in range(count)]

    return fill


TEXTS = ("a red cup on a brown table", "a red cup on a table", "a cup on a table")


def _add_image(session, media, number: int) -> int:
    pixels = np.random.default_rng(number).integers(40, 200, (40, 48, 3), np.uint8)
    pixels[:, :24] = (200, 60 + number, 60)
    left = np.zeros((40, 48), bool)
    left[:, :24] = True
    masks = {"cup": left, "table": ~left}
    return add_described(session, media, pixels, masks, TEXTS, file_name=f"{number}.png", author="tester").id


@pytest.fixture
def tiny(store, tiny_checkpoint) -> str:
    """The name of the tiny checkpoint, entered in the store."""
    with store.writing() as session:
        digest = checkpoints.folder_digest(tiny_checkpoint)
        return checkpoints.register(session, name="tiny", location=str(tiny_checkpoint), digest=digest).name
