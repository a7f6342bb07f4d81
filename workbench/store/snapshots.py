"""Rows as JSON holds them: what an event keeps of a thing, and the way back into the tables."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, insert, inspect, literal, or_, select
from sqlalchemy.orm import Session

from db.base import Base, EnumText, UtcDateTime
from db.tokens import count_tokens
from workbench.errors import NotFoundError

Record = dict[str, Any]

PARTS = {
    "image": ("duplicate",),
    "caption": ("mention", "mention_color", "grounding"),
    "region": ("grounding",),
    "rating": ("rating_value",),
}
"""Tables whose rows belong to a subject and are kept in its records, in the order in which they can be inserted."""
DERIVED = ("landmarks", "picture_features", "prior_doubt")
"""Tables whose rows go with their subject and are computed anew where it comes back."""


def key_of(row: Base) -> str:
    """The subject_id of a mapped row: its primary key, parts joined by colons."""
    return ":".join(str(getattr(row, column.key)) for column in row.__table__.primary_key)


def snapshot(session: Session, subject: str, subject_id: int | str) -> Record | None:
    """The full record of a row and the rows that belong to it, as an event holds it; None where there is no such row."""
    table = Base.metadata.tables[subject]
    row = session.execute(select(table).where(is_row(table, subject_id))).mappings().first()
    if row is None:
        return None
    return plain(table, row) | {name: _part(session, subject, subject_id, name) for name in PARTS.get(subject, ())}


def replace_parts(session: Session, subject: str, subject_id: int | str, record: Record) -> None:
    """Make the rows that belong to a subject exactly those of a record."""
    names = [name for name in PARTS[subject] if name in record]
    for name in reversed(names):
        table = Base.metadata.tables[name]
        session.execute(delete(table).where(_belongs(table, subject, subject_id)))
    for name in names:
        if record[name]:
            table = Base.metadata.tables[name]
            session.execute(insert(table), [typed(table, row) for row in record[name]])


def insert_keyed(session: Session, table: Table, rows: Sequence[Record], key: Sequence[str]) -> list[int]:
    """Insert rows by as few statements as the database allows; return their ids in order, told apart by a unique key of theirs."""
    if not rows:
        return []
    inserted = session.execute(insert(table).returning(table.c.id, *(table.c[name] for name in key)), rows)
    ids = {tuple(values): row_id for row_id, *values in inserted}
    return [ids[tuple(row[name] for name in key)] for row in rows]


def forget(session: Session, rows: set[tuple[str, str]]) -> None:
    """Let a session read anew what was written past its objects: these rows, `(table, key)`, and all parts of such tables."""
    parts = {name for subject, _key in rows for name in PARTS.get(subject, ())}
    for loaded in list(session.identity_map.values()):
        name = inspect(loaded).mapper.local_table.name
        if name in parts or (name, ":".join(map(str, inspect(loaded).identity))) in rows:
            session.expire(loaded)


def checked(subject: str, record: Record | None) -> Record | None:
    """A record as JSON holds it, every name of it known."""
    if record is None:
        return None
    table = Base.metadata.tables.get(subject)
    if table is None:
        raise ValueError(f"expected the name of a table as an event's subject, got {subject!r}")
    unknown = set(record) - set(table.c.keys()) - set(PARTS.get(subject, ()))
    if unknown:
        raise ValueError(f"expected columns or parts of {subject} in an event's record, got {sorted(unknown)}")
    return {name: _plain_value(value) for name, value in record.items()}


def _part(session: Session, subject: str, subject_id: int | str, name: str) -> list[Record]:
    table = Base.metadata.tables[name]
    rows = session.execute(select(table).where(_belongs(table, subject, subject_id)).order_by(*table.primary_key)).mappings()
    return [plain(table, row) for row in rows]


def _belongs(table: Table, subject: str, subject_id: int | str) -> ColumnElement[bool]:
    """Whether a part's row leads to the subject, directly or through another part."""
    direct = [key.parent == int(subject_id) for key in table.foreign_keys if key.column.table.name == subject]
    if direct:
        return or_(*direct)
    for key in table.foreign_keys:
        if key.column.table.name in PARTS[subject]:
            return key.parent.in_(select(key.column).where(_belongs(key.column.table, subject, subject_id)))
    raise ValueError(f"expected {table.name} to lead to {subject} by foreign keys")


def is_row(table: Table, subject_id: int | str) -> ColumnElement[bool]:
    """The condition that a row has this key; raises NotFoundError for a key that the table cannot have."""
    columns: Sequence = list(table.primary_key)
    values = str(subject_id).split(":", len(columns) - 1)
    if len(values) != len(columns):
        raise NotFoundError(f'"{subject_id}" is no key of {table.name}.')
    return and_(*(column == literal(column.type.python_type(value), column.type) for column, value in zip(columns, values, strict=True)))


def plain(table: Table, row: Any) -> Record:
    """A row as JSON holds it: moments as ISO text, enums as their values."""
    return {column.name: _plain_value(row[column.name]) for column in table.c}


def _plain_value(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else getattr(value, "value", value)


def typed(table: Table, record: Record) -> Record:
    """A record's columns as the tables take them; tokens are counted anew, since older events know nothing of them."""
    if table.name == "caption" and "text" in record:
        record = {**record, "tokens": count_tokens(record["text"])}
    return {name: _typed_value(table.c[name].type, value) for name, value in record.items()}


def _typed_value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return UtcDateTime().process_result_value(value, None)
    return kind.members(value) if isinstance(kind, EnumText) else value
