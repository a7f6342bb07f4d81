"""The open store that jobs, commands and pages work on: the one place that opens engines and media of the settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.orm import Session

from db import schema
from db.copies import copy_database
from db.session import Engines, connect, transaction
from workbench.errors import ConflictError, UnreadableFileError
from workbench.settings import Settings
from workbench.store import MediaStore


@dataclass(frozen=True)
class Store:
    """Settings, database engines and media of one store."""

    settings: Settings
    engines: Engines
    media: MediaStore

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in one writing transaction."""
        with transaction(self.engines.writer) as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session in one reading transaction."""
        with transaction(self.engines.reader) as session:
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.engines.dispose()


def open_store(settings: Settings) -> Store:
    """The store of the settings, made where there is none, at the newest schema. Raises as `bring_up_to_date` does."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)  # months of people's judgment are nobody else's business
    store = connect_store(settings)
    try:
        bring_up_to_date(store.engines, settings)
    except BaseException:
        store.close()
        raise
    return store


def connect_store(settings: Settings) -> Store:
    """The store of the settings as it stands, whatever its schema: for looking at one that may be broken."""
    return Store(settings, connect(settings.database_url), media_of(settings))


def media_of(settings: Settings) -> MediaStore:
    """The files of the settings' store; they need no database."""
    return _media_at(settings.media_url)


@lru_cache(maxsize=8)
def _media_at(url: str) -> MediaStore:
    return MediaStore(url)


def shared_store(settings: Settings) -> Store:
    """The store of the settings as all threads of a server share it: opened as `open_store` does, once a process, and never closed."""
    with _one_opens:
        return _shared(settings)


_one_opens = Lock()
_shared = lru_cache(maxsize=8)(open_store)


def bring_up_to_date(engines: Engines, settings: Settings) -> None:
    """Bring a store to the newest schema; a SQLite database is copied into `backups/` of its home before it is changed.

    Raises ConflictError for a store of a newer version, UnreadableFileError for a database that cannot be read or reached.
    """
    try:
        revision = schema.current(engines.writer)
        place = make_url(settings.database_url)
        if revision is not None and revision < schema.head() and place.get_backend_name() == "sqlite" and place.database:
            copy_database(Path(place.database), settings.home / "backups" / f"workbench-schema-{revision}.sqlite")
        schema.upgrade(engines.writer)
    except schema.NewerSchemaError as error:
        raise ConflictError(
            f"This store has the schema {error}, but this version of the workbench knows {schema.head()} at most: it was made by a newer "
            "version. Install that one (pip install --upgrade lcad-workbench); nothing was changed."
        ) from None
    except OperationalError as error:
        raise UnreadableFileError(f"The store's database cannot be reached: {_reason(error)}. Start it, or correct its address.") from None
    except DatabaseError as error:
        raise UnreadableFileError(
            f"The store's database is damaged: {_reason(error)}. See `workbench doctor`; `workbench restore` brings a backup back."
        ) from None


def _reason(error: DatabaseError) -> str:
    return " ".join(str(error.orig).split())[:200]
