"""Long sequences on disk instead of in memory: written once, read in the same order as often as needed."""

import pickle
import tempfile
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Spool(Generic[T]):
    """A sequence in a nameless temporary file that goes with it; its objects are those that pickle takes."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by __exit__)
        self._count = 0

    def __enter__(self) -> "Spool[T]":
        return self

    def __exit__(self, *_error) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._count

    def add(self, thing: T) -> None:
        """Put a thing at the end; not while the sequence is being read."""
        pickle.dump(thing, self._file, pickle.HIGHEST_PROTOCOL)
        self._count += 1

    def __iter__(self) -> Iterator[T]:
        self._file.seek(0)
        for _ in range(self._count):
            yield pickle.load(self._file)
