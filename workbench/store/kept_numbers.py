"""Numbers that take a large store a second to count: kept for as long as nothing changes in it, and half a minute in any case."""

import time
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from workbench.store import events

T = TypeVar("T")

MANY = 100_000
"""Events from which on a store is large; in a smaller one everything is counted each time."""
FRESH_SECONDS = 30
"""How old a number may be while things change."""
LONGEST_SECONDS = 600
"""How old it may be while nothing is recorded: what is measured leaves no event."""

_kept: dict[tuple[str, str], tuple[int, float, Any]] = {}


def kept(session: Session, name: str, count: Callable[[Session], T], fresh_seconds: float | None = None) -> T:
    """What `count` gives for the store of a session; of a large one, what it gave while nothing has changed since.

    While things change it may be `fresh_seconds` old, FRESH_SECONDS where they are not given.
    """
    newest = events.newest(session)
    if newest < MANY:
        return count(session)
    place = str(session.get_bind().engine.url), name
    counted_at, moment, value = _kept.get(place, (-1, 0.0, None))
    age = time.monotonic() - moment
    fresh = FRESH_SECONDS if fresh_seconds is None else fresh_seconds
    if counted_at < 0 or age > (LONGEST_SECONDS if counted_at == newest else fresh):
        value = count(session)
        _kept[place] = newest, time.monotonic(), value
    return value


def forget() -> None:
    """Count everything anew the next time."""
    _kept.clear()
