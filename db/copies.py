"""Copies of a SQLite store as it is at one moment, while others write into it."""

import contextlib
import os
import sqlite3
from pathlib import Path

__all__ = ["copy_database", "without_side_files"]


def copy_database(source: Path, target: Path) -> None:
    """Copy a SQLite database, writers notwithstanding; the copy is one whole file, and on the disk when this returns."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.unlink(missing_ok=True)
    without_side_files(target)
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
    with contextlib.closing(sqlite3.connect(source, timeout=30)) as live, contextlib.closing(sqlite3.connect(target)) as copy:
        live.execute("BEGIN")
        live.execute("SELECT count(*) FROM sqlite_master").fetchone()  # from here on it is one moment for all pages
        live.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    for place in (target, target.parent):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def without_side_files(database: Path) -> None:
    """Remove what a connection left beside a database that nobody has open."""
    for suffix in ("-wal", "-shm", "-journal"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
