"""People who rate: invited by a link of their own, known by a pseudonym, excluded with a reason."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import now
from db.enums import StudyStatus
from db.models import Invitation, Rater, Study
from workbench.errors import InvalidInputError, NotAllowedError, NotFoundError, StudyNotOpenError
from workbench.store import events, require
from workbench.studies.design_io import rules_of
from workbench.studies.rater_words import refused
from workbench.studies.trials import study_of

TOKEN_BYTES = 24
CURATOR = "curator: "
"""How the cohort is named in which a curator rates: with the curator's own name behind."""


def invite(
    session: Session,
    study_id: int,
    count: int,
    *,
    expires_at: datetime | None = None,
    cohort: str = "",
    simulated: bool = False,
    curator: bool = False,
    actor: str = "workbench",
) -> list[tuple[Rater, str]]:
    """New raters, each with the token of a link that is shown this once: only its hash is stored.

    A `curator` of the study is marked so; their ratings are left out of the results unless the design counts them.

    Raises InvalidInputError for a count below one or a cohort that the design does not name, NotFoundError for an unknown study.
    """
    study = study_of(session, study_id)
    if count < 1:
        raise InvalidInputError(f"Invite at least one rater; got {count}.")
    rules = rules_of(study)
    if rules.cohorts and not curator and cohort not in rules.cohorts:
        raise InvalidInputError(f'The design keeps cohorts apart and knows no "{cohort}"; it has {", ".join(rules.cohorts)}.')
    part = {"cohort": cohort, "expires_at": expires_at, "is_curator": curator, "is_counted": rules.curators_count or not curator}
    word = "simulated" if simulated else "rater"
    invited = [(Rater(pseudonym=f"{word}-{secrets.token_hex(5)}", simulated=simulated), _token()) for _ in range(count)]
    session.add_all(rater for rater, _ in invited)
    session.flush()
    rows = [Invitation(study_id=study.id, rater_id=rater.id, token_hash=token_hash(token), **part) for rater, token in invited]
    session.add_all(rows)
    session.flush()
    for row in rows:
        # The record of an invitation leaves the token's hash out: nobody can log in from the history.
        after = {"study_id": study.id, "rater_id": row.rater_id, "cohort": cohort}
        events.record(session, actor=actor, action="invite", subject="invitation", subject_id=row.id, before=None, after=after)
    return invited


def _token() -> str:
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """What is stored of a token: its SHA-256. Tokens are 192 random bits, so neither salt nor stretching would add anything."""
    return hashlib.sha256(token.encode()).hexdigest()


def renew(session: Session, invitation_id: int, *, actor: str) -> str:
    """A new token for an invitation; the old link opens nothing any more. Raises NotFoundError."""
    row = _invitation(session, invitation_id)
    token = _token()
    row.token_hash = token_hash(token)
    session.flush()
    whose = {"cohort": row.cohort}  # of the token nothing is told
    events.record(session, actor=actor, action="renew", subject="invitation", subject_id=row.id, before=whose, after=whose)
    return token


def authenticate(session: Session, token: str) -> Invitation:
    """The invitation that a token opens; raises NotAllowedError where it is unknown, expired, revoked, or its rater is excluded."""
    invitation, _study = place_of(session, token)
    check_invitation(invitation)
    return invitation


def place_of(session: Session, token: str, *, locked: bool = False) -> tuple[Invitation, Study]:
    """The invitation of a token and its study, whether or not it lets its rater in; raises NotAllowedError where it is unknown.

    `locked` makes others wait on PostgreSQL until this transaction ends; a writer on SQLite has the lock already.
    """
    statement = select(Invitation, Study).join(Study, Study.id == Invitation.study_id).where(Invitation.token_hash == token_hash(token))
    row = session.execute(statement.with_for_update(of=Study) if locked else statement).one_or_none()
    if row is None:
        raise refused(NotAllowedError, "unknown")
    return row.Invitation, row.Study


def check_invitation(row: Invitation) -> None:
    """Raise NotAllowedError where an invitation no longer lets its rater in."""
    if row.revoked_at is not None:
        raise refused(NotAllowedError, "revoked")
    if row.excluded_at is not None:
        raise refused(NotAllowedError, "excluded")
    if row.expires_at is not None and row.expires_at <= now():
        raise refused(NotAllowedError, "expired")


def require_rater(session: Session, study: Study, rater_id: int) -> Invitation:
    """The rater's invitation to an open study; raises StudyNotOpenError and NotAllowedError."""
    if study.status is not StudyStatus.OPEN:
        raise StudyNotOpenError("This study takes no ratings now.")
    row = session.scalar(select(Invitation).where(Invitation.study_id == study.id, Invitation.rater_id == rater_id))
    if row is None:
        raise NotAllowedError("You are not invited to this study.")
    check_invitation(row)
    return row


def invitations(session: Session, study_id: int) -> list[tuple[Invitation, Rater]]:
    """Everybody invited to a study, in the order of the invitations."""
    statement = select(Invitation, Rater).join(Rater, Rater.id == Invitation.rater_id).where(Invitation.study_id == study_id)
    return [(row.Invitation, row.Rater) for row in session.execute(statement.order_by(Invitation.id))]


def invitation_of(session: Session, study_id: int, pseudonym: str) -> Invitation:
    """The invitation of a rater to a study, by the pseudonym; raises NotFoundError."""
    row = session.scalar(select(Invitation).join(Rater).where(Invitation.study_id == study_id, Rater.pseudonym == pseudonym))
    if row is None:
        raise NotFoundError(f'There is no rater "{pseudonym}" in this study; `workbench studies raters NAME` lists them.')
    return row


def revoke(session: Session, invitation_id: int, *, actor: str) -> Invitation:
    """Make a link useless; the votes given through it stay. Raises NotFoundError."""
    row = _invitation(session, invitation_id)
    if row.revoked_at is None:
        _change(session, row, "revoke", actor, revoked_at=now())
    return row


def _invitation(session: Session, invitation_id: int) -> Invitation:
    return require(session, Invitation, invitation_id)


def exclude(session: Session, study_id: int, rater_id: int, reason: str, *, actor: str) -> Invitation:
    """Leave a rater's votes out of the results, and the rater out of the study; the votes stay in the store.

    Raises InvalidInputError without a reason and NotFoundError where the rater is not in the study.
    """
    if not reason.strip():
        raise InvalidInputError("Say why the rater is excluded.")
    row = session.scalar(select(Invitation).where(Invitation.study_id == study_id, Invitation.rater_id == rater_id))
    if row is None:
        raise NotFoundError(f"Rater {rater_id} was not invited to study {study_id}.")
    _change(session, row, "exclude", actor, excluded_at=now(), exclusion_reason=reason)
    return row


def _change(session: Session, row: Invitation, action: str, actor: str, **values: Any) -> None:
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    events.record(session, actor=actor, action=action, subject="invitation", subject_id=row.id, before=before, after=values)
