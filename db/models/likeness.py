"""What is computed of a picture, and anew where absent: its landmarks, what a classifier makes of it, how unsure its colors are."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base


class Landmarks(Base):
    """Points of a picture that are found again in its crops (`workbench.imaging.landmarks`)."""

    __tablename__ = "landmarks"

    image_id: Mapped[int] = mapped_column(ForeignKey("image.id", ondelete="CASCADE"), primary_key=True)
    keys: Mapped[bytes] = mapped_column(LargeBinary)
    """What the strongest points are looked up by: stands first, so that reading it does not read the rest."""
    points: Mapped[bytes] = mapped_column(LargeBinary)
    """Places and descriptions of all points, and the picture itself, small."""


class PictureFeatures(Base):
    """What an image classifier makes of a picture, and the picture's place on the map of the library."""

    __tablename__ = "picture_features"
    __table_args__ = (
        CheckConstraint("(map_x IS NULL) = (map_y IS NULL)", name="place_is_whole"),
        Index("ix_picture_features_map_x", "map_x", "map_y"),
    )

    image_id: Mapped[int] = mapped_column(ForeignKey("image.id", ondelete="CASCADE"), primary_key=True)
    network: Mapped[str]
    """What made it: vectors of different networks cannot be compared."""
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    """float16, little-endian, of length 1."""
    map_x: Mapped[float | None]
    map_y: Mapped[float | None]
    """Place on the map in [0, 1000]; none for a picture that came after the map was drawn."""


class PriorDoubt(Base):
    """How unsure the color prior is of a picture's colors (`lcad.models.prior_doubt`)."""

    __tablename__ = "prior_doubt"
    __table_args__ = (CheckConstraint("doubt >= 0", name="doubt_not_negative"),)

    image_id: Mapped[int] = mapped_column(ForeignKey("image.id", ondelete="CASCADE"), primary_key=True)
    prior: Mapped[str]
    """Whose doubt it is: a name of the prior's weights."""
    doubt: Mapped[float]
    """Lab units by which the prior's heads are apart."""
