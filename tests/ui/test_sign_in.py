"""Signing in, without a browser: what is missing is said, names are verified ones, and the gate opens to who has a role."""

import json

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit.auth_util import get_signing_secret
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value

from db.enums import Role
from tests.stores import writing
from workbench import access
from workbench.errors import InvalidInputError, MissingPartError, NotAllowedError
from workbench.ui.app import password, sign_in
from workbench.ui.app.sign_in import MemberGate

KEYS = dict.fromkeys(sign_in.KEYS, "x" * 40)


@pytest.fixture
def signed_for(empty, monkeypatch):
    """People sign in to the empty store; the password of curators is set too, and asks nobody any more."""
    monkeypatch.setenv(access.AUTH_VARIABLE, "oidc")
    monkeypatch.setenv(access.ADMINS_VARIABLE, "ann@example.org")
    monkeypatch.setenv(password.VARIABLE, "open sesame")
    return empty


@pytest.fixture
def app(signed_for):
    app = Starlette(routes=[Route("/{path:path}", lambda _request: PlainTextResponse("content"), methods=["GET", "POST"])])
    app.add_middleware(password.CuratorGate)
    app.add_middleware(MemberGate, pages=frozenset(["library"]))
    return app


def cookie(secret: str | None = None, **claims) -> dict[str, str]:
    held = json.dumps({"is_logged_in": True, **claims})
    return {"_streamlit_user": create_signed_value(secret or get_signing_secret(), "_streamlit_user", held).decode()}


def status(app, path: str, cookies: dict[str, str] | None = None, method: str = "GET") -> int:
    return TestClient(app, cookies=cookies or {}).request(method, path).status_code


ANN = {"email": "Ann@example.org", "email_verified": True}


@pytest.mark.parametrize("path", ["/pictures/full/aa/x.png", "/media/a.png", "/_stcore/upload_file/a/b", "/anything", "/component/a.js"])
def test_pictures_and_downloads_are_served_to_who_has_a_role(app, path):
    assert status(app, path) == 403
    assert status(app, path, cookie(**ANN)) == 200
    assert status(app, path, cookie(email="eve@example.org", email_verified=True)) == 403


@pytest.mark.parametrize(
    "cookies",
    [
        {"_streamlit_user": "nonsense"},
        {"_streamlit_user": json.dumps({"is_logged_in": True, **ANN})},
        cookie("another server's secret", **ANN),
        cookie(email="ann@example.org", email_verified=False),
        {"_streamlit_user": cookie(**ANN)["_streamlit_user"][:-2] + "xx"},
        {"_streamlit_user_tokens": cookie(**ANN)["_streamlit_user"]},
    ],
)
def test_a_cookie_that_this_server_did_not_sign_opens_nothing(app, cookies):
    assert status(app, "/pictures/full/aa/x.png", cookies) == 403


@pytest.mark.parametrize(("path", "method"), [("/", "GET"), ("/library", "GET"), ("/auth/login", "GET"), ("/oauth2callback", "GET")])
def test_the_way_in_is_open(app, path, method):
    assert status(app, path, method=method) == 200


def test_a_page_takes_nothing_from_strangers(app):
    assert status(app, "/library", method="POST") == 403


def test_a_websocket_but_that_of_the_pages_is_closed(app):
    with pytest.raises(WebSocketDisconnect), TestClient(app).websocket_connect("/other"):
        pass


def test_a_role_that_is_taken_away_closes_the_gate_at_once(app, signed_for):
    bob = cookie(email="bob@example.org")
    with writing(signed_for) as session:
        access.grant(session, "bob@example.org", Role.VIEWER, actor="root")
    assert status(app, "/pictures/full/aa/x.png", bob) == 200
    with writing(signed_for) as session:
        access.revoke(session, "bob@example.org", actor="root")
    assert status(app, "/pictures/full/aa/x.png", bob) == 403


def test_where_nobody_signs_in_the_password_asks_as_before(app, monkeypatch):
    monkeypatch.delenv(access.AUTH_VARIABLE)
    assert status(app, "/pictures/full/aa/x.png") == 401
    assert status(app, "/pictures/full/aa/x.png", cookie(**ANN)) == 401


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"is_logged_in": False, **ANN}, None),
        ({}, None),
        ({"is_logged_in": True, **ANN}, "ann@example.org"),
        ({"is_logged_in": True, "preferred_username": "Ann"}, "ann"),
        ({"is_logged_in": True, "sub": "0815"}, "0815"),
    ],
)
def test_people_are_known_by_what_the_provider_says(claims, name):
    assert sign_in.name_of(claims) == name


def test_an_address_that_is_not_verified_is_refused():
    with pytest.raises(NotAllowedError, match="has not verified your e-mail address"):
        sign_in.name_of({"is_logged_in": True, "email": "ann@example.org", "email_verified": False})


def test_what_is_missing_for_signing_in_is_said(signed_for, monkeypatch):
    monkeypatch.setattr(sign_in, "secrets_files", lambda: [str(signed_for / "secrets.toml")])
    with pytest.raises(
        MissingPartError, match=r"needs redirect_uri, cookie_secret, client_id, client_secret, server_metadata_url under \[auth"
    ):
        sign_in.require_ready()
    lines = "\n".join(f'{key} = "{value}"' for key, value in KEYS.items())
    (signed_for / "secrets.toml").write_text(f"[auth]\n{lines}\n")
    sign_in.require_ready()
    (signed_for / "secrets.toml").write_text(f"[auth]\n{lines}\n".replace(f'cookie_secret = "{"x" * 40}"', 'cookie_secret = "short"'))
    with pytest.raises(InvalidInputError, match="at least 32 random characters"):
        sign_in.require_ready()
    (signed_for / "secrets.toml").write_text("[auth")
    with pytest.raises(InvalidInputError, match=r"secrets.toml cannot be read"):
        sign_in.require_ready()
    monkeypatch.setattr(sign_in, "is_authlib_installed", lambda: False)
    with pytest.raises(MissingPartError, match="needs the extra oidc"):
        sign_in.require_ready()


def test_a_value_that_means_nothing_opens_no_door(app, monkeypatch):
    monkeypatch.setenv(access.AUTH_VARIABLE, "odic")
    with pytest.raises(InvalidInputError, match='WORKBENCH_AUTH is "odic"; set it to oidc'):
        status(app, "/library")
