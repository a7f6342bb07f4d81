"""Middleware that lets in who brings a token: `Authorization: Bearer wb_…`."""

from anyio import to_thread
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench.errors import NotAllowedError
from workbench.http_api import tokens
from workbench.open_store import Store

MISSING = "Send a token: Authorization: Bearer wb_… (`workbench tokens create NAME` makes one)."
ASKS = {"WWW-Authenticate": 'Bearer realm="workbench"', "Cache-Control": "no-store"}


class TokenGate:
    """Answers 401 with a sentence where a request to a closed path brings no valid token; `open_paths` need none."""

    def __init__(self, app: ASGIApp, store: Store, open_paths: frozenset[str] = frozenset()):
        self.app, self.store, self.open_paths = app, store, open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan" or scope["path"] in self.open_paths:
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":
            raise RuntimeError("expected HTTP")  # no part of these services speaks anything else
        kind, _, token = HTTPConnection(scope).headers.get("authorization", "").partition(" ")
        try:
            if kind.lower() != "bearer":
                raise NotAllowedError(MISSING)
            await to_thread.run_sync(self._recognize, token.strip())
        except NotAllowedError as error:
            await JSONResponse({"error": str(error)}, 401, ASKS)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _recognize(self, token: str) -> None:
        with self.store.reading() as session:
            tokens.recognize(session, token)
