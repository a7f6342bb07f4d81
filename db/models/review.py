"""Curators' decisions."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Created, enum_column, intpk, one_of
from db.enums import ReviewKind, Verdict


class Review(Created, Base):
    """A curator's (or a rule's) verdict on a colorization, with the reason; one of each kind a colorization and reviewer."""

    __tablename__ = "review"
    __table_args__ = (
        UniqueConstraint("colorization_id", "kind", "reviewer"),
        one_of("kind", ReviewKind),
        one_of("verdict", Verdict),
        CheckConstraint("verdict = 'accept' OR length(reason) > 0", name="refusal_has_a_reason"),
        Index("ix_review_verdict", "verdict", "colorization_id"),
        Index("ix_review_batch_id", "batch_id"),
    )

    id: Mapped[intpk]
    colorization_id: Mapped[int] = mapped_column(ForeignKey("colorization.id", ondelete="CASCADE"))
    kind: Mapped[ReviewKind] = enum_column(ReviewKind, default=ReviewKind.PERSON)
    reviewer: Mapped[str]
    """A person's name, or that of the rules."""
    verdict: Mapped[Verdict] = enum_column(Verdict)
    reason: Mapped[str] = mapped_column(default="")
    batch_id: Mapped[str | None]
