"""Human experiments: studies, their trials, and the stimuli on show."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Created, JsonText, enum_column, intpk, one_of
from db.enums import RatingMethod, StudyStatus, TrialKind


class Study(Created, Base):
    """One experiment with one question and one method."""

    __tablename__ = "study"
    __table_args__ = (
        one_of("method", RatingMethod),
        one_of("status", StudyStatus),
        CheckConstraint("votes_per_trial > 0", name="asks_for_votes"),
        Index("ix_study_run_id", "run_id"),
    )

    id: Mapped[intpk]
    name: Mapped[str] = mapped_column(unique=True)
    question: Mapped[str]
    method: Mapped[RatingMethod] = enum_column(RatingMethod)
    status: Mapped[StudyStatus] = enum_column(StudyStatus, default=StudyStatus.DRAFT)
    seed: Mapped[int]
    """Fixes the order of trials and sides for every rater."""
    votes_per_trial: Mapped[int]
    design: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    """The whole design as written: ties, scales, what is shown beside, texts."""
    opened_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    entering_at: Mapped[datetime | None]
    """When the last part of a study that is not whole yet came; nothing shows it before it is."""
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))


class Trial(Base):
    """One question put before a rater."""

    __tablename__ = "trial"
    __table_args__ = (
        UniqueConstraint("study_id", "position"),
        one_of("kind", TrialKind),
        Index("ix_trial_image_id", "image_id"),
        Index("ix_trial_caption_id", "caption_id"),
    )

    id: Mapped[intpk]
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    position: Mapped[int]
    image_id: Mapped[int | None] = mapped_column(ForeignKey("image.id", ondelete="RESTRICT"))
    caption_id: Mapped[int | None] = mapped_column(ForeignKey("caption.id", ondelete="SET NULL"))
    caption_text: Mapped[str | None]
    kind: Mapped[TrialKind] = enum_column(TrialKind, default=TrialKind.REGULAR)
    set_aside_at: Mapped[datetime | None]
    """Since when the trial is shown to nobody, because a picture of it is damaged; its ratings stay."""
    set_aside_reason: Mapped[str | None]


class Stimulus(Base):
    """One picture in a trial: a colorization, the reference, or a peer's file."""

    __tablename__ = "stimulus"
    __table_args__ = (
        UniqueConstraint("trial_id", "position"),
        Index("ix_stimulus_colorization_id", "colorization_id"),
    )

    id: Mapped[intpk]
    trial_id: Mapped[int] = mapped_column(ForeignKey("trial.id", ondelete="CASCADE"))
    position: Mapped[int]
    system: Mapped[str]
    """What made it: a checkpoint's name with its settings, `reference`, or the name of a peer's folder."""
    colorization_id: Mapped[int | None] = mapped_column(ForeignKey("colorization.id", ondelete="RESTRICT"))
    media_key: Mapped[str]
    is_answer: Mapped[bool | None]
    """On gold and trap trials: whether choosing it is right."""
