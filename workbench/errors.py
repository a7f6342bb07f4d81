"""Broken rules of the domain, in sentences fit to show a person.

WorkbenchError
├── NotFoundError          what was asked for is not in the store
├── InvalidInputError      what was given cannot be used
│   └── UnreadableFileError    a file is broken, truncated, too large or of an unknown kind
├── ConflictError          it is there already, or something else holds it
│   ├── AlreadyRatedError      one rating per rater per trial
│   └── StudyNotOpenError      only an open study takes ratings
├── NotAllowedError        this person may not do that
├── MissingPartError       an extra, weights or a server that this needs is absent
└── CancelledError         a person stopped the run
"""

import errno
from collections.abc import Mapping
from typing import Literal

__all__ = [
    "AlreadyRatedError",
    "CancelledError",
    "ConflictError",
    "InvalidInputError",
    "MissingPartError",
    "NotAllowedError",
    "NotFoundError",
    "StudyNotOpenError",
    "Trouble",
    "UnreadableFileError",
    "WorkbenchError",
    "store_trouble",
]


class WorkbenchError(Exception):
    """A rule of the domain was broken; the text says what was wrong and what to do."""

    word: str = ""
    """Where raters meet it: the key of its sentence in the words of their page (`workbench.studies.rater_words`)."""
    facts: Mapping[str, str] = {}
    """What is filled into that sentence."""


class NotFoundError(WorkbenchError):
    """What was asked for is not in the store."""


class InvalidInputError(WorkbenchError):
    """What was given cannot be used."""


class UnreadableFileError(InvalidInputError):
    """A file is broken, truncated, too large or of an unknown kind."""


class ConflictError(WorkbenchError):
    """It is there already, or something else holds it."""


class AlreadyRatedError(ConflictError):
    """This rater has answered this trial."""


class StudyNotOpenError(ConflictError):
    """The study takes no ratings now."""


class NotAllowedError(WorkbenchError):
    """This person may not do that."""


class MissingPartError(WorkbenchError):
    """An extra, weights or a server that this needs is absent."""


class CancelledError(WorkbenchError):
    """A person stopped the run."""


Trouble = Literal["full", "read-only", "busy"]


def store_trouble(error: BaseException) -> Trouble | None:
    """What an error says of the place where things are kept, also one that a database driver wrapped; None where it says something else.

    The disk is full, a place on it cannot be written to, or another holds the database's writer for longer than anybody waits.
    """
    root = getattr(error, "orig", None) or error
    number = root.errno if isinstance(root, OSError) else None
    if number in (errno.ENOSPC, errno.EDQUOT) or "disk is full" in str(root):
        return "full"
    if number in (errno.EROFS, errno.EACCES, errno.EPERM) or "readonly database" in str(root):
        return "read-only"
    return "busy" if "database is locked" in str(root) else None
