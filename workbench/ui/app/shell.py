"""What the server answers to everybody alike: headers that keep it out of foreign frames, unknown addresses, and how it is."""

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from db.models import Run
from workbench import runs
from workbench.errors import WorkbenchError
from workbench.ui.app import context
from workbench.ui.app.rater_access import refusal

__all__ = ["KnownPaths", "SafeHeaders", "routes"]

HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'self'",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}
OWN = frozenset(("", "r", "leave", "enter", "pictures", "healthz", "logo"))
"""First parts of the addresses that are ours, beside the pages."""
STREAMLITS = frozenset(
    ("_stcore", "static", "media", "component", "app", "favicon.png", "index.html", "manifest.json", "oauth2callback", "auth")
)


class SafeHeaders:
    """Middleware that adds HEADERS to every answer that does not say them itself."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, sending if scope["type"] == "http" else send)


class KnownPaths:
    """Middleware that answers 404 where there is no page: Streamlit would send its empty shell with status 200."""

    def __init__(self, app: ASGIApp, pages: frozenset[str]):
        self.app, self.pages = app, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].split("/")[1] in OWN | STREAMLITS | self.pages:
            await self.app(scope, receive, send)
        else:
            way = '<p><a class="button" href="/">To the workbench</a></p>'
            await refusal("There is no page at this address.", 404, title="Nothing here", way=way)(scope, receive, send)


def _health() -> dict[str, str]:
    """How store, queue and workers are, each in a word."""
    try:
        with context.reading() as session:
            working = len(runs.workers(session))
            waiting = session.scalars(select(Run.id).where(Run.status == "queued").limit(1)).first()
    except (SQLAlchemyError, WorkbenchError, OSError):
        return {"store": "unreachable", "queue": "unknown", "workers": "unknown"}
    return {"store": "well", "queue": "stuck" if waiting and not working else "well", "workers": str(working)}


async def _healthz(_request: Request) -> JSONResponse:
    health = await run_in_threadpool(_health)
    return JSONResponse(health, 200 if health["store"] == "well" and health["queue"] == "well" else 503, {"Cache-Control": "no-store"})


def routes() -> list[Route]:
    """`/healthz` for whoever watches over the server: 200 where all is well, else 503, and which part is not."""
    return [Route("/healthz", _healthz)]
