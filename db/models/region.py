"""Instances in images, and which mention means which."""

from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Created, JsonText, enum_column, intpk, one_of
from db.enums import FoundBy, Origin, RegionOrigin


class Region(Created, Base):
    """One instance mask in an image's upright pixels."""

    __tablename__ = "region"
    __table_args__ = (
        UniqueConstraint("image_id", "mask_hash"),
        one_of("origin", RegionOrigin),
        one_of("found_by", FoundBy),
        CheckConstraint("area_px > 0", name="not_empty"),
        CheckConstraint("box_x >= 0 AND box_y >= 0 AND box_width > 0 AND box_height > 0", name="box_has_area"),
        CheckConstraint("score IS NULL OR (score >= 0 AND score <= 1)", name="score_is_a_share"),
        Index("ix_region_run_id", "run_id"),
    )

    id: Mapped[intpk]
    image_id: Mapped[int] = mapped_column(ForeignKey("image.id", ondelete="CASCADE"))
    mask: Mapped[dict[str, Any]] = mapped_column(JsonText)
    """COCO run-length encoding: {"size": [height, width], "counts": text}."""
    mask_hash: Mapped[str]
    box_x: Mapped[int]
    box_y: Mapped[int]
    box_width: Mapped[int]
    box_height: Mapped[int]
    area_px: Mapped[int]
    label: Mapped[str]
    origin: Mapped[RegionOrigin] = enum_column(RegionOrigin)
    found_by: Mapped[FoundBy | None] = enum_column(FoundBy)
    """Of an automatic mask; None where that was not recorded, and of all others."""
    score: Mapped[float | None]
    author: Mapped[str]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))


class Grounding(Created, Base):
    """A mention on a region: a mention may have several regions, and regions may be shared."""

    __tablename__ = "grounding"
    __table_args__ = (one_of("origin", Origin), Index("ix_grounding_region_id", "region_id"))

    mention_id: Mapped[int] = mapped_column(ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True)
    region_id: Mapped[int] = mapped_column(ForeignKey("region.id", ondelete="CASCADE"), primary_key=True)
    origin: Mapped[Origin] = enum_column(Origin)
