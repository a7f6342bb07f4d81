"""Frozen datasets and the files written from them."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Created, JsonText, enum_column, intpk, one_of
from db.enums import CaptionLevel, Split, TargetKind


class Release(Created, Base):
    """A frozen, versioned dataset; its manifest hash covers every item."""

    __tablename__ = "release"
    __table_args__ = (UniqueConstraint("name", "version"), Index("ix_release_run_id", "run_id"))

    id: Mapped[intpk]
    name: Mapped[str]
    version: Mapped[str]
    """major.minor.patch"""
    manifest_hash: Mapped[str]
    rules: Mapped[dict[str, Any]] = mapped_column(JsonText)
    note: Mapped[str] = mapped_column(default="")
    author: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    """`changes` since the version before, the leak `gate`, the `lineage`, as they were found when it was frozen; by reason how many things
    it leaves out that are not named one by one (`unnamed`)."""
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))
    entering_at: Mapped[datetime | None]
    """While it is being entered, when its last part was; none once it is whole. Until then nobody is shown it."""


class ReleaseItem(Base):
    """One training item as it was frozen: lightness, caption, color target, regions; ids lead back, contents stand alone."""

    __tablename__ = "release_item"
    __table_args__ = (
        UniqueConstraint("release_id", "image_sha256", "caption_text"),
        one_of("split", Split),
        one_of("level", CaptionLevel),
        one_of("target", TargetKind),
        CheckConstraint("(target = 'colorization') = (colorization_key IS NOT NULL)", name="target_names_its_colorization"),
        Index("ix_release_item_split", "release_id", "split", "id"),
        Index("ix_release_item_image_id", "image_id"),
        Index("ix_release_item_caption_id", "caption_id"),
    )

    id: Mapped[intpk]
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"))
    split: Mapped[Split] = enum_column(Split)
    group_key: Mapped[str]
    """Images that share it (near duplicates, one source scene) share their split."""
    image_id: Mapped[int | None] = mapped_column(ForeignKey("image.id", ondelete="SET NULL"))
    image_sha256: Mapped[str]
    file_name: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    caption_id: Mapped[int | None] = mapped_column(ForeignKey("caption.id", ondelete="SET NULL"))
    caption_text: Mapped[str]
    level: Mapped[CaptionLevel] = enum_column(CaptionLevel)
    target: Mapped[TargetKind] = enum_column(TargetKind)
    colorization_key: Mapped[str | None]
    source_key: Mapped[str]
    """Media key of the upright source."""
    color_key: Mapped[str]
    """Media key of the color target."""
    regions: Mapped[list[dict[str, Any]]] = mapped_column(JsonText)
    """[{phrase, start, end, object, colors, origin, mask (COCO RLE)}]"""
    choice: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    """Why this colorization is the target: {among, votes, wins, mean_score, adherence, adherence_masks}; none where the original is."""
    origins: Mapped[dict[str, Any] | None] = mapped_column(JsonText)
    """Where image and caption come from (`workbench.releases.origins`); none in releases that were frozen before it was kept."""


class ReleaseExclusion(Base):
    """What a release leaves out, and why."""

    __tablename__ = "release_exclusion"
    __table_args__ = (
        UniqueConstraint("release_id", "image_sha256", "caption_text"),
        CheckConstraint("length(reason) > 0", name="has_a_reason"),
    )

    id: Mapped[intpk]
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"))
    image_sha256: Mapped[str]
    caption_text: Mapped[str] = mapped_column(default="")
    """Empty where the whole image is left out."""
    reason: Mapped[str]


class Export(Created, Base):
    """Files written from a release."""

    __tablename__ = "export"
    __table_args__ = (UniqueConstraint("release_id", "format", "location"), Index("ix_export_run_id", "run_id"))

    id: Mapped[intpk]
    release_id: Mapped[int] = mapped_column(ForeignKey("release.id", ondelete="CASCADE"))
    format: Mapped[str]
    location: Mapped[str]
    files: Mapped[int]
    bytes: Mapped[int]
    manifest_hash: Mapped[str]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))
