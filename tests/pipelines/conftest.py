"""What tests of jobs start from: a store as commands open it, and a tiny real checkpoint."""

import json
import os
from dataclasses import dataclass
from typing import Any

import pytest

from pipelines.cli import main
from pipelines.job import JobContext
from pipelines.store import Store
from workbench import runs
from workbench.settings import Settings

os.environ.setdefault("OMP_NUM_THREADS", "2")


@pytest.fixture
def store(engines, media, tmp_path) -> Store:
    """A fresh, empty store in the test's folder."""
    url = f"sqlite:///{tmp_path / 'workbench.sqlite'}"
    return Store(Settings(tmp_path, url, f"sqlite:///{tmp_path / 'jobs.sqlite'}", str(tmp_path / "media"), "tester"), engines, media)


@pytest.fixture
def carry_out(store):
    """Carry out a job in this process: carry_out("make_demo", size=64) -> the run as it ended."""

    def call(job: str, **parameters):
        from pipelines.engine import execute

        with store.writing() as session:
            run = runs.create(session, job, parameters, requested_by="tester")
            runs.start(session, run.id)
        execute(JobContext(store, run.id, run.job, run.parameters, run.requested_by))
        with store.reading() as session:
            return runs.get(session, run.id)

    return call


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory):
    """A checkpoint folder of a real but tiny L-CAD with random weights."""
    from tests.pipelines.tiny import write_tiny_checkpoint

    return write_tiny_checkpoint(tmp_path_factory.mktemp("checkpoint") / "tiny")


@dataclass(frozen=True)
class Answer:
    """What one call of the command said, and its exit status."""

    status: int
    output: str
    messages: str

    @property
    def json(self) -> Any:
        """The value on standard output."""
        return json.loads(self.output)


@pytest.fixture
def workbench(capsys):
    """Call the `workbench` command in this process: workbench("runs", "list", "--home", folder) -> Answer."""

    def call(*arguments: object) -> Answer:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Answer(left.value.code, said.out, said.err)

    return call
