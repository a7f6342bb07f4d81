"""What a server says of a task that somebody annotated."""

from dataclasses import dataclass
from typing import Any

__all__ = ["Annotation", "Task"]


@dataclass(frozen=True)
class Annotation:
    """One annotation of a task. `author` is the person's address, `updated_at` the server's moment of its last change."""

    id: int
    updated_at: str
    created_at: str
    author: str
    author_id: int
    seconds: float | None
    """What Label Studio measured from opening to submitting."""
    is_skipped: bool
    results: list[dict[str, Any]]


@dataclass(frozen=True)
class Task:
    """A task that changed, with our key of it and its annotations."""

    key: str
    updated_at: str
    annotations: list[Annotation]
