"""Source photos, their tags, their likenesses and the split that each group is bound to."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Created, JsonText, UtcDateTime, enum_column, intpk, now, one_of
from db.enums import DuplicateKind, Split


class Image(Created, Base):
    """A source photo; its lightness is derived from the file and never stored as a row."""

    __tablename__ = "image"
    __table_args__ = (
        CheckConstraint("width > 0 AND height > 0", name="has_area"),
        CheckConstraint("length(sha256) = 64", name="sha256_is_hex"),
        Index("ix_image_source", "source"),
        Index("ix_image_file_name", "file_name"),
        Index("ix_image_run_id", "run_id"),
        Index("ix_image_pixel_hash", "pixel_hash"),
        Index("ix_image_colorfulness", "has_reference", "colorfulness", "id"),
    )

    id: Mapped[intpk]
    sha256: Mapped[str] = mapped_column(unique=True)
    """Hash of the original file's bytes."""
    pixel_hash: Mapped[str]
    """Hash of the upright sRGB pixels and their size: equal for files that differ in container only."""
    phash: Mapped[int]
    """64-bit perceptual hash of the lightness, as a signed integer."""
    media_key: Mapped[str]
    """The original file, as imported."""
    upright_key: Mapped[str]
    """The upright 8-bit sRGB rendition that every later step reads (PNG); the original itself where it already is that."""
    file_name: Mapped[str]
    source: Mapped[str]
    format: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    bit_depth: Mapped[int]
    has_reference: Mapped[bool]
    """Whether the original has color; a gray original has no reference."""
    colorfulness: Mapped[float]
    """Hasler and Süsstrunk's M3 of the upright pixels."""
    mean_lightness: Mapped[float]
    """Mean Lab L* in [0, 100]."""
    license: Mapped[str | None]
    author: Mapped[str | None]
    """Who made the picture."""
    url: Mapped[str | None]
    """Where it was found."""
    attributes: Mapped[dict[str, Any]] = mapped_column(JsonText, default=dict)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("run.id", ondelete="SET NULL"))


class ImageTag(Base):
    """A curator's word on an image."""

    __tablename__ = "image_tag"
    __table_args__ = (Index("ix_image_tag_tag", "tag", "image_id"), CheckConstraint("length(tag) > 0", name="tag_not_empty"))

    image_id: Mapped[int] = mapped_column(ForeignKey("image.id", ondelete="CASCADE"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)


class Duplicate(Base):
    """A pair of images that look alike; the earlier one is `original_id`."""

    __tablename__ = "duplicate"
    __table_args__ = (
        one_of("kind", DuplicateKind),
        CheckConstraint("original_id < image_id", name="earlier_is_original"),
        Index("ix_duplicate_original_id", "original_id"),
    )

    image_id: Mapped[int] = mapped_column(ForeignKey("image.id", ondelete="CASCADE"), primary_key=True)
    original_id: Mapped[int] = mapped_column(ForeignKey("image.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[DuplicateKind] = enum_column(DuplicateKind)
    distance: Mapped[int]
    """Hamming distance of the perceptual hashes, in bits; of a crop it is told too, but it is not what found it."""


class SplitAssignment(Base):
    """The split an image is bound to once and for all, so that adding images moves nobody."""

    __tablename__ = "split_assignment"
    __table_args__ = (
        one_of("split", Split),
        Index("ix_split_assignment_group_key", "group_key"),
        Index("ix_split_assignment_bound_by", "bound_by"),
    )

    image_id: Mapped[int] = mapped_column(ForeignKey("image.id", ondelete="CASCADE"), primary_key=True)
    group_key: Mapped[str]
    split: Mapped[Split] = enum_column(Split)
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    bound_by: Mapped[int | None]
    """The id of the release that bound it; while that is being entered, the place is not for good yet. No foreign key: an image that was
    deleted and comes back brings its place with it, whether or not that release ever became whole."""
