"""What the front answers itself: raters' pages, answers and pictures, `/leave` and `/healthz`. All else is the curators' process's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from workbench.ui.app import rater_access, shell
from workbench.ui.front.handing_on import HandingOn
from workbench.ui.rating import app as rating

__all__ = ["application"]

RATERS = "/r/"


def application(socket: Path) -> ASGIApp:
    """The front before the curators' process that answers at a socket's file, whether it is up or not."""
    pages = HandingOn(socket)

    async def healthz(_request: Request) -> JSONResponse:
        parts = await run_in_threadpool(shell.health)
        return shell.told_health({**parts, "pages": "well" if await pages.are_well() else "away"})

    async def elsewhere(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(RATERS) and scope["type"] == "http":
            await rater_access.refusal("There is no such part of this page.", 404)(scope, receive, send)
        else:
            await pages(scope, receive, send)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with pages.open():
            yield

    routes = [*rating.routes(), *rater_access.routes(), Route("/healthz", healthz)]
    app = Starlette(routes=routes, middleware=[Middleware(shell.SafeHeaders)], lifespan=lifespan)
    app.router.redirect_slashes, app.router.default = False, elsewhere
    return app
