"""What is wrong with a store: its database, its rows' references, its files, its releases."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from workbench import releases
from workbench.store import MediaStore
from workbench.upkeep.media_in_use import keys_in_use

__all__ = ["Damage", "damages", "database_damages"]

Progress = Callable[[int, int], None]
MOST = 20
"""Damages of one kind that are named; the rest are counted."""


@dataclass(frozen=True)
class Damage:
    """Something that is not as it should be, and what can be done."""

    subject: str
    reason: str
    advice: str


RESTORE_ALL = "restore the newest backup (workbench restore)"
RESTORE = "restore the newest backup (workbench restore), or import the file again"


def database_damages(url: str, what: str) -> list[Damage]:
    """What SQLite finds wrong in a database file; empty where it is sound, is not there yet, or is no SQLite file of ours."""
    place = make_url(url)
    if place.get_backend_name() != "sqlite" or not place.database or not Path(place.database).exists():
        return []
    try:
        connection = sqlite3.connect(f"file:{place.database}?mode=ro", uri=True, timeout=30)
        try:
            messages = [row[0] for row in connection.execute("PRAGMA integrity_check(20)")]
        finally:
            connection.close()
    except sqlite3.DatabaseError as error:
        return [Damage(what, f"the file cannot be read as a database: {error}", RESTORE_ALL)]
    return [Damage(what, line, RESTORE_ALL) for line in messages if line != "ok"]


def damages(session: Session, media: MediaStore, *, progress: Progress | None = None) -> list[Damage]:
    """Rows that refer to nothing, media files that are missing or changed, and releases that are not as they were frozen.

    Reads every file of the store; `progress(done, total)` is told of them.
    """
    all_damages = [*_references(session)]
    keys = sorted(keys_in_use(session, history=False))
    broken = []
    for done, key in enumerate(keys, 1):
        if not media.exists(key):
            broken.append(Damage(f"file {key}", "it is missing", RESTORE))
        elif not media.verify(key):
            broken.append(Damage(f"file {key}", "its bytes are no longer those that were stored", RESTORE))
        if progress is not None:
            progress(done, len(keys))
    return [*all_damages, *_at_most(broken), *_releases(session, media)]


def _references(session: Session) -> Iterator[Damage]:
    """Rows whose foreign keys lead nowhere: PostgreSQL has none, SQLite may after a tool wrote into it."""
    connection = session.connection()
    if connection.dialect.name != "sqlite":
        return
    counts: dict[tuple[str, str], int] = {}
    for table, _row, parent, _number in connection.execute(text("PRAGMA foreign_key_check")):
        counts[table, parent] = counts.get((table, parent), 0) + 1
    for (table, parent), count in counts.items():
        yield Damage(f"table {table}", f"{count:,} rows refer to rows of {parent} that are gone", RESTORE_ALL)
    if not inspect(connection).has_table("image"):
        yield Damage("table image", "it is missing", RESTORE_ALL)


def _releases(session: Session, media: MediaStore) -> Iterator[Damage]:
    for release in releases.listing(session)[::-1]:
        problems = releases.verify(session, media, release.id)
        for problem in problems[:MOST]:
            yield Damage(f"release {release.name} {release.version}, {problem.subject}", problem.reason, RESTORE)


def _at_most(some: list[Damage]) -> list[Damage]:
    more = [Damage("files", f"{len(some) - MOST:,} more are missing or changed", RESTORE)] if len(some) > MOST else []
    return [*some[:MOST], *more]
