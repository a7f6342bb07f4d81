"""The curators' door: where `WORKBENCH_PASSWORD` is set, every page but the raters' asks for it once in a browser.

Without a password the workbench answers on this machine alone: whoever comes over a network, or through a proxy, is told to have one set.
The browser keeps a signed number, not the password; changing the password ends every visit.
"""

import hmac
import html
import os
from http.cookies import SimpleCookie
from ipaddress import ip_address
from math import ceil
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench import access
from workbench.settings import read_settings
from workbench.ui.app.password_attempts import Guesses, address_of
from workbench.ui.app.rater_access import OPEN_TO_RATERS, is_encrypted, refusal
from workbench.ui.app.visit_secret import is_signed, signed

VARIABLE, COOKIE = "WORKBENCH_PASSWORD", "workbench_curator"
OPEN_VARIABLE = "WORKBENCH_WITHOUT_PASSWORD"
"""Set to 1 by who has another door before this one (a proxy that knows its people)."""
OPEN_TO_ALL = (*OPEN_TO_RATERS, "/enter", "/_stcore/health", "/healthz")
MOST_BYTES = 4_000
REFUSED_SECONDS = 0.5
"""What a wrong guess costs, beside the pauses of `guesses`."""
_guesses = Guesses()
MOST_ADDRESS = 1_000
"""Characters of the address that one wanted to see; a longer one is not come back to."""
WAY = (
    '<form method="post" action="/enter" class="door"><label for="password">Password</label> '
    '<input type="password" id="password" name="password" autofocus required autocomplete="current-password"> '
    '<input type="hidden" name="to" value="{to}"><button class="button">Enter</button></form>'
)


def password() -> str | None:
    """The curators' password; None where there is none to ask for."""
    return os.environ.get(VARIABLE) or None


class CuratorGate:
    """Middleware that lets nobody but curators and raters in, where there is a password; where people sign in, `MemberGate` does."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or access.people_sign_in() or scope["path"].startswith(OPEN_TO_ALL):
            await self.app(scope, receive, send)
            return
        visit = HTTPConnection(scope)
        if _may_enter(visit):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await (_closed() if password() is None else _door(to=_wanted(visit)))(scope, receive, send)


def _may_enter(visit: HTTPConnection) -> bool:
    """Whether a browser knows the password, or there is none and it is on this machine."""
    secret = password()
    if secret is None:
        return _is_here(visit) or os.environ.get(OPEN_VARIABLE) == "1"
    return is_signed(read_settings().home, secret, visit.cookies.get(COOKIE, ""))


def _is_here(visit: HTTPConnection) -> bool:
    """Whether a connection was made to this machine's own address, by no proxy."""
    try:
        reached = ip_address((visit.scope.get("server") or ("localhost",))[0])
    except ValueError:  # a name or a socket's file, not an address
        return "x-forwarded-for" not in visit.headers
    return reached.is_loopback and "x-forwarded-for" not in visit.headers


def _closed() -> Response:
    says = (
        f"This workbench has no password, so it answers on its own machine alone. Set {VARIABLE} and start it again; "
        "raters need no password, their links open as they are."
    )
    return refusal(says, 403, title="L-CAD workbench")


ASKS = "This workbench asks its curators for a password. If you were invited to rate, open your link."


def _door(says: str = ASKS, to: str = "/") -> Response:
    return refusal(says, 401, title="L-CAD workbench", way=WAY.format(to=html.escape(to)))


def _wanted(visit: HTTPConnection) -> str:
    """The page that a browser asked for, with its query."""
    return _own_address(visit.url.path + (f"?{visit.url.query}" if visit.url.query else ""))


def _own_address(address: str) -> str:
    """An address of this workbench as it was given; its first page where it would lead elsewhere, or is too long."""
    parts = urlsplit(address)
    elsewhere = parts.scheme or parts.netloc or not address.startswith("/") or address.startswith(("//", "/\\"))
    return "/" if elsewhere or len(address) > MOST_ADDRESS or not address.isprintable() or not address.isascii() else address


async def _enter(request: Request) -> Response:
    secret = password()
    if secret is None:
        return RedirectResponse("/", 303)
    if int(request.headers.get("content-length") or MOST_BYTES + 1) > MOST_BYTES:
        return _door("That is no password of this workbench.")
    address = address_of(request)
    pause = _guesses.begin(address)
    if pause:
        return _door(f"Too many guesses from here; try again in {_spoken(pause)}.")
    right, to = False, "/"
    try:
        form = parse_qs((await request.body()).decode("utf-8", "replace"))
        typed, to = form.get("password", [""])[0], _own_address(form.get("to", ["/"])[0])
        right = hmac.compare_digest(typed.encode(), secret.encode())
        if not right:
            await anyio.sleep(REFUSED_SECONDS)
    finally:
        _guesses.end(address, right=right)
    if not right:
        return _door("That is not the password; try again.", to)
    response = RedirectResponse(to, 303)
    response.headers.append("Set-Cookie", _cookie(secret, secure=is_encrypted(request)))
    return response


def _spoken(seconds: float) -> str:
    return f"{ceil(seconds)} seconds" if seconds < 90 else f"{ceil(seconds / 60)} minutes"


def _cookie(secret: str, *, secure: bool) -> str:
    cookie = SimpleCookie({COOKIE: signed(read_settings().home, secret)})
    attributes: dict[str, Any] = {"path": "/", "httponly": True, "samesite": "Lax", "secure": secure}
    cookie[COOKIE].update(attributes)
    return cookie[COOKIE].OutputString()


def routes() -> list[Route]:
    """`/enter` takes the password."""
    return [Route("/enter", _enter, methods=["POST"])]
