"""Pages before people with roles: everybody with one may look at every page, and what is not theirs to change is refused in a sentence."""

import pytest

from db.enums import Role
from tests.stores import reading, writing
from tests.ui.conftest import texts, visit
from workbench import access, runs
from workbench.ui.app import sign_in
from workbench.ui.app.navigation import SECTIONS

pytestmark = pytest.mark.slow

NAME = "bob@example.org"
NAMES = [name for entries in SECTIONS.values() for name, _title in entries]


@pytest.fixture
def as_role(filled, monkeypatch):
    """Sign in with a role: as_role(Role.VIEWER); None is a stranger to the project."""
    monkeypatch.setenv(access.AUTH_VARIABLE, "oidc")
    monkeypatch.setenv(access.ADMINS_VARIABLE, "ann@example.org")
    monkeypatch.setattr(sign_in, "visitor", lambda: NAME)
    secrets = filled.home / "secrets.toml"
    secrets.write_text("[auth]\n" + "\n".join(f'{key} = "{"x" * 40}"' for key in sign_in.KEYS))
    monkeypatch.setattr(sign_in, "secrets_files", lambda: [str(secrets)])

    def sign(role: Role | None):
        if role is not None:
            with writing(filled) as session:
                access.grant(session, NAME, role, actor="root")
        return filled

    return sign


@pytest.mark.parametrize("name", NAMES)
def test_a_viewer_may_look_at_every_page(as_role, name):
    as_role(Role.VIEWER)
    app = visit(name)
    assert [error.value for error in app.error] == []
    assert app.title
    assert f"{NAME}, viewer" in [text.value for text in app.sidebar.get("text")]


def test_a_stranger_to_the_project_sees_no_page(as_role):
    as_role(None)
    app = visit("library")
    assert texts(app).splitlines() == [
        "L-CAD workbench",
        "Describe photos, color them by their captions, and judge the results.",
        f"You are signed in as {NAME}, who has no role in this project yet: ask an admin for one.",
    ]
    assert [button.label for button in app.button] == ["Sign out"]


def test_what_is_missing_in_the_settings_is_said_and_nothing_else_shown(as_role, filled):
    as_role(Role.ADMIN)
    (filled.home / "secrets.toml").write_text("")
    app = visit("library")
    assert "WORKBENCH_AUTH=oidc needs redirect_uri, cookie_secret" in texts(app)
    assert [title.value for title in app.title] == ["L-CAD workbench"]
    assert list(app.button) == [], "nobody can sign in yet"


def test_a_viewer_cancels_nothing_and_a_curator_does_under_their_name(as_role):
    store = as_role(Role.VIEWER)
    with writing(store) as session:
        run_id = runs.create(session, "thumbnails", {}, requested_by="ann@example.org").id
    app = visit("runs", [f"run-{run_id}"])
    app.button(key=f"stop-{run_id}").click().run()
    refusal = "You may look at this project but not change it: ask an admin for the role of curator."
    assert [error.value for error in app.error] == [refusal]
    with writing(store) as session:
        access.grant(session, NAME, Role.CURATOR, actor="root")
    app.button(key=f"stop-{run_id}").click().run()
    with reading(store) as session:
        assert runs.get(session, run_id).message == f"Cancelled by {NAME}."


def test_an_admin_grants_roles_on_the_settings_page_and_a_curator_sees_whom_to_ask(as_role):
    store = as_role(Role.CURATOR)
    assert "## People" in texts(visit("settings"))
    assert not [box for box in visit("settings").text_input if box.label == "E-mail"]
    with writing(store) as session:
        access.grant(session, NAME, Role.ADMIN, actor="root")
    app = visit("settings")
    next(box for box in app.text_input if box.label == "E-mail").set_value("eve@example.org")
    next(box for box in app.selectbox if box.label == "Role").set_value(Role.ANNOTATOR)
    next(button for button in app.button if button.label == "Grant").click().run()
    with reading(store) as session:
        assert access.role_of(session, "eve@example.org") is Role.ANNOTATOR
    box = next(one for one in app.selectbox if one.label == "Role of eve@example.org")
    box.set_value("no role").run()
    with reading(store) as session:
        assert access.role_of(session, "eve@example.org") is None
