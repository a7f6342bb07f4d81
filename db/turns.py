"""Turns at the write lock of a SQLite database.

SQLite lets waiting writers look again every tenth of a second, and whoever asks at the right moment comes first: a job that writes many
short transactions one after the other keeps everybody else out for as long as it lasts. Here whoever waits for the lock holds the turn
meanwhile, and whoever has just given the lock back waits for the turn first.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["SUFFIX", "turn"]

SUFFIX = "-turn"
"""Of the file beside the database that is locked; it is empty."""
LOOK_AGAIN_SECONDS = 0.005


@contextmanager
def turn(database: Path, most_seconds: float) -> Iterator[None]:
    """Hold the turn of a database while waiting for its write lock; after `most_seconds` go on without it.

    So it is where there can be no such file: SQLite itself says then what is wrong with the disk.
    """
    try:
        place = os.open(database.with_name(database.name + SUFFIX), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError:
        yield
        return
    try:
        until = time.monotonic() + most_seconds
        while not _taken(place) and time.monotonic() < until:
            time.sleep(LOOK_AGAIN_SECONDS)
        yield
    finally:
        os.close(place)  # gives the turn back, as the end of the process does


def _taken(place: int) -> bool:
    try:
        fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
