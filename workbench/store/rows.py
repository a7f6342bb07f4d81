"""One row by its key, or a sentence that says it is not there; and keys found among many."""

from array import array
from collections.abc import Iterable
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.base import Base
from workbench.errors import NotFoundError
from workbench.store.chunks import batches

Row = TypeVar("Row", bound=Base)
Key = TypeVar("Key", int, str)


def require(session: Session, model: type[Row], key: int, *, advice: str = "") -> Row:
    """The row of a table with a key; raises NotFoundError that names both, and with `advice` says what to do."""
    row = session.get(model, key)
    if row is None:
        raise NotFoundError(f"There is no {model.__tablename__.replace('_', ' ')} {key}{f'; {advice}' if advice else ''}.")
    return row


def values_among(session: Session, statement: Select[Any], column: InstrumentedAttribute[Key], keys: Iterable[Key]) -> set[Any]:
    """What a statement selects where `column` is one of the keys, asked in lists that a database takes."""
    return {value for some in batches(sorted(set(keys))) for value in session.scalars(statement.where(column.in_(some)))}


def sorted_ids(session: Session, statement: Select[Any]) -> array:
    """All ids that a statement finds, ascending, as whole numbers of 64 bits.

    The database hands them over as one value: a million rows, each an object of its own, would take seconds and a hundred megabytes.
    """
    found = statement.subquery().c[0]
    if session.get_bind().dialect.name == "sqlite":
        keys = np.fromstring(session.scalar(select(func.group_concat(found))) or "", np.int64, sep=",")
    else:
        keys = np.array(session.scalar(select(func.array_agg(found))) or [], np.int64)
    return array("q", np.sort(keys).tobytes())
