"""Help from outside models: how they are reached, and every answer that they gave, so that none is paid for twice."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Created, JsonText, UtcDateTime, now


class Setting(Base):
    """A choice that holds for the whole store, by name; never a secret."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JsonText)
    author: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)


class ModelAnswer(Created, Base):
    """What a model answered to one request, as it came."""

    __tablename__ = "model_answer"
    __table_args__ = (
        CheckConstraint("length(key) = 64", name="key_is_hex"),
        Index("ix_model_answer_image_id", "image_id"),
        Index("ix_model_answer_run_id", "run_id"),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    """Hash of all that was asked: picture, model, address, prompt, temperature."""
    image_id: Mapped[int | None] = mapped_column(ForeignKey("image.id", ondelete="SET NULL"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))
    model: Mapped[str]
    prompt: Mapped[str]
    temperature: Mapped[float]
    face: Mapped[str]
    """What was shown: `color` or `gray`."""
    answer: Mapped[str]
