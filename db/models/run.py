"""Batch work: runs, the items that did not simply succeed, and the workers."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Created, JsonText, UtcDateTime, enum_column, intpk, now, one_of
from db.enums import RunItemStatus, RunStatus


class Run(Created, Base):
    """One execution of a job."""

    __tablename__ = "run"
    __table_args__ = (
        one_of("status", RunStatus),
        CheckConstraint("total >= 0 AND done >= 0 AND failed >= 0 AND skipped >= 0", name="counts_not_negative"),
        Index("ix_run_status", "status", "id"),
        Index("ix_run_job", "job", "id"),
    )

    id: Mapped[intpk]
    job: Mapped[str]
    parameters: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    status: Mapped[RunStatus] = enum_column(RunStatus, default=RunStatus.QUEUED)
    requested_by: Mapped[str]
    workflow_id: Mapped[str | None] = mapped_column(unique=True)
    """The queue's name for it."""
    executor: Mapped[str | None]
    """The worker that has it."""
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    message: Mapped[str] = mapped_column(default="")
    """What it is doing now, or the sentence that says why it failed."""
    summary: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    worker_deaths: Mapped[int] = mapped_column(default=0, server_default="0")
    """Workers that died over it since it last got on."""


class RunItem(Base):
    """An item that failed or was passed over, with its reason."""

    __tablename__ = "run_item"
    __table_args__ = (
        UniqueConstraint("run_id", "item"),
        one_of("status", RunItemStatus),
        CheckConstraint("length(reason) > 0", name="has_a_reason"),
    )

    id: Mapped[intpk]
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    item: Mapped[str]
    status: Mapped[RunItemStatus] = enum_column(RunItemStatus)
    reason: Mapped[str]


class Worker(Base):
    """A worker process and its last sign of life."""

    __tablename__ = "worker"

    executor: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    queues: Mapped[list[str]] = mapped_column(JsonText)
    capabilities: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    """Whether the model extra and weights are present there."""
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    heartbeat_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    stopped_at: Mapped[datetime | None]
