"""The curators' door: where `WORKBENCH_PASSWORD` is set, every page but the raters' asks for it once in a browser.

Meant for a server that others reach through a proxy with TLS; on 127.0.0.1 alone nobody needs it. The browser keeps a keyed hash of
the password, not the password: changing it ends every visit.
"""

import hashlib
import hmac
import os
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

import anyio
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench.ui.app.rater_access import OPEN_TO_RATERS, refusal

VARIABLE, COOKIE = "WORKBENCH_PASSWORD", "workbench_curator"
OPEN_TO_ALL = (*OPEN_TO_RATERS, "/enter", "/_stcore/health")
MOST_BYTES = 4_000
REFUSED_SECONDS = 0.5
"""What a wrong guess costs."""
WAY = (
    '<form method="post" action="/enter"><p><input type="password" name="password" aria-label="Password" autofocus required '
    'autocomplete="current-password"> <button class="button">Enter</button></p></form>'
)


def password() -> str | None:
    """The curators' password; None where there is none to ask for."""
    return os.environ.get(VARIABLE) or None


def pass_for(password: str) -> str:
    """What a browser that knows the password holds."""
    return hmac.new(password.encode(), b"lcad-workbench curator", hashlib.sha256).hexdigest()


class CuratorGate:
    """Middleware that lets nobody but curators and raters in, where there is a password."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(OPEN_TO_ALL) or _knows(HTTPConnection(scope)):
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _door()(scope, receive, send)


def _knows(visit: HTTPConnection) -> bool:
    """Whether a browser knows the password, or there is none."""
    wanted = password()
    return wanted is None or hmac.compare_digest(visit.cookies.get(COOKIE, "").encode(), pass_for(wanted).encode())


def _door(says: str = "This workbench asks its curators for a password. If you were invited to rate, open your link.") -> Response:
    return refusal(says, 401, title="L-CAD workbench", way=WAY)


async def _enter(request: Request) -> Response:
    wanted = password()
    if wanted is None:
        return RedirectResponse("/", 303)
    if int(request.headers.get("content-length") or MOST_BYTES + 1) > MOST_BYTES:
        return _door("That is no password of this workbench.")
    given = parse_qs((await request.body()).decode("utf-8", "replace")).get("password", [""])[0]
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        await anyio.sleep(REFUSED_SECONDS)
        return _door("That is not the password; try again.")
    response = RedirectResponse("/", 303)
    response.headers.append("Set-Cookie", _cookie(wanted, secure=request.url.scheme == "https"))
    return response


def _cookie(wanted: str, *, secure: bool) -> str:
    cookie = SimpleCookie({COOKIE: pass_for(wanted)})
    attributes: dict[str, Any] = {"path": "/", "httponly": True, "samesite": "Lax", "secure": secure}
    cookie[COOKIE].update(attributes)
    return cookie[COOKIE].OutputString()


def routes() -> list[Route]:
    """`/enter` takes the password."""
    return [Route("/enter", _enter, methods=["POST"])]
