"""Recruitment by one link: whoever agrees on its page becomes a rater, each person once, as long as there is a place.

Nothing is stored of a visitor before they agree. The token of a recruited rater is made from the link's token and the name by which
the platform calls the person, so that the same person comes back to the same place from any device, and so that the store alone, which
holds neither token, opens nothing. Without a name the token is random, and the browser remembers it.
"""

import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from db.base import now
from db.enums import StudyStatus
from db.models import Invitation, Participant, Rater, Rating, RecruitmentLink, Study
from workbench.errors import InvalidInputError, NotAllowedError
from workbench.store import events, require
from workbench.studies import places
from workbench.studies.design import Rules
from workbench.studies.design_io import rules_of
from workbench.studies.rater_words import refused
from workbench.studies.raters import TOKEN_BYTES, token_hash
from workbench.studies.trials import study_of

__all__ = [
    "VISIT", "Arrival", "address_of", "arrive", "came_by", "count", "create_link", "has_place", "invitation_at", "keeps_place", "link_at",
    "links", "names", "recruit", "revoke_link",
]  # fmt: skip

LONGEST = 200
"""Characters of a parameter's value; platforms send two dozen."""
VISIT = re.compile(r"[0-9a-f]{32,64}")
"""How a page calls a visit: random, and long enough that nobody guesses another's."""
PREVIEW = "ASSIGNMENT_ID_NOT_AVAILABLE"
"""What Mechanical Turk sends as assignmentId to somebody who only looks at a task."""


@dataclass(frozen=True)
class Arrival:
    """Somebody at the door of a study: by which link, and what the address says of them."""

    link: RecruitmentLink
    study: Study
    token: str
    """The link's."""
    name: str | None
    parameters: dict[str, str]
    visit: str = ""
    """Of somebody whom no platform names: what their page calls this visit, the same however often it is sent."""


def create_link(
    session: Session, study_id: int, *, cohort: str = "", cap: int | None = None, expires_at: datetime | None = None, actor: str
) -> tuple[RecruitmentLink, str]:
    """A new link for many, and its token, which is shown this once; `cap` by default as the design says.

    Raises InvalidInputError for a cap below one or a cohort that the design does not name, NotFoundError for an unknown study.
    """
    study = study_of(session, study_id)
    rules = rules_of(study)
    cap = rules.recruitment.cap if cap is None else cap
    if cap is not None and cap < 1:
        raise InvalidInputError(f"A link lets at least one participant in; got {cap}.")
    if rules.cohorts and cohort not in rules.cohorts:
        raise InvalidInputError(f'The design keeps cohorts apart and knows no "{cohort}"; it has {", ".join(rules.cohorts)}.')
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = RecruitmentLink(study_id=study.id, token_hash=token_hash(token), cohort=cohort, cap=cap, expires_at=expires_at)
    session.add(link)
    session.flush()
    after = {"study_id": study.id, "cohort": cohort, "cap": cap}
    events.record(session, actor=actor, action="create", subject="recruitment_link", subject_id=link.id, before=None, after=after)
    return link, token


def links(session: Session, study_id: int) -> list[RecruitmentLink]:
    """The recruitment links of a study, the oldest first."""
    return list(session.scalars(select(RecruitmentLink).where(RecruitmentLink.study_id == study_id).order_by(RecruitmentLink.id)))


def revoke_link(session: Session, link_id: int, *, actor: str) -> RecruitmentLink:
    """Let nobody new in by a link; who has come by it goes on. Raises NotFoundError."""
    link = require(session, RecruitmentLink, link_id)
    if link.revoked_at is None:
        link.revoked_at = now()
        session.flush()
        after = {"revoked_at": link.revoked_at}
        events.record(session, actor=actor, action="revoke", subject="recruitment_link", subject_id=link.id, before=None, after=after)
    return link


def link_at(session: Session, token: str) -> tuple[RecruitmentLink, Study]:
    """The link of a token, and its study; raises NotAllowedError where it is unknown."""
    statement = select(RecruitmentLink, Study).join(Study, Study.id == RecruitmentLink.study_id)
    row = session.execute(statement.where(RecruitmentLink.token_hash == token_hash(token))).one_or_none()
    if row is None:
        raise refused(NotAllowedError, "unknown")
    return row.RecruitmentLink, row.Study


def arrive(session: Session, token: str, address: Mapping[str, str]) -> Arrival:
    """Who stands at the door; `address` holds the parameters of the address.

    Raises NotAllowedError for an unknown link, InvalidInputError where the parameter is missing that names the person.
    """
    link, study = link_at(session, token)
    recruitment = rules_of(study).recruitment
    name = _value(address, recruitment.participant) if recruitment.participant else None
    if recruitment.participant and not name:
        raise refused(InvalidInputError, "nameless", name=recruitment.participant)
    if PREVIEW in address.values():
        raise refused(InvalidInputError, "preview")
    parameters = {key: value for key in recruitment.parameters if (value := _value(address, key))}
    return Arrival(link, study, token, name, parameters)


def _value(address: Mapping[str, str], name: str) -> str:
    value = address.get(name, "").strip()
    if len(value) > LONGEST or not value.isprintable():
        raise refused(InvalidInputError, "strange_value", name=name)
    if value and value[0] in "{[$<%" and value[-1] in "}]>%":
        raise refused(InvalidInputError, "unfilled", name=name, value=value[:40])
    return value


