"""A request as the front saw it: who asked, at which address, by which scheme, told along with each request that it hands on.

Only what listens at a socket's file that nobody but the front can open may believe it: `AsSeen` is put around the curators' app there
and nowhere else, so the same header in a browser's request says nothing.
"""

import json
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["HEADER", "AsSeen", "seen"]

HEADER = "x-workbench-seen"


def seen(scope: Scope) -> str:
    """What the front says of a request: its client (address, port), the address that it reached, its scheme."""
    return json.dumps({name: scope.get(name) for name in ("client", "server", "scheme")})


class AsSeen:
    """Middleware that gives a request the client, the address and the scheme that the front saw; what does not come by it is refused."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        told = Headers(scope=scope).get(HEADER)
        if told is not None:
            headers = [(name, value) for name, value in scope["headers"] if name != HEADER.encode()]
            await self.app({**scope, **_read(told), "headers": headers}, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            await PlainTextResponse("This is answered at the workbench's own address alone.", 421)(scope, receive, send)


def _read(told: str) -> dict[str, Any]:
    given = json.loads(told)
    return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
