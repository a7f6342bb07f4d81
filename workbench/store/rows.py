"""One row by its key, or a sentence that says it is not there; and keys found among many."""

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.base import Base
from workbench.errors import NotFoundError
from workbench.store.chunks import batches

Row = TypeVar("Row", bound=Base)


def require(session: Session, model: type[Row], key: int, *, advice: str = "") -> Row:
    """The row of a table with a key; raises NotFoundError that names both, and with `advice` says what to do."""
    row = session.get(model, key)
    if row is None:
        raise NotFoundError(f"There is no {model.__tablename__.replace('_', ' ')} {key}{f'; {advice}' if advice else ''}.")
    return row


def values_among(session: Session, statement: Select[Any], column: InstrumentedAttribute[int], keys: Iterable[int]) -> set[int]:
    """What a statement selects where `column` is one of the keys, asked in lists that a database takes."""
    return {value for some in batches(sorted(set(keys))) for value in session.scalars(statement.where(column.in_(some)))}
