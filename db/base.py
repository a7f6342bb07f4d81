"""The declarative base: constraint names, column types that STRICT tables accept, ids and timestamps."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from sqlalchemy import REAL, BigInteger, Boolean, CheckConstraint, DateTime, Float, Integer, MetaData, Table, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC: ISO 8601 text on SQLite (sorts as time), `timestamptz` on PostgreSQL; naive datetimes are refused."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect):
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value, dialect):
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"expected a datetime with a time zone, got {value!r}")
        value = value.astimezone(UTC)
        return value.isoformat(timespec="microseconds") if dialect.name == "sqlite" else value

    def process_result_value(self, value, dialect):
        return datetime.fromisoformat(value) if isinstance(value, str) else value


class JsonText(TypeDecorator[Any]):
    """A JSON value: text with sorted keys on SQLite, `jsonb` on PostgreSQL."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect):
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else JSONB(none_as_null=True))

    def process_bind_param(self, value, dialect):
        return json.dumps(value, sort_keys=True, ensure_ascii=False) if dialect.name == "sqlite" and value is not None else value

    def process_result_value(self, value, dialect):
        return json.loads(value) if dialect.name == "sqlite" and value is not None else value


class Flag(TypeDecorator[bool]):
    """A truth value: integer 0 or 1 on SQLite, `boolean` on PostgreSQL."""

    impl = Integer
    cache_ok = True

    def load_dialect_impl(self, dialect):
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Boolean())

    def process_bind_param(self, value, dialect):
        return int(value) if dialect.name == "sqlite" and value is not None else value

    def process_result_value(self, value, dialect):
        return None if value is None else bool(value)


class EnumText(TypeDecorator[StrEnum]):
    """A member of a `StrEnum`, stored as its value in a text column; `one_of` adds the CHECK."""

    impl = Text
    cache_ok = True

    def __init__(self, members: type[StrEnum]):
        super().__init__()
        self.members = members

    def process_bind_param(self, value, dialect):
        return None if value is None else self.members(value).value

    def process_result_value(self, value, dialect):
        return None if value is None else self.members(value)


Real = Float(53).with_variant(REAL(), "sqlite")
Int64 = BigInteger().with_variant(Integer(), "sqlite")

intpk = Annotated[int, mapped_column(Int64, primary_key=True)]


def one_of(column: str, members: type[StrEnum]) -> CheckConstraint:
    """The CHECK that keeps a text column within the values of an enum."""
    values = ", ".join(f"'{member.value}'" for member in members)
    return CheckConstraint(f"{column} IN ({values})", name=f"{column}_known")


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """All tables of the store; STRICT on SQLite, where ids are never handed out again: an undo must not meet a stranger."""

    if TYPE_CHECKING:
        __table__: ClassVar[Table]  # ty: ignore[incompatible-mutable-override]  (declared wider there: mapped subqueries have no Table)

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {str: Text(), int: Int64, float: Real, bool: Flag(), datetime: UtcDateTime()}

    def __init_subclass__(cls, **options):
        numbered = "id" in cls.__annotations__
        cls.__table_args__ = (*getattr(cls, "__table_args__", ()), {"sqlite_strict": True, "sqlite_autoincrement": numbered})
        super().__init_subclass__(**options)


class Created:
    """A row that knows when it was made."""

    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


def enum_column(members: type[StrEnum], **options) -> Mapped[Any]:
    """A column of one enum's values; the table adds `one_of` for the CHECK."""
    return mapped_column(EnumText(members), **options)
