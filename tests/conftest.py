"""What every room's tests start from: a fresh store with the migrated schema, a session in it, a media store, a filled store, and
the command line."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from db.session import transaction
from tests.postgres import stores_on_server
from tests.stores import Filled, empty, fill, servers
from workbench.store import MediaStore


@pytest.fixture(autouse=stores_on_server())
def stores_on_a_server():
    """Drop the databases that the test has made; those of the whole session come before it."""
    before = len(servers.made)
    yield
    servers.drop(servers.made[before:])


@pytest.fixture
def engines(tmp_path):
    """The writer and reader engines of a fresh, empty store: in a file, or on a server where tests are to use one."""
    engines = (servers.engines if stores_on_server() else empty)(tmp_path / "workbench.sqlite")
    yield engines
    engines.dispose()


@pytest.fixture
def session(engines):
    """A writer session in one transaction, committed where the test ends well."""
    with transaction(engines.writer) as session:
        yield session


@pytest.fixture
def media(tmp_path):
    """An empty media store in a local folder."""
    return MediaStore(str(tmp_path / "media"))


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory) -> Filled:
    """A filled store, made once; tests work on copies."""
    return fill(tmp_path_factory.mktemp("filled") / "home")


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
        from pipelines.cli import main

        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        return Answer(left.value.code, said.out, said.err)

    return call
