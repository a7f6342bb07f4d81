"""What every room's tests start from: a fresh store with the migrated schema, a session in it, a media store, and a filled store."""

import pytest

from db.session import transaction
from tests.stores import Filled, empty, fill
from workbench.store import MediaStore


@pytest.fixture
def engines(tmp_path):
    """The writer and reader engines of a fresh, empty store in a file."""
    engines = empty(tmp_path / "workbench.sqlite")
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
