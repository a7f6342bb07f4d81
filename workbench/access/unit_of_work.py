"""A session that acts for somebody: what their role may not write is refused before it reaches the database, whoever asks for it."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import UpdateBase

from db.enums import Role
from workbench.access.roles import TABLES, require_role

KEY = "access"
ITSELF = "workbench"
"""The name under which the workbench enters what nobody decided, such as the checkpoint that it brings along."""


@dataclass(frozen=True)
class Access:
    """Somebody at work: the name under which changes are recorded, and the role; None where they have none."""

    actor: str
    role: Role | None


def act_as(session: Session, access: Access) -> None:
    """Let all that the session does from now on be done by somebody. Raises NotAllowedError where they may not even look."""
    require_role(access.role, Role.VIEWER)
    if KEY in session.info:
        raise ValueError(f"expected a session that acts for nobody yet, got one that acts for {session.info[KEY].actor}")
    session.flush()
    session.info[KEY] = access

    def guard(_connection: Connection, statement: Any, many: Any, one: Any, _options: Any) -> None:
        if isinstance(statement, UpdateBase):
            _check(access, statement, [*many, one] if one else many)

    event.listen(session.connection(), "before_execute", guard)


def access_of(session: Session) -> Access | None:
    """For whom the session acts; None where for nobody in particular."""
    return session.info.get(KEY)


def require(session: Session, needed: Role) -> None:
    """Raise NotAllowedError where the session acts for somebody whose role is not enough."""
    access = access_of(session)
    if access is not None:
        require_role(access.role, needed)


def _check(access: Access, statement: UpdateBase, rows: list[Any]) -> None:
    """Whether a statement may be carried out; an event bears the name of who acts, or ValueError: a service passed on another."""
    name = getattr(statement.table, "name", "")  # a join has none, and none is written to
    require_role(access.role, TABLES.get(name, Role.ADMIN))
    if name == "event":
        others = {row["actor"] for row in rows if "actor" in row} - {access.actor, ITSELF}
        if others:
            raise ValueError(f"expected a change by {access.actor}, got one in the name of {sorted(others)[0]}")
