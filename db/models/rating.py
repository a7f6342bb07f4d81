"""Raters, their invitations, the trials they were dealt, and what they answered."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Created, JsonText, UtcDateTime, intpk, now


class Rater(Created, Base):
    """A person who rates, known by a pseudonym; simulated ones are marked so wherever they appear."""

    __tablename__ = "rater"
    __table_args__ = (CheckConstraint("length(pseudonym) > 0", name="has_a_pseudonym"),)

    id: Mapped[intpk]
    pseudonym: Mapped[str] = mapped_column(unique=True)
    simulated: Mapped[bool] = mapped_column(default=False)


class Invitation(Created, Base):
    """A rater's way into one study; only the hash of the link's token is stored."""

    __tablename__ = "invitation"
    __table_args__ = (UniqueConstraint("study_id", "rater_id"), Index("ix_invitation_rater_id", "rater_id"))

    id: Mapped[intpk]
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    rater_id: Mapped[int] = mapped_column(ForeignKey("rater.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    cohort: Mapped[str] = mapped_column(default="")
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    consented_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    screening: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    excluded_at: Mapped[datetime | None]
    exclusion_reason: Mapped[str | None]


class Assignment(Base):
    """A trial dealt to a rater, in this order and with these sides; the lease frees it when nobody answers."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("rater_id", "trial_id"),
        Index("ix_assignment_trial_id", "trial_id"),
    )

    id: Mapped[intpk]
    trial_id: Mapped[int] = mapped_column(ForeignKey("trial.id", ondelete="CASCADE"))
    rater_id: Mapped[int] = mapped_column(ForeignKey("rater.id", ondelete="CASCADE"))
    position: Mapped[int]
    shown_order: Mapped[list[int]] = mapped_column(JsonText)
    """Stimulus ids from left to right (or first to last)."""
    leased_until: Mapped[datetime]
    shown_at: Mapped[datetime | None]


class Rating(Base):
    """One rater's answer to one trial: one a trial and rater, and final."""

    __tablename__ = "rating"
    __table_args__ = (
        UniqueConstraint("trial_id", "rater_id"),
        CheckConstraint("seconds IS NULL OR seconds >= 0", name="seconds_not_negative"),
        CheckConstraint("stimulus_id IS NULL OR NOT CAST(is_tie AS BOOLEAN)", name="tie_has_no_winner"),
        Index("ix_rating_rater_id", "rater_id"),
        Index("ix_rating_stimulus_id", "stimulus_id"),
    )

    id: Mapped[intpk]
    trial_id: Mapped[int] = mapped_column(ForeignKey("trial.id", ondelete="CASCADE"))
    rater_id: Mapped[int] = mapped_column(ForeignKey("rater.id", ondelete="CASCADE"))
    stimulus_id: Mapped[int | None] = mapped_column(ForeignKey("stimulus.id", ondelete="CASCADE"))
    """The one chosen, in pair and choice studies."""
    is_tie: Mapped[bool] = mapped_column(default=False)
    seconds: Mapped[float | None]
    """From showing to answering."""
    shown_at: Mapped[datetime | None]
    rated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    shown_order: Mapped[list[int]] = mapped_column(JsonText, default=list)


class RatingValue(Base):
    """A number given to a stimulus on a scale (category rating), or its rank from 1 (scale `rank`)."""

    __tablename__ = "rating_value"
    __table_args__ = (CheckConstraint("value >= 1", name="counts_from_one"), Index("ix_rating_value_stimulus_id", "stimulus_id"))

    rating_id: Mapped[int] = mapped_column(ForeignKey("rating.id", ondelete="CASCADE"), primary_key=True)
    stimulus_id: Mapped[int] = mapped_column(ForeignKey("stimulus.id", ondelete="CASCADE"), primary_key=True)
    scale: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
