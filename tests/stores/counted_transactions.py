"""Transactions of a store that are counted, before one of which something else happens: a kill, another writer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from db.session import Engines, transaction


class CountedTransactions:
    """Opens transactions; `opened` counts those that write, and `at` has by number what happens before one."""

    def __init__(self, engines: Engines):
        self.engines, self.opened = engines, 0
        self.at: dict[int, Callable[[], object]] = {}

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that writes."""
        self.opened += 1
        self.at.get(self.opened, lambda: None)()
        with transaction(self.engines.writer) as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One that reads."""
        with transaction(self.engines.reader) as session:
            yield session

    @property
    def both(self) -> dict:
        """By the names that services take them; counted anew."""
        self.opened = 0
        return {"reading": self.reading, "writing": self.writing}
