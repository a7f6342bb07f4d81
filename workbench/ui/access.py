"""Who sees what: a rater who came by a token link sees their own trials and no other page."""

from http.cookies import SimpleCookie
from urllib.parse import parse_qs

import streamlit as st
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "workbench_rater"


def rater_token() -> str | None:
    """The invitation's token that this visitor carries, in the address or in the cookie that the address left."""
    kept = st.context.cookies.get(COOKIE)
    # Without a browser behind the page, as under AppTest, a cookie is an object that stands for one.
    return st.query_params.get("token") or (kept if isinstance(kept, str) else None) or None


class RaterCookie:
    """Middleware that keeps a token link's token in the browser until it closes, so that no edited address leads further."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        token = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0] if scope["type"] == "http" else ""

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                message.setdefault("headers", []).append((b"set-cookie", cookie_header(token).encode("latin-1")))
            await send(message)

        await self.app(scope, receive, send_with_cookie if token else send)


def cookie_header(token: str) -> str:
    """A Set-Cookie value for this browser session: not readable by scripts, not sent from other sites' forms."""
    cookie = SimpleCookie({COOKIE: token})
    cookie[COOKIE].update({"path": "/", "httponly": True, "samesite": "Lax"})
    return cookie[COOKIE].OutputString()


def _leave(_request: Request) -> RedirectResponse:
    response = RedirectResponse("/", 303)
    response.delete_cookie(COOKIE, path="/")
    return response


def routes() -> list[Route]:
    """`/leave` ends a rater's visit in this browser (for a curator who tried a link)."""
    return [Route("/leave", _leave)]
