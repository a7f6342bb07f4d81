"""The open store that jobs and commands work on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.orm import Session

from db import schema
from db.session import Engines, connect, transaction
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
    """The store of the settings, made where there is none, at the newest schema."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)  # months of people's judgment are nobody else's business
    engines = connect(settings.database_url)
    schema.upgrade(engines.writer)
    return Store(settings, engines, MediaStore(settings.media_url))
