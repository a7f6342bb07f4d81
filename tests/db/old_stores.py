"""Stores as an older version of the workbench left them: any revision of the schema, with two rows in every table."""

import hashlib
import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Boolean, Column, Connection, Engine, Float, Integer, LargeBinary, MetaData, Numeric, Table, Text, inspect, select

from db import schema
from db.base import Base, EnumText, Flag, JsonText, UtcDateTime
from workbench.releases import manifest
from workbench.store import MediaStore

ROWS = (1, 2)
LISTS = {"regions", "queues", "shown_order"}
DERIVED = ("alembic_version", "caption_search", "image_search")
"""Tables, by the beginning of their name, that nobody fills."""
FIXED: dict[tuple[str, str], Any] = {
    ("release_item", "target"): "reference",
    ("release_item", "colorization_key"): None,
    ("release_item", "origins"): None,
    ("release", "entering_at"): None,
    ("study", "entering_at"): None,
    ("caption", "derived_from_id"): None,
    ("checkpoint", "parent_id"): None,
    ("event", "undone_by_id"): None,
    ("event", "subject"): "image",
    ("event", "before"): None,
    ("rating", "is_tie"): False,
    ("mention", "start"): 0,
    ("mention", "end"): 3,
    ("run", "status"): "done",
    ("duplicate", "image_id"): 2,
    ("duplicate", "original_id"): 1,
}
"""What rows of a table have where a plain value of the column's type would break a rule."""


def at_revision(engine: Engine, revision: str) -> None:
    """Bring a database that has no schema to a revision."""
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def fill(connection: Connection, media: MediaStore) -> None:
    """Two rows in every table that the database has, each referring to the rows of its own number."""
    tables = MetaData()
    tables.reflect(connection)
    for table in tables.sorted_tables:
        if not table.name.startswith(DERIVED):
            numbers = ROWS[1:] if table.name == "duplicate" else ROWS
            connection.execute(_typed(table).insert(), [_row(connection, table, media, number) for number in numbers])


def contents(connection: Connection, columns: dict[str, list[str]] | None = None) -> dict[str, list[tuple[Any, ...]]]:
    """All rows by table, in the order of their keys: of the columns that are there, or of those that are named by table."""
    tables = MetaData()
    tables.reflect(connection)
    found = {}
    for table in tables.sorted_tables:
        if table.name.startswith(DERIVED) or (columns is not None and table.name not in columns):
            continue
        names = columns[table.name] if columns is not None else [column.name for column in table.c]
        typed = _typed(table)
        rows = connection.execute(select(*(typed.c[name] for name in names)).order_by(*(typed.c[key.name] for key in table.primary_key)))
        found[table.name] = [tuple(row) for row in rows]
    return found


def columns_of(connection: Connection) -> dict[str, list[str]]:
    """The columns of every table that `fill` fills."""
    tables = MetaData()
    tables.reflect(connection)
    return {table.name: [column.name for column in table.c] for table in tables.sorted_tables if not table.name.startswith(DERIVED)}


def _typed(table: Table) -> Table:
    """A reflected table with the types of the models, which know JSON and moments on either database."""
    known = Base.metadata.tables.get(table.name)
    types = {column.name: column.type for column in table.c}
    if known is not None:
        types |= {c.name: Text() if isinstance(c.type, EnumText) else c.type for c in known.c if c.name in types}  # words of their time
    return Table(table.name, MetaData(), *(Column(name, kind) for name, kind in types.items()))


def _row(connection: Connection, table: Table, media: MediaStore, number: int) -> dict[str, Any]:
    allowed = _allowed(connection, table)
    typed = _typed(table)
    row = {column.name: _value(table, column, typed.c[column.name].type, allowed, media, number) for column in table.c}
    if table.name == "release":
        row["manifest_hash"] = _manifest(media, number, connection)
    return row


def _manifest(media: MediaStore, number: int, connection: Connection) -> str:
    """The hash of the manifest of the one item that a release has, whose file is put into the media store."""
    items = MetaData()
    items.reflect(connection, only=["release_item"])
    item = SimpleNamespace(**_row(connection, items.tables["release_item"], media, number))
    lines = b"".join(manifest.lines([item]))
    media.put(lines, ".jsonl")
    return hashlib.sha256(lines).hexdigest()


def _allowed(connection: Connection, table: Table) -> dict[str, list[str]]:
    """The values that a CHECK allows in a column: the database may write it as IN (…) or as = ANY (…)."""
    found = {}
    for check in inspect(connection).get_check_constraints(table.name):
        words = re.match(r"\(*\"?(\w+)\"?\s*(?:IN \(|= ANY)", check["sqltext"])
        if words:
            found[words[1]] = re.findall(r"'([^']*)'", check["sqltext"])
    return found


def _value(table: Table, column: Column, kind: Any, allowed: dict[str, list[str]], media: MediaStore, number: int) -> Any:
    if (table.name, column.name) in FIXED:
        return FIXED[table.name, column.name]
    if column.name in allowed:
        return allowed[column.name][number % len(allowed[column.name])]
    if column.name.endswith("_key") and column.name != "group_key":
        return media.put(f"picture {number}".encode(), ".png")
    if column.name in ("sha256", "image_sha256", "key"):
        return hashlib.sha256(f"{column.name[-6:]} {number}".encode()).hexdigest()
    return _plain(kind, column.name, number)


def _plain(kind: Any, name: str, number: int) -> Any:
    """A value of a column's type."""
    if isinstance(kind, JsonText):
        return [] if name in LISTS else {"number": number}
    if isinstance(kind, UtcDateTime):
        return datetime(2026, 1, number, 12, 30, tzinfo=UTC)
    if isinstance(kind, (Flag, Boolean)):
        return True
    if isinstance(kind, LargeBinary):
        return bytes([number, 255])
    if isinstance(kind, Integer):
        return number
    if isinstance(kind, (Float, Numeric)):
        return number / 4
    return f"{name} {number}"
