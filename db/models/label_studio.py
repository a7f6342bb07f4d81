"""Projects of Label Studio that the store has pushed tasks to, and which of their annotations have landed."""

from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Created, JsonText, enum_column, intpk, one_of
from db.enums import TaskKind


class LabelStudioProject(Created, Base):
    """A project on a server, and what its tasks ask for."""

    __tablename__ = "label_studio_project"
    __table_args__ = (
        UniqueConstraint("server", "project"),
        UniqueConstraint("server", "title"),
        one_of("kind", TaskKind),
        Index("ix_label_studio_project_study_id", "study_id"),
    )

    id: Mapped[intpk]
    server: Mapped[str]
    """The server's address."""
    project: Mapped[int]
    """The server's own id."""
    title: Mapped[str]
    kind: Mapped[TaskKind] = enum_column(TaskKind)
    study_id: Mapped[int | None] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    seen_until: Mapped[str] = mapped_column(default="")
    """The server's moment up to which changed tasks were pulled; empty before the first pull."""


class LabelStudioAnnotation(Created, Base):
    """An annotation as it was when it landed, so that it never lands twice and a changed one replaces what it had brought."""

    __tablename__ = "label_studio_annotation"
    __table_args__ = (UniqueConstraint("project_id", "annotation"), Index("ix_label_studio_annotation_run_id", "run_id"))

    id: Mapped[intpk]
    project_id: Mapped[int] = mapped_column(ForeignKey("label_studio_project.id", ondelete="CASCADE"))
    annotation: Mapped[int]
    """The server's own id."""
    updated_at: Mapped[str]
    """The server's moment of its last change."""
    landed: Mapped[dict[str, Any]] = mapped_column(JsonText)
    """Ids of the captions and regions that it brought: {"captions": [id], "regions": [id]}."""
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))
