"""Files that are there whole or not at all: written beside their place and moved there at the end."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def atomic_file(path: Path, *, durable: bool = False) -> Iterator[BinaryIO]:
    """A stream whose bytes become the file at its end; after an error the file is as it was. Folders above it are made.

    A `durable` file is on the disk when this returns, and still there after a power failure.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, incoming = tempfile.mkstemp(dir=path.parent, prefix=".incoming-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        os.chmod(incoming, 0o644)
        os.replace(incoming, path)
    except BaseException:
        Path(incoming).unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
