"""Which media files the rows of a store name, in whatever column they do so."""

import re
from collections.abc import Iterator

from sqlalchemy import Column, Table, Text, cast, select
from sqlalchemy.orm import Session

from db.base import Base, JsonText
from db.models import Event, Release
from workbench.releases.read import manifest_key

__all__ = ["keys_in_use"]

KEY = re.compile(r"\b([0-9a-f]{2})/(\1[0-9a-f]{62})\.[a-z0-9]{1,8}\b")
ROWS = 5000


def keys_in_use(session: Session, *, history: bool = True) -> set[str]:
    """The keys in all columns of keys and of JSON, and of the releases' manifests; with `history` those that an undo could bring back."""
    keys = {manifest_key(release) for release in session.scalars(select(Release))}
    for table in Base.metadata.sorted_tables:
        if history or table is not Event.__table__:
            keys.update(_keys_in(session, table))
    return keys


def _keys_in(session: Session, table: Table) -> Iterator[str]:
    columns = [column for column in table.c if _may_hold_keys(column)]
    if not columns:
        return
    rows = session.connection().execution_options(yield_per=ROWS).execute(select(*(cast(column, Text) for column in columns)))
    for row in rows:
        for text in map(str, filter(None, row)):
            if "/" in text:
                yield from (match[0] for match in KEY.finditer(text))


def _may_hold_keys(column: Column) -> bool:
    return isinstance(column.type, JsonText) or column.name.endswith("_key")
