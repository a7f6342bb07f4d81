"""What every room's tests start from: a fresh store with the migrated schema, a session in it, and a media store."""

import shutil

import pytest

from db.schema import upgrade
from db.session import connect, transaction
from workbench.store import MediaStore


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory):
    """A SQLite file at the newest schema, made once; tests copy it."""
    path = tmp_path_factory.mktemp("schema") / "workbench.sqlite"
    engines = connect(f"sqlite:///{path}")
    upgrade(engines.writer)
    engines.dispose()
    return path


@pytest.fixture
def engines(migrated_file, tmp_path):
    """The writer and reader engines of a fresh, empty store in a file."""
    path = tmp_path / "workbench.sqlite"
    shutil.copyfile(migrated_file, path)
    engines = connect(f"sqlite:///{path}")
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
