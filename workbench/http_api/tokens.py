"""Tokens of programs: made, listed, revoked, recognized. Only their hashes are stored, so a lost one is replaced and never shown again."""

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import now
from db.models import ApiToken
from workbench.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError
from workbench.store import events, snapshots

TOKEN_BYTES = 32
PREFIX = "wb_"
"""So that a token is known as one where it lies about."""
LONGEST_NAME = 100


def create(session: Session, name: str, *, author: str, days: int | None = None) -> tuple[ApiToken, str]:
    """A new token under a name, valid for some days or until it is revoked; its text is told this once.

    Raises InvalidInputError for a name that is empty or too long, ConflictError where it is taken.
    """
    name = name.strip()
    if not 0 < len(name) <= LONGEST_NAME:
        raise InvalidInputError(f"A token needs a name of up to {LONGEST_NAME} characters, such as that of the program that uses it.")
    if session.scalar(select(ApiToken.id).where(ApiToken.name == name)) is not None:
        raise ConflictError(f'There is or was a token "{name}"; choose another name, so that the history stays readable.')
    token = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    expires = now() + timedelta(days=days) if days else None
    row = ApiToken(name=name, token_hash=token_hash(token), author=author, expires_at=expires)
    session.add(row)
    session.flush()
    after = snapshots.snapshot(session, "api_token", row.id)
    events.record(session, actor=author, action="create", subject="api_token", subject_id=row.id, before=None, after=after)
    return row, token


def listing(session: Session) -> list[ApiToken]:
    """All tokens, the revoked ones too, oldest first."""
    return list(session.scalars(select(ApiToken).order_by(ApiToken.id)))


def revoke(session: Session, name: str, *, actor: str) -> ApiToken:
    """End a token now. Raises NotFoundError, and ConflictError where it has ended already."""
    row = session.scalar(select(ApiToken).where(ApiToken.name == name))
    if row is None:
        known = ", ".join(one.name for one in listing(session)) or "none yet"
        raise NotFoundError(f'There is no token "{name}"; there are: {known}.')
    if row.revoked_at is not None:
        raise ConflictError(f'The token "{name}" was revoked on {row.revoked_at.date()}.')
    before = snapshots.snapshot(session, "api_token", row.id)
    row.revoked_at = now()
    events.record_edit(session, before, actor=actor, action="revoke", subject="api_token", subject_id=row.id)
    return row


def recognize(session: Session, token: str) -> ApiToken:
    """The token of a text; raises NotAllowedError with the reason where it opens nothing."""
    row = session.scalar(select(ApiToken).where(ApiToken.token_hash == token_hash(token)))
    if row is None:
        raise NotAllowedError("This token is not known here; `workbench tokens create NAME` makes one.")
    if row.revoked_at is not None:
        raise NotAllowedError(f'The token "{row.name}" was revoked.')
    if row.expires_at is not None and row.expires_at <= now():
        raise NotAllowedError(f'The token "{row.name}" was valid until {row.expires_at.date()}; make a new one.')
    return row


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
