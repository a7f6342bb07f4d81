"""Paths that a person, a form or a stranger's file names: whatever stands there, looking for them ends in yes or no."""

import os
from pathlib import Path

__all__ = ["expanded", "is_file", "is_folder", "is_there"]


def expanded(path: str | Path) -> Path:
    """The path with a leading `~` put in full; that of a user who is not known stays as it is."""
    return Path(os.path.expanduser(path))


def is_file(path: Path) -> bool:
    """Whether there is a file; False also for what can be no path, as one with a NUL or of ten thousand letters."""
    return os.path.isfile(path)


def is_folder(path: Path) -> bool:
    """Whether there is a folder; False also for what can be no path."""
    return os.path.isdir(path)


def is_there(path: Path) -> bool:
    """Whether there is anything; False also for what can be no path."""
    return os.path.exists(path)