def _token(arrival: Arrival) -> str:
    known = arrival.name if arrival.name is not None else arrival.visit and f"visit {arrival.visit}"
    if not known:
        return secrets.token_urlsafe(TOKEN_BYTES)
    digest = hmac.digest(arrival.token.encode(), known.encode(), "sha256")
    return urlsafe_b64encode(digest[:TOKEN_BYTES]).decode()


def invitation_at(session: Session, arrival: Arrival) -> tuple[Invitation, str] | None:
    """The place that this person has in the study already, and its token; None for a newcomer.

    Raises NotAllowedError where they came by another link: a token is made from the link's.
    """
    if arrival.name is None:
        return _sent_before(session, arrival)
    statement = select(Invitation).join(Participant, Participant.invitation_id == Invitation.id)
    invitation = session.scalar(statement.where(Participant.study_id == arrival.study.id, Participant.name == arrival.name))
    if invitation is None:
        return None
    token = _token(arrival)
    if invitation.token_hash != token_hash(token):
        raise refused(NotAllowedError, "other_link")
    return invitation, token


def _sent_before(session: Session, arrival: Arrival) -> tuple[Invitation, str] | None:
    """The place that this visit has got already: a page sends what it was not answered on once more, and some people click twice."""
    if not arrival.visit:
        return None
    token = _token(arrival)
    invitation = session.scalar(select(Invitation).where(Invitation.token_hash == token_hash(token)))
    return (invitation, token) if invitation is not None else None


def has_place(session: Session, arrival: Arrival) -> bool:
    """Whether a newcomer is let in now."""
    link = arrival.link
    if link.revoked_at is not None or (link.expires_at is not None and link.expires_at <= now()):
        return False
    if arrival.study.status is not StudyStatus.OPEN:
        return False
    minutes = rules_of(arrival.study).recruitment.minutes
    if link.cap is not None and places.taken(session, link, minutes) >= link.cap:
        return False
    return places.work_left(session, arrival.study, link.cohort) > 0


def keeps_place(session: Session, study: Study, invitation: Invitation) -> bool:
    """Whether a rater may go on: a recruited one who was away too long, and has answered nothing, may have lost the place."""
    away_since = invitation.seen_at or invitation.created_at
    if away_since > now() - timedelta(minutes=rules_of(study).recruitment.minutes):
        return True
    participant = session.get(Participant, invitation.id)
    if participant is None or session.scalar(select(exists().where(Rating.rater_id == invitation.rater_id))):
        return True
    link = session.get(RecruitmentLink, participant.link_id) if participant.link_id else None
    minutes = rules_of(study).recruitment.minutes
    if link is not None and link.cap is not None and places.taken(session, link, minutes) >= link.cap:
        return False
    return places.work_left(session, study, invitation.cohort) > 0


def recruit(session: Session, arrival: Arrival) -> tuple[Invitation, str] | None:
    """Make a rater of somebody who has agreed; return their invitation and token, or None where no place is left.

    Needs a writer's session: two who come at once for the last place must not both get it.
    """
    session.refresh(arrival.link, with_for_update=True)
    if (known := invitation_at(session, arrival)) is not None:
        return known
    if not has_place(session, arrival):
        return None
    token = _token(arrival)
    rater = Rater(pseudonym=f"rater-{secrets.token_hex(5)}")
    session.add(rater)
    session.flush()
    invitation = Invitation(
        study_id=arrival.study.id, rater_id=rater.id, token_hash=token_hash(token), cohort=arrival.link.cohort, seen_at=now()
    )
    session.add(invitation)
    session.flush()
    facts = {"study_id": arrival.study.id, "link_id": arrival.link.id}
    session.add(Participant(invitation_id=invitation.id, name=arrival.name, parameters=arrival.parameters, **facts))
    session.flush()
    after, key = {"study_id": arrival.study.id, "rater_id": rater.id, "cohort": invitation.cohort}, invitation.id
    events.record(session, actor=rater.pseudonym, action="recruit", subject="invitation", subject_id=key, before=None, after=after)
    return invitation, token


def count(session: Session, link: RecruitmentLink, what: str) -> None:
    """Count somebody who was turned away or declined; nothing else is kept of them."""
    column = {"turned_away": RecruitmentLink.turned_away, "declined": RecruitmentLink.declined}[what]
    session.execute(update(RecruitmentLink).where(RecruitmentLink.id == link.id).values({column: column + 1}))


def came_by(session: Session, study_id: int) -> dict[int, int]:
    """By link, how many raters have come by it."""
    statement = select(Participant.link_id, func.count()).where(Participant.study_id == study_id).group_by(Participant.link_id)
    return dict(session.execute(statement).all())


def names(session: Session, study_id: int) -> dict[int, str]:
    """By invitation, how the platform names the participant."""
    statement = select(Participant.invitation_id, Participant.name).where(Participant.study_id == study_id, Participant.name.is_not(None))
    return dict(session.execute(statement).all())


def address_of(rules: Rules, token: str, base: str = "") -> str:
    """The whole link, each parameter that the design names with a place for its value."""
    named = [*filter(None, [rules.recruitment.participant]), *rules.recruitment.parameters]
    query = "&".join(f"{name}={name.upper()}" for name in named)
    return f"{base.rstrip('/')}/r/join/{token}" + (f"?{query}" if query else "")
