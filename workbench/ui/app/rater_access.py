"""Who sees what: a browser that came by a rater's link sees that page and no other."""

import html
from http.cookies import SimpleCookie
from typing import Any

from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench.studies.rater_words import ENGLISH, Words

COOKIE = "workbench_rater"
OPEN_TO_RATERS = ("/r/", "/leave")

SENTENCE = """<!doctype html>
<html lang="{language}" dir="{direction}"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><title>{title}</title><link rel="stylesheet" href="/r/page/page.css">
<body><main><section class="card"><h1>{title}</h1><p>{says}</p>{way}</section></main></body></html>
"""


def refusal(says: str, status: int = 403, *, title: str = "", way: str = "", words: Words = ENGLISH) -> HTMLResponse:
    """A page that says no in a sentence, of the language of `words`."""
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    told = {"title": html.escape(title or words.say("refused_title")), "says": html.escape(says), "way": way}
    return HTMLResponse(SENTENCE.format(language=words.language, direction=words.direction, **told), status, headers)


class RaterGate:
    """Middleware that keeps a rater's browser on the rater's page, whatever address is typed, until it closes."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or scope["path"].startswith(OPEN_TO_RATERS):
            await self.app(scope, receive, send)
            return
        token = HTTPConnection(scope).cookies.get(COOKIE)
        if not token:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _refused(token)(scope, receive, send)


def _refused(token: str) -> HTMLResponse:
    way = f'<p><a class="button" href="/r/{html.escape(token)}">Go on rating</a></p>'
    return refusal("Your link opens the rating page only.", title="This page is not part of your invitation", way=way)


def is_encrypted(visit: HTTPConnection) -> bool:
    """Whether the browser speaks TLS, to this server or to the proxy before it."""
    return visit.url.scheme == "https" or visit.headers.get("x-forwarded-proto", "").lower() == "https"


def rater_cookie(token: str, *, secure: bool = False) -> str:
    """A Set-Cookie value for this browser session: not readable by scripts, not sent from other sites' forms, `secure` over TLS alone."""
    cookie = SimpleCookie({COOKIE: token})
    attributes: dict[str, Any] = {"path": "/", "httponly": True, "samesite": "Lax", "secure": secure}
    cookie[COOKIE].update(attributes)
    return cookie[COOKIE].OutputString()


def _leave(_request: Request) -> RedirectResponse:
    response = RedirectResponse("/", 303)
    response.delete_cookie(COOKIE, path="/")
    return response


def routes() -> list[Route]:
    """`/leave` ends a rater's visit in this browser (for a curator who tried a link)."""
    return [Route("/leave", _leave)]
