"""The history of everything, and the people in it."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Created, JsonText, enum_column, intpk, one_of
from db.enums import Role

MADE_AT_ONCE = text("batch_id IS NOT NULL AND run_id IS NULL")
NOT_UNDONE = text("batch_id IS NOT NULL AND undone_by_id IS NULL")


class Event(Created, Base):
    """One change: who, what, before, after; undo, history and rollback of a batch come from it."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_subject", "subject", "subject_id", "id"),
        Index("ix_event_batch_id", "batch_id"),
        Index("ix_event_actor", "actor", "id"),
        Index("ix_event_made_at_once", "id", sqlite_where=MADE_AT_ONCE, postgresql_where=MADE_AT_ONCE),
        Index("ix_event_standing", "batch_id", "id", sqlite_where=NOT_UNDONE, postgresql_where=NOT_UNDONE),
        CheckConstraint("before IS NOT NULL OR after IS NOT NULL", name="something_changed"),
    )

    id: Mapped[intpk]
    actor: Mapped[str]
    action: Mapped[str]
    """A verb: create, edit, accept, drop, delete, review, …"""
    subject: Mapped[str]
    """Name of the table."""
    subject_id: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    after: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    batch_id: Mapped[str | None]
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="SET NULL"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))


class Person(Created, Base):
    """Somebody who signs in, and what they may do."""

    __tablename__ = "person"
    __table_args__ = (one_of("role", Role),)

    id: Mapped[intpk]
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[Role] = enum_column(Role)


class SavedView(Created, Base):
    """A query of the grammar under a name."""

    __tablename__ = "saved_view"

    id: Mapped[intpk]
    name: Mapped[str] = mapped_column(unique=True)
    query: Mapped[str]
    author: Mapped[str]
