"""Requests handed on to the curators' process: streamed both ways, with the headers that the browser sent and what the front saw.

Both ends of HTTP are libraries' (uvicorn, aiohttp); what is here is RFC 9110's section 7.6: headers that speak of one connection alone stay
on it.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from yarl import URL

from workbench.ui.app.as_seen import HEADER, seen
from workbench.ui.app.rater_access import refusal
from workbench.ui.front.websockets import relay

__all__ = ["HandingOn"]

INSIDE = "http://workbench"
"""Of an address that is reached by a socket's file; the request keeps the browser's own Host."""
CONNECTIONS_OWN = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding",
     "upgrade", "expect")
)  # fmt: skip
AUTOMATIC = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
"""What aiohttp would add where a browser says nothing."""
KEPT_SECONDS = 15.0
HEALTH_SECONDS = 5.0
LARGEST_HEADER = 65_536
AWAY = "The curators' pages are starting. This page asks again by itself; raters' links are open all the time."
AGAIN_SECONDS = "3"


class HandingOn:
    """ASGI application: what it is asked, answered by the server at a socket's file; a sentence and status 503 while that is away."""

    def __init__(self, socket: Path):
        self.socket = socket
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Connections to the server behind, for the time of the block."""
        async with aiohttp.ClientSession(
            connector=aiohttp.UnixConnector(str(self.socket), limit=0, keepalive_timeout=KEPT_SECONDS),
            timeout=aiohttp.ClientTimeout(total=None),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=AUTOMATIC,
            max_line_size=LARGEST_HEADER,
            max_field_size=LARGEST_HEADER,
        ) as self._session:
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _asked(scope).startswith(b"/"):
            await refusal("There is no page at this address.", 400, title="Nothing here")(scope, receive, send)
        elif scope["type"] == "websocket":
            await relay(self.session, _target(scope), _onward(scope), scope, receive, send)
        else:
            await _answer(self.session, scope, receive, send)

    @property
    def session(self) -> aiohttp.ClientSession:
        """The open connections; raises RuntimeError where the server that carries this app has not begun its lifespan."""
        if self._session is None:
            raise RuntimeError("expected to be open")
        return self._session

    async def are_well(self) -> bool:
        """Whether the pages' server says so."""
        scope = {"type": "http", "client": None, "server": ("127.0.0.1", 0), "scheme": "http"}
        limit = aiohttp.ClientTimeout(total=HEALTH_SECONDS)
        try:
            async with self.session.get(f"{INSIDE}/_stcore/health", headers={HEADER: seen(scope)}, timeout=limit) as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False


async def _answer(session: aiohttp.ClientSession, scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    try:
        answer = await session.request(
            scope["method"], _target(scope), headers=_onward(scope), data=_body(request), allow_redirects=False
        )  # fmt: skip
    except ClientDisconnect:
        return
    except aiohttp.ClientConnectionError:
        await _away()(scope, receive, send)
        return
    async with answer:
        response = StreamingResponse(answer.content.iter_any(), answer.status)
        response.raw_headers = [(name.lower(), value) for name, value in _lasting(answer.raw_headers)]
        await response(scope, receive, send)


def _away() -> Response:
    response = refusal(AWAY, 503, title="L-CAD workbench")
    response.headers["Retry-After"] = response.headers["Refresh"] = AGAIN_SECONDS
    return response


def _asked(scope: Scope) -> bytes:
    """The path of an address, to the letter; of a proxy's requests (`GET http://…`, `OPTIONS *`) one that does not begin with a slash."""
    return scope.get("raw_path") or scope["path"].encode()


def _target(scope: Scope) -> URL:
    """The address as it was asked for, to the letter."""
    query = scope["query_string"]
    return URL(INSIDE + (_asked(scope) + (b"?" + query if query else b"")).decode("latin-1"), encoded=True)


def _onward(scope: Scope) -> list[tuple[str, str]]:
    """The headers of a request for the server behind.

    Left out are what a browser claims to have been seen as, and a length beside a transfer encoding, which decides (RFC 9112, 6.3): what
    came after that length would be taken for another request.
    """
    wrong = {HEADER} | ({"content-length"} if "transfer-encoding" in Headers(scope=scope) else set())
    told = [(_text(name), _text(value)) for name, value in _lasting(scope["headers"])]
    return [*((name, value) for name, value in told if name.lower() not in wrong), (HEADER, seen(scope))]


def _lasting(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Headers without those of one connection, and those that it names as its own."""
    headers = list(headers)
    named = {part.strip().lower() for part in Headers(raw=headers).get("connection", "").split(",")}
    return [(name, value) for name, value in headers if _text(name).lower() not in CONNECTIONS_OWN | named]


def _text(value: bytes) -> str:
    """A header as text that aiohttp writes down, as UTF-8, with the same bytes wherever they are that."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _body(request: Request) -> AsyncIterator[bytes] | None:
    """What comes with a request, piece by piece; None where nothing does."""
    has_one = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
    return request.stream() if has_one else None
