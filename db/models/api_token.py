"""Who may read the store over HTTP."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Created, intpk


class ApiToken(Created, Base):
    """A named token of a program; only its hash is stored."""

    __tablename__ = "api_token"
    __table_args__ = (CheckConstraint("length(name) > 0", name="has_a_name"),)

    id: Mapped[intpk]
    name: Mapped[str] = mapped_column(unique=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    author: Mapped[str]
    """Who made it."""
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
