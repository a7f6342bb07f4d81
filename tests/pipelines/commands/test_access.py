"""`workbench access`: roles at the command line."""

import pytest

from workbench.access import ADMINS_VARIABLE, AUTH_VARIABLE


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    monkeypatch.delenv(ADMINS_VARIABLE, raising=False)
    monkeypatch.delenv(AUTH_VARIABLE, raising=False)


def test_roles_are_granted_listed_and_revoked(workbench, tmp_path, monkeypatch):
    nobody = workbench("access", "list", "--home", tmp_path)
    assert "Nobody has a role yet" in nobody.messages
    assert "Nobody signs in here: set WORKBENCH_AUTH=oidc" in nobody.messages
    granted = workbench("access", "grant", "Bob@example.org", "annotator", "--home", tmp_path)
    assert granted.output == "bob@example.org is annotator now and may look, describe, tag, draw masks and try colors.\n"
    monkeypatch.setenv(ADMINS_VARIABLE, "ann@example.org")
    assert workbench("access", "list", "--home", tmp_path, "--json").json == [
        {"name": "ann@example.org", "role": "admin", "by_environment": True},
        {"name": "bob@example.org", "role": "annotator", "by_environment": False},
    ]
    assert workbench("access", "revoke", "bob@example.org", "--home", tmp_path).output == "bob@example.org has no role any more.\n"
    again = workbench("access", "revoke", "bob@example.org", "--home", tmp_path)
    assert (again.status, again.messages) == (1, "bob@example.org has no role here; `workbench access list` shows who has one.\n")


def test_a_role_that_is_none_is_a_wrong_call(workbench, tmp_path):
    assert workbench("access", "grant", "bob@example.org", "owner", "--home", tmp_path).status == 2
