"""The people who sign in, and their roles: listed, granted, revoked. The first admins stand in the environment."""

import os
import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import Role
from db.models import Person
from workbench.access.roles import is_enough
from workbench.access.unit_of_work import require
from workbench.errors import ConflictError, InvalidInputError, NotFoundError
from workbench.store import events

AUTH_VARIABLE, OIDC = "WORKBENCH_AUTH", "oidc"
ADMINS_VARIABLE = "WORKBENCH_ADMINS"
MOST_CHARACTERS = 320
"""Of an e-mail address (RFC 3696)."""


def people_sign_in() -> bool:
    """Whether people sign in (`WORKBENCH_AUTH=oidc`). Raises InvalidInputError for a value that means nothing: it never opens a door."""
    chosen = os.environ.get(AUTH_VARIABLE, "")
    if chosen not in ("", OIDC):
        raise InvalidInputError(f'{AUTH_VARIABLE} is "{chosen[:40]}"; set it to {OIDC}, or leave it out for the password of curators.')
    return chosen == OIDC


def named(name: str) -> str:
    """The name by which somebody is known, in whatever case it was typed; raises InvalidInputError for what can be no name."""
    name = name.strip().casefold()
    if not name or len(name) > MOST_CHARACTERS or re.search(r"[\s,]", name):
        raise InvalidInputError(
            f'"{name[:60]}" can be nobody\'s name: give what your identity provider knows them by, as a rule an e-mail.'
        )
    return name


def first_admins() -> set[str]:
    """Those whom `WORKBENCH_ADMINS` names, separated by commas: admins whatever the store says, so that nobody is locked out."""
    return {named(name) for name in os.environ.get(ADMINS_VARIABLE, "").split(",") if name.strip()}


def role_of(session: Session, name: str) -> Role | None:
    """The role of somebody; None where they have none."""
    name = named(name)
    return Role.ADMIN if name in first_admins() else session.scalar(select(Person.role).where(Person.name == name))


def listing(session: Session) -> dict[str, Role]:
    """Everybody with a role, by name."""
    kept = {person.name: person.role for person in session.scalars(select(Person))}
    return dict(sorted({**kept, **dict.fromkeys(first_admins(), Role.ADMIN)}.items()))


def grant(session: Session, name: str, role: Role, *, actor: str) -> Person:
    """Give somebody a role in place of the one they have. Raises NotAllowedError, and ConflictError where no admin would be left."""
    require(session, Role.ADMIN)
    name = named(name)
    person = _of(session, name)
    if person is None:
        person = Person(name=name, role=role)
        session.add(person)
        session.flush()
        after = events.snapshot(session, "person", person.id)
        events.record(session, actor=actor, action="grant", subject="person", subject_id=person.id, before=None, after=after)
        return person
    if not is_enough(role, Role.ADMIN):
        _require_another_admin(session, name)
    before = events.snapshot(session, "person", person.id)
    person.role = role
    events.record_edit(session, before, actor=actor, action="grant", subject="person", subject_id=person.id)
    return person


def revoke(session: Session, name: str, *, actor: str) -> None:
    """Take somebody's role away, from this moment on. Raises NotAllowedError, NotFoundError, and ConflictError for the last admin."""
    require(session, Role.ADMIN)
    name = named(name)
    if name in first_admins():
        raise ConflictError(f"{name} is an admin by {ADMINS_VARIABLE}; take the name out of it and start the workbench again.")
    person = _of(session, name)
    if person is None:
        raise NotFoundError(f"{name} has no role here; `workbench access list` shows who has one.")
    _require_another_admin(session, name)
    before = events.snapshot(session, "person", person.id)
    events.record(session, actor=actor, action="revoke", subject="person", subject_id=person.id, before=before, after=None)
    session.delete(person)
    session.flush()


def _of(session: Session, name: str) -> Person | None:
    return session.scalar(select(Person).where(Person.name == name))


def _require_another_admin(session: Session, name: str) -> None:
    admins = {other for other, role in listing(session).items() if role is Role.ADMIN}
    if admins == {name}:
        raise ConflictError(f"{name} is the last admin; make somebody else one first.")
