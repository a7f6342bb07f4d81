"""Engines and transactions: one writer that takes its lock at BEGIN, one reader that never does."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from db.models.search import refresh_search
from db.turns import turn

WAIT_SECONDS = 30
"""How long a writer waits for another."""
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "fullfsync=ON",
    "foreign_keys=ON",
    f"busy_timeout={WAIT_SECONDS * 1000}",
    "cache_size=-16000",
)
"""With `synchronous=FULL` a commit returns when it is on the disk: what somebody was told is kept survives a power cut, too."""


_SIGNS = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
LINK = {
    "connect_timeout": "10",
    "tcp_user_timeout": "25000",
    **{name: str(value) for name, value in _SIGNS.items()},
    "options": " ".join([*(f"-c tcp_{name}={value}" for name, value in _SIGNS.items()), "-c tcp_user_timeout=25000"]),
}
"""For libpq, and by `options` for the server: a link that is silent for 25 seconds is down."""


@dataclass(frozen=True)
class Engines:
    """The two engines of one store; on PostgreSQL they differ in their isolation only."""

    writer: Engine
    reader: Engine

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.writer.dispose()
        self.reader.dispose()


def connect(url: str | URL) -> Engines:
    """Engines for a store at `url` (`sqlite:///file` or `postgresql+psycopg://…`).

    On SQLite the measured recipe holds: driver autocommit, WAL, and `BEGIN IMMEDIATE` for writers, without which contended
    read-modify-write transactions are lost to "database is locked" whatever the timeout. Writers take turns (`db.turns`).
    """
    url = make_url(url)
    if url.get_backend_name() != "sqlite":
        engine = create_engine(watchful(url), pool_pre_ping=True)
        return Engines(engine, engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ"))
    if url.database in (None, "", ":memory:"):
        raise ValueError("expected a SQLite file; an in-memory store cannot be shared between the writer and the reader")
    database = Path(url.database)
    database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not database.exists():
        os.close(os.open(database, os.O_CREAT | os.O_WRONLY, 0o600))  # what SQLite lays beside it is as open as this file
    writer, reader = _sqlite(url), _sqlite(url)

    @event.listens_for(writer, "begin")
    def _write(connection) -> None:
        with turn(database, WAIT_SECONDS):
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(reader, "begin")
    def _read(connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return Engines(writer, reader)


def watchful(url: URL) -> URL:
    """The address of a server with what makes both ends notice soon that the other is cut off; what it says itself stays.

    Without it a worker whose link is cut would hold its rows locked, and wait for an answer, for hours. SQLite has no other end.
    """
    return url if url.get_backend_name() == "sqlite" else url.set(query={**LINK, **url.query})


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def _prepare(connection, _record) -> None:
        connection.isolation_level = None
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """A session in one transaction: committed at the end with the search brought up to date, rolled back by any exception."""
    with Session(engine, expire_on_commit=False) as session:
        event.listen(session, "before_commit", _bring_search_up_to_date)
        with session.begin():
            yield session


def _bring_search_up_to_date(session: Session) -> None:
    if session.in_nested_transaction():
        return  # a savepoint is released; the commit itself comes later
    session.flush()
    refresh_search(session.connection())
