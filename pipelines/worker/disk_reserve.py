"""Room that a worker keeps on the store's disk, so that it can still record that there is none left."""

import os
import shutil
from pathlib import Path

__all__ = ["NAME", "keep", "release"]

NAME = ".reserve"
BYTES = 4 << 20
"""More than the sentence of a failed run, its step in the queue, and signs of life for a day take."""
LEAST_FREE = 4 * BYTES
"""With less than this beside it nothing is reserved: the room is somebody's who frees it now."""


def keep(home: Path) -> None:
    """Reserve the room, unless it is reserved already or there is too little."""
    place = home / NAME
    try:
        if not place.exists() and shutil.disk_usage(home).free >= LEAST_FREE:
            with place.open("wb") as stream:
                stream.write(bytes(BYTES))
                stream.flush()
                os.fsync(stream.fileno())  # some file systems find room only now
    except OSError:
        release(home)


def release(home: Path) -> None:
    """Give the room back; where there is none this does nothing."""
    try:
        (home / NAME).unlink(missing_ok=True)
    except OSError:  # on a disk that is read-only it stays
        return
