"""Raters, the links and invitations they come by, the trials they were assigned, and what they answered."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Created, JsonText, UtcDateTime, enum_column, intpk, now, one_of
from db.enums import Outcome


class Rater(Created, Base):
    """A person who rates, known by a pseudonym; simulated ones are marked so wherever they appear."""

    __tablename__ = "rater"
    __table_args__ = (CheckConstraint("length(pseudonym) > 0", name="has_a_pseudonym"),)

    id: Mapped[intpk]
    pseudonym: Mapped[str] = mapped_column(unique=True)
    simulated: Mapped[bool] = mapped_column(default=False)


class RecruitmentLink(Created, Base):
    """One link for many: whoever agrees on its page becomes a rater of the study. Only the hash of its token is stored."""

    __tablename__ = "recruitment_link"
    __table_args__ = (
        CheckConstraint("cap IS NULL OR cap > 0", name="lets_somebody_in"),
        Index("ix_recruitment_link_study_id", "study_id"),
    )

    id: Mapped[intpk]
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    cohort: Mapped[str] = mapped_column(default="")
    cap: Mapped[int | None]
    """The most participants: those who have finished and those who are under way."""
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    turned_away: Mapped[int] = mapped_column(default=0)
    """How often somebody was told, before anything was stored of them, that there is no place; a reload counts again."""
    declined: Mapped[int] = mapped_column(default=0)


class Invitation(Created, Base):
    """A rater's way into one study; only the hash of the link's token is stored."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("study_id", "rater_id"),
        one_of("outcome", Outcome),
        Index("ix_invitation_rater_id", "rater_id"),
    )

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
    is_curator: Mapped[bool] = mapped_column(default=False)
    """Whether a curator of the study rates here."""
    is_counted: Mapped[bool] = mapped_column(default=True)
    """Whether the results hold this rater's ratings; a curator's are left out unless the design counts them."""
    consent_version: Mapped[str | None]
    consent_sha256: Mapped[str | None]
    """Of the text that was agreed to, in UTF-8."""
    outcome: Mapped[Outcome | None] = enum_column(Outcome)
    """How the rater's part ended; None while it has not."""
    ended_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    """When the rater was last told what comes next: a place that nobody works on is given to another."""
    questionnaire: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    """What was answered before and after the trials, by question; each answer was the rater's to leave out."""


class Participant(Base):
    """Whom a platform sent by a recruitment link: how it names them, and what its address told besides."""

    __tablename__ = "participant"
    __table_args__ = (UniqueConstraint("study_id", "name"), Index("ix_participant_link_id", "link_id"))

    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"), primary_key=True)
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id", ondelete="CASCADE"))
    link_id: Mapped[int | None] = mapped_column(ForeignKey("recruitment_link.id", ondelete="SET NULL"))
    name: Mapped[str | None]
    """The platform's id of the person: one place in a study each. None where the design asks for no id."""
    parameters: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    """Further parameters of the address that the design names, as `SESSION_ID`."""


class Assignment(Base):
    """A trial dealt to a rater, in this order and with these sides; the lease frees it when nobody answers."""

    __tablename__ = "assignment"
    __table_args__ = (
        UniqueConstraint("rater_id", "trial_id"),
        Index("ix_assignment_trial_id", "trial_id"),
        Index("uq_assignment_name", "name", unique=True),
    )

    id: Mapped[intpk]
    name: Mapped[str] = mapped_column(default=lambda: secrets.token_hex(12))
    """What the rater's page calls the trial: random, so that it tells neither trial nor order."""
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
    viewing: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    """How the pictures were seen, as the page tells it (`workbench.rating.viewing`)."""
    comment: Mapped[str | None]


class RatingValue(Base):
    """A number given to a stimulus on a scale (category rating), or its rank from 1 (scale `rank`)."""

    __tablename__ = "rating_value"
    __table_args__ = (CheckConstraint("value >= 1", name="counts_from_one"), Index("ix_rating_value_stimulus_id", "stimulus_id"))

    rating_id: Mapped[int] = mapped_column(ForeignKey("rating.id", ondelete="CASCADE"), primary_key=True)
    stimulus_id: Mapped[int] = mapped_column(ForeignKey("stimulus.id", ondelete="CASCADE"), primary_key=True)
    scale: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]
