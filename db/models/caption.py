"""Descriptions, and the objects that they mention."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from db.base import Base, Created, UtcDateTime, enum_column, intpk, now, one_of
from db.enums import CaptionLevel, CaptionStatus, Origin
from db.tokens import count_tokens


def _tokens_of_the_text(context: Any) -> int:
    return count_tokens(context.get_current_parameters()["text"])


class Caption(Created, Base):
    """One description of one image, at a level; the origins of its text and of its level are kept apart."""

    __tablename__ = "caption"
    __table_args__ = (
        UniqueConstraint("image_id", "text"),
        one_of("level", CaptionLevel),
        one_of("status", CaptionStatus),
        one_of("text_origin", Origin),
        one_of("level_origin", Origin),
        CheckConstraint("length(text) > 0", name="text_not_empty"),
        Index("ix_caption_level", "level", "status", "id"),
        Index("ix_caption_derived_from_id", "derived_from_id"),
        Index("ix_caption_run_id", "run_id"),
    )

    id: Mapped[intpk]
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id", ondelete="CASCADE"))
    text: Mapped[str]
    tokens: Mapped[int] = mapped_column(default=_tokens_of_the_text)
    """How many CLIP makes of the text; a statement that changes the text changes it too."""
    level: Mapped[CaptionLevel] = enum_column(CaptionLevel)
    computed_level: Mapped[CaptionLevel | None] = enum_column(CaptionLevel, nullable=True)
    """What the rules read; `level` differs from it only where a person or an import says so."""
    status: Mapped[CaptionStatus] = enum_column(CaptionStatus, default=CaptionStatus.ACCEPTED)
    text_origin: Mapped[Origin] = enum_column(Origin)
    level_origin: Mapped[Origin] = enum_column(Origin)
    derived_from_id: Mapped[int | None] = mapped_column(ForeignKey("caption.id", ondelete="SET NULL"))
    author: Mapped[str]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, onupdate=now)

    @validates("text")
    def _recount(self, _key: str, text: str) -> str:
        self.tokens = count_tokens(text)
        return text


class Mention(Base):
    """A colored or colorable object in a caption."""

    __tablename__ = "mention"
    __table_args__ = (
        UniqueConstraint("caption_id", "start", "end"),
        CheckConstraint('start >= 0 AND "end" > start', name="span_in_order"),
        Index("ix_mention_object", "object"),
    )

    id: Mapped[intpk]
    caption_id: Mapped[int] = mapped_column(ForeignKey("caption.id", ondelete="CASCADE"))
    object: Mapped[str]
    """Head noun, lower case, as written."""
    start: Mapped[int]
    end: Mapped[int]
    """Half-open span of the phrase in the caption's characters."""
    colorable: Mapped[bool]


class MentionColor(Base):
    """A basic color term that a caption gives to a mention."""

    __tablename__ = "mention_color"
    __table_args__ = (Index("ix_mention_color_color", "color", "mention_id"),)

    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True)
    color: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int]
    """Order in the text, from 0."""
