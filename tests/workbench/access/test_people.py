"""Roles are granted and revoked by admins, in the history, and somebody always remains who can."""

import pytest
from sqlalchemy import select

from db.enums import Role
from db.models import Event
from workbench import access
from workbench.access import ADMINS_VARIABLE, Access
from workbench.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError


@pytest.fixture(autouse=True)
def nobody_first(monkeypatch):
    monkeypatch.delenv(ADMINS_VARIABLE, raising=False)


def test_a_role_is_granted_changed_and_revoked_whatever_the_case_of_the_name(session):
    access.grant(session, " Ann@Example.org ", Role.ADMIN, actor="root")
    access.grant(session, "bob@example.org", Role.VIEWER, actor="ann@example.org")
    access.grant(session, "BOB@example.org", Role.CURATOR, actor="ann@example.org")
    assert access.listing(session) == {"ann@example.org": Role.ADMIN, "bob@example.org": Role.CURATOR}
    assert access.role_of(session, "Bob@Example.Org") is Role.CURATOR
    access.revoke(session, "bob@example.ORG", actor="ann@example.org")
    assert access.role_of(session, "bob@example.org") is None
    told = session.execute(select(Event.action, Event.actor, Event.before, Event.after).where(Event.subject == "person")).all()
    assert [row.action for row in told] == ["grant", "grant", "grant", "revoke"]
    assert (told[2].before, told[2].after) == ({"role": "viewer"}, {"role": "curator"})
    assert {row.actor for row in told[1:]} == {"ann@example.org"}


def test_the_environment_names_first_admins_whom_the_store_cannot_lock_out(session, monkeypatch):
    monkeypatch.setenv(ADMINS_VARIABLE, "Ann@example.org, carol@example.org,")
    assert access.role_of(session, "ann@example.org") is Role.ADMIN
    access.grant(session, "ann@example.org", Role.VIEWER, actor="carol@example.org")
    assert access.role_of(session, "ann@example.org") is Role.ADMIN
    assert list(access.listing(session)) == ["ann@example.org", "carol@example.org"]
    with pytest.raises(ConflictError, match="is an admin by WORKBENCH_ADMINS"):
        access.revoke(session, "carol@example.org", actor="ann@example.org")


def test_the_last_admin_stays(session):
    access.grant(session, "ann@example.org", Role.ADMIN, actor="root")
    with pytest.raises(ConflictError, match=r"ann@example.org is the last admin; make somebody else one first."):
        access.revoke(session, "ann@example.org", actor="ann@example.org")
    with pytest.raises(ConflictError, match="is the last admin"):
        access.grant(session, "ann@example.org", Role.CURATOR, actor="ann@example.org")
    access.grant(session, "bob@example.org", Role.ADMIN, actor="ann@example.org")
    access.grant(session, "ann@example.org", Role.CURATOR, actor="bob@example.org")
    assert access.role_of(session, "ann@example.org") is Role.CURATOR


@pytest.mark.parametrize("name", ["", "  ", "two names", "a,b", "x" * 321, "a\nb"])
def test_what_can_be_nobodys_name_is_refused(session, name):
    with pytest.raises(InvalidInputError, match="can be nobody's name"):
        access.grant(session, name, Role.VIEWER, actor="root")


def test_revoking_from_who_has_none_says_where_to_look(session):
    with pytest.raises(NotFoundError, match=r"eve has no role here; `workbench access list` shows who has one."):
        access.revoke(session, "eve", actor="root")


def test_only_an_admin_grants(session):
    access.act_as(session, Access("ann", Role.CURATOR))
    with pytest.raises(NotAllowedError, match="ask an admin for the role of admin"):
        access.grant(session, "ann", Role.ADMIN, actor="ann")
