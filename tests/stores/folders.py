"""Stores in folders: empty ones at the newest schema, and those that an app or a command works on."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Protocol

from sqlalchemy.orm import Session

from db.schema import upgrade
from db.session import Engines, connect, transaction
from workbench.store import MediaStore


class InFolder(Protocol):
    """Whatever knows the folder of its store."""

    home: Path


def home_of(store: Path | InFolder) -> Path:
    """The folder of a store."""
    return store if isinstance(store, Path) else store.home


@cache
def _migrated() -> bytes:
    """The file of an empty store at the newest schema; the migrations run once in a process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "workbench.sqlite")
        with migrated(f"sqlite:///{path}"):
            pass
        return path.read_bytes()


def empty(path: Path) -> Engines:
    """The engines of a fresh, empty store in the file `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_migrated())
    return connect(f"sqlite:///{path}")


@contextmanager
def migrated(url: str) -> Iterator[Engines]:
    """The engines of a store at an address, brought to the newest schema; in a file of SQLite `empty` does it faster."""
    engines = connect(url)
    upgrade(engines.writer)
    yield engines
    engines.dispose()


@contextmanager
def opened(store: Path | InFolder) -> Iterator[tuple[Engines, MediaStore]]:
    """The engines and the media of the store of a folder; one that is not there yet is made."""
    home = home_of(store)
    path = home / "workbench.sqlite"
    engines = connect(f"sqlite:///{path}") if path.exists() else empty(path)
    yield engines, MediaStore(str(home / "media"))
    engines.dispose()


@contextmanager
def reading(store: Path | InFolder) -> Iterator[Session]:
    """A look into the store behind an app's back."""
    with opened(store) as (engines, _), transaction(engines.reader) as session:
        yield session


@contextmanager
def writing(store: Path | InFolder) -> Iterator[Session]:
    """A change of the store behind an app's back."""
    with opened(store) as (engines, _), transaction(engines.writer) as session:
        yield session
