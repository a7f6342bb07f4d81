"""Outputs of the model."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Created, JsonText, intpk


class Colorization(Created, Base):
    """One output: image × caption × checkpoint × settings × seed → file."""

    __tablename__ = "colorization"
    __table_args__ = (
        CheckConstraint("seed >= 0", name="seed_not_negative"),
        CheckConstraint("seconds >= 0", name="seconds_not_negative"),
        CheckConstraint("adherence IS NULL OR (adherence >= 0 AND adherence <= 1)", name="adherence_is_a_share"),
        Index("ix_colorization_image_id", "image_id", "id"),
        Index("ix_colorization_caption_id", "caption_id"),
        Index("ix_colorization_checkpoint_id", "checkpoint_id"),
        Index("ix_colorization_run_id", "run_id"),
        Index("ix_colorization_adherence", "adherence"),
    )

    id: Mapped[intpk]
    key: Mapped[str] = mapped_column(unique=True)
    """Hash of everything the pixels depend on: image, caption text, masks, checkpoint digest, settings, seed."""
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id", ondelete="CASCADE"))
    caption_id: Mapped[int] = mapped_column(ForeignKey("caption.id", ondelete="CASCADE"))
    checkpoint_id: Mapped[int] = mapped_column(ForeignKey("checkpoint.id", ondelete="RESTRICT"))
    caption_text: Mapped[str]
    """The caption as it was when the colorization was made."""
    settings: Mapped[dict[str, Any]] = mapped_column(JsonText)
    """steps, guidance, scheduler, instances: what the user chose."""
    seed: Mapped[int]
    media_key: Mapped[str]
    seconds: Mapped[float]
    """Time of its share of the batch."""
    adherence: Mapped[float | None]
    """Mean adherence over its grounded mentions with a color (lcad.metrics); none where nothing can be judged."""
    facts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    """Per-mention adherence, words lost to truncation and other findings."""
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))
