"""Weights, where they came from, and how they did."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Created, JsonText, UtcDateTime, enum_column, intpk, one_of
from db.enums import Split


class Checkpoint(Created, Base):
    """Weights of an L-CAD at one moment, with their parent and the release they were trained on."""

    __tablename__ = "checkpoint"
    __table_args__ = (
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="not_its_own_parent"),
        Index("ix_checkpoint_parent_id", "parent_id"),
        Index("ix_checkpoint_release_id", "release_id"),
        Index("ix_checkpoint_run_id", "run_id"),
    )

    id: Mapped[intpk]
    name: Mapped[str] = mapped_column(unique=True)
    location: Mapped[str]
    """A folder, a hub id, or `embedded:mini`."""
    digest: Mapped[str] = mapped_column(unique=True)
    """Hash of the weights and configs."""
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("checkpoint.id", ondelete="SET NULL"))
    release_id: Mapped[int | None] = mapped_column(ForeignKey("release.id", ondelete="SET NULL"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))
    note: Mapped[str] = mapped_column(default="")
    facts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    """Training facts: stage, steps, validation losses before and after, seconds."""
    promoted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The newest promoted checkpoint is the default for colorizing."""


class Evaluation(Created, Base):
    """The metrics of one checkpoint on one split of one release."""

    __tablename__ = "evaluation"
    __table_args__ = (
        UniqueConstraint("checkpoint_id", "release_id", "split", "settings_hash"),
        one_of("split", Split),
        Index("ix_evaluation_release_id", "release_id"),
        Index("ix_evaluation_run_id", "run_id"),
    )

    id: Mapped[intpk]
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoint.id", ondelete="CASCADE"))
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"))
    split: Mapped[Split] = enum_column(Split)
    settings: Mapped[dict[str, Any]] = mapped_column(JsonText)
    settings_hash: Mapped[str]
    metrics: Mapped[dict[str, Any]] = mapped_column(JsonText)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))
