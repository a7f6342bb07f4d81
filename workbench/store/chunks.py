"""Long lists of keys in pieces, since a database takes only so many values in one statement."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

BATCH = 500
"""Values in one IN list."""


def batches(values: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """The values in order, in lists of `size`; the last may be shorter."""
    rest = iter(values)
    while piece := list(islice(rest, size)):
        yield piece
