"""Signing in: with `WORKBENCH_AUTH=oidc` people come in through an identity provider, by Streamlit's `st.login`, and act with their role.

Streamlit keeps who signed in in a signed cookie. Its pages read it as `st.user`; what is served beside them, the pictures above all,
reads the same cookie here. Whoever has not signed in meets the page that asks for it, and nothing else.
"""

import json
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.auth_util import get_cookie_with_chunks, get_signing_secret, is_authlib_installed
from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from db.enums import Role
from db.session import transaction
from workbench import access
from workbench.errors import InvalidInputError, MissingPartError, NotAllowedError, WorkbenchError
from workbench.open_store import shared_store
from workbench.settings import read_settings
from workbench.ui.app.rater_access import OPEN_TO_RATERS, refusal

ASKED = f"{access.AUTH_VARIABLE}=oidc"
SECRETS = "secrets.toml"
KEYS = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
SHORTEST_SECRET = 32
"""Characters of the secret that signs who somebody is."""
OPEN_TO_ALL = (
    *OPEN_TO_RATERS, "/healthz", "/_stcore/health", "/_stcore/host-config", "/_stcore/stream", "/static/", "/auth/", "/oauth2callback",
    "/favicon.png", "/manifest.json",
)  # fmt: skip
"""What the page that asks people to sign in needs, and what it leads to; the page's own session shows nobody more than that."""


def secrets_files() -> list[str]:
    """Where Streamlit looks for its secrets, the store's home last."""
    return [str(Path.home() / ".streamlit" / SECRETS), str(Path.cwd() / ".streamlit" / SECRETS), str(read_settings().home / SECRETS)]


def require_ready() -> None:
    """Raise a WorkbenchError that says what is missing for people to sign in."""
    if not access.people_sign_in():
        return
    if not is_authlib_installed():
        raise MissingPartError(f"{ASKED} needs the extra oidc; run pip install 'lcad-workbench[oidc]'.")
    found: dict[str, Any] = {}
    for path in filter(os.path.isfile, secrets_files()):
        try:
            found |= tomllib.loads(Path(path).read_text("utf-8")).get("auth", {})
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise InvalidInputError(f"{SECRETS} cannot be read: {error}.") from None
    missing = [key for key in KEYS if not found.get(key)]
    if missing:
        raise MissingPartError(
            f"{ASKED} needs {', '.join(missing)} under [auth] in .streamlit/{SECRETS} or in {SECRETS} of the store's home."
        )
    if len(str(found["cookie_secret"])) < SHORTEST_SECRET:
        raise InvalidInputError(f"cookie_secret in {SECRETS} signs who somebody is; give it at least {SHORTEST_SECRET} random characters.")


def name_of(user: Mapping[str, Any]) -> str | None:
    """The name of who signed in: their e-mail, else what the provider calls them; None where nobody did.

    Raises NotAllowedError for an e-mail that the provider has not verified: anybody could have typed it.
    """
    if not user.get("is_logged_in"):
        return None
    if user.get("email") and user.get("email_verified") in (False, "false"):
        raise NotAllowedError("Your identity provider has not verified your e-mail address; have it verified, and sign in again.")
    for claim in ("email", "preferred_username", "sub"):
        if user.get(claim):
            return access.named(str(user[claim]))
    return None


def visitor() -> str | None:
    """The name of who looks at the page that is drawn now; None where nobody has signed in."""
    return name_of(st.user.to_dict())


def visitor_of(visit: HTTPConnection) -> str | None:
    """The name of who makes a request, by the cookie that Streamlit signed; None where there is none, or not by this server."""

    def part(name: str) -> bytes | None:
        value = visit.cookies.get(name)
        return None if value is None else decode_signed_value(get_signing_secret(), name, value.encode("latin-1"))

    try:
        held = get_cookie_with_chunks(part, USER_COOKIE_NAME)
        return None if held is None else name_of(json.loads(held))
    except (ValueError, AttributeError, WorkbenchError):
        return None


def role_now(name: str) -> Role | None:
    """The role that somebody has at this moment."""
    with transaction(shared_store(read_settings()).engines.reader) as session:
        return access.role_of(session, name)


class MemberGate:
    """Middleware: where people sign in, nothing but the way to do so is served to who has no role, pictures and downloads least of all."""

    def __init__(self, app: ASGIApp, pages: frozenset[str]):
        self.app, self.pages = app, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if (
            scope["type"] not in ("http", "websocket")
            or not access.people_sign_in()
            or self._is_open(scope)
            or await _has_role(HTTPConnection(scope))
        ):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            way = '<p><a class="button" href="/">To the workbench</a></p>'
            await refusal("Sign in with a role in this project to see this.", 403, title="L-CAD workbench", way=way)(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        path = scope["path"]
        is_page = scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and path.strip("/") in self.pages | {"", "index.html"}
        return is_page or path.startswith(OPEN_TO_ALL)


async def _has_role(visit: HTTPConnection) -> bool:
    name = visitor_of(visit)
    return name is not None and await run_in_threadpool(role_now, name) is not None
