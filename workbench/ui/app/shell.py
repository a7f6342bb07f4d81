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
from db.session import transaction
from workbench import runs
from workbench.errors import WorkbenchError
from workbench.open_store import shared_store
from workbench.settings import read_settings
from workbench.ui.app.rater_access import refusal

__all__ = ["KnownPaths", "SafeHeaders", "health", "routes", "told_health"]

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


def health() -> dict[str, str]:
    """How store, queue and workers are, each in a word."""
    try:
        with transaction(shared_store(read_settings()).engines.reader) as session:  # for whoever asks, and nothing of the content
            working = len(runs.workers(session))
            waiting = session.scalars(select(Run.id).where(Run.status == "queued").limit(1)).first()
    except (SQLAlchemyError, WorkbenchError, OSError):
        return {"store": "unreachable", "queue": "unknown", "workers": "unknown"}
    return {"store": "well", "queue": "stuck" if waiting and not working else "well", "workers": str(working)}


def told_health(parts: dict[str, str]) -> JSONResponse:
    """200 where store, queue and pages are well, else 503; who asks again is answered anew."""
    well = all(parts.get(name, "well") == "well" for name in ("store", "queue", "pages"))
    return JSONResponse(parts, 200 if well else 503, {"Cache-Control": "no-store"})


async def _healthz(_request: Request) -> JSONResponse:
    return told_health(await run_in_threadpool(health))


def routes() -> list[Route]:
    """`/healthz` for whoever watches over the server: 200 where all is well, else 503, and which part is not."""
    return [Route("/healthz", _healthz)]
