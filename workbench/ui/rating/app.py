"""The raters' own plain page: `/r/TOKEN`, its small JSON, and its pictures. No part of it knows Streamlit.

A vote is answered only when it is committed, and the answer brings the next trial along. Writers take turns in this process before
they take turns at the database: a queue is fairer, and quicker, than many that wait for a lock.
"""

import json
from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import Any

from anyio import CapacityLimiter, to_thread
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from db.models import Invitation, Study
from db.schema import upgrade
from db.session import Engines, connect, transaction
from workbench.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, WorkbenchError
from workbench.rating import blinded_images, rater_session, vision_tests
from workbench.settings import Settings, read_settings
from workbench.store import MediaStore
from workbench.studies import raters
from workbench.ui.app.rater_access import is_encrypted, rater_cookie, refusal

MOST_BYTES = 20_000
"""Of a request: an answer is short."""
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
}
PICTURE = SECURITY | {"Cache-Control": "private, max-age=3600, immutable"}
"""Nothing of a file: no date, no size on disk, no name."""
PARTS = {"css": "text/css", "js": "text/javascript"}
STATUS = ((NotAllowedError, 403), (NotFoundError, 404), (InvalidInputError, 422), (ConflictError, 409))

_writing, _reading = CapacityLimiter(1), CapacityLimiter(6)


@lru_cache(maxsize=4)
def _engines(url: str) -> Engines:
    engines = connect(url)
    upgrade(engines.writer)
    return engines


@lru_cache(maxsize=4)
def _media(url: str) -> MediaStore:
    return MediaStore(url)


def _asset(name: str) -> str:
    return files("workbench.ui.rating.page").joinpath(name).read_text("utf-8")


async def _page(request: Request) -> Response:
    """The page itself, the same for everybody; a link that opens nothing gets a sentence instead."""
    token = request.path_params["token"]
    try:
        own = await to_thread.run_sync(_comes_in, token, limiter=_reading)
    except WorkbenchError as error:
        return refusal(str(error))
    response = HTMLResponse(_asset("page.html"), headers=SECURITY)
    if not own:
        response.headers.append("Set-Cookie", rater_cookie(token, secure=is_encrypted(request)))
    return response


def _comes_in(token: str) -> bool:
    """Whether the link is a curator's own, whose browser goes on to the other pages; raises NotAllowedError."""
    with transaction(_engines(read_settings().database_url).reader) as session:
        return raters.authenticate(session, token).cohort.startswith(raters.CURATOR)


def _part(request: Request) -> Response:
    name = request.path_params["name"]
    if name.rpartition(".")[2] not in PARTS or not files("workbench.ui.rating.page").joinpath(name).is_file():
        return refusal("There is no such part of this page.", 404)
    return Response(_asset(name), media_type=PARTS[name.rpartition(".")[2]], headers=SECURITY | {"Cache-Control": "no-cache"})


Action = Callable[[Session, MediaStore, Invitation, dict[str, Any]], rater_session.Told]


def _told(action: Action) -> Callable:
    """An endpoint: the rater is known by the token, the action done in one transaction, what comes next is told as JSON."""

    def act(token: str, given: dict[str, Any]) -> rater_session.Told:
        settings = read_settings()
        with transaction(_engines(settings.database_url).writer) as session:
            return action(session, _media(settings.media_url), raters.authenticate(session, token), given)

    async def endpoint(request: Request) -> Response:
        try:
            given = await _body(request)
            told = await to_thread.run_sync(act, request.path_params["token"], given, limiter=_writing)
        except WorkbenchError as error:
            status = next((status for kind, status in STATUS if isinstance(error, kind)), 400)
            return JSONResponse({"refused": str(error)}, status, SECURITY)
        return JSONResponse(told, headers=SECURITY)

    return endpoint


async def _body(request: Request) -> dict[str, Any]:
    if request.method == "GET":
        return {}
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MOST_BYTES:
            raise InvalidInputError("This is too long for an answer.")
    try:
        given = json.loads(content or b"{}")
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise InvalidInputError("An answer is sent as a JSON object.")
    return given


def _next(session: Session, media: MediaStore, row: Invitation, _given: dict[str, Any]) -> rater_session.Told:
    return rater_session.next_step(session, media, row)


def _consent(session: Session, media: MediaStore, row: Invitation, given: dict[str, Any]) -> rater_session.Told:
    if given.get("agreed") is not True:
        raise InvalidInputError("Nothing begins without your consent.")
    rater_session.consent(session, row)
    return rater_session.next_step(session, media, row)


def _display(session: Session, media: MediaStore, row: Invitation, given: dict[str, Any]) -> rater_session.Told:
    rater_session.check_display(session, row, given)
    return _unless_excluded(session, media, row)


def _vision(session: Session, media: MediaStore, row: Invitation, given: dict[str, Any]) -> rater_session.Told:
    rater_session.check_vision(session, row, given.get("answers"))
    return _unless_excluded(session, media, row)


def _unless_excluded(session: Session, media: MediaStore, row: Invitation) -> rater_session.Told:
    """What comes next; a rater whom a required check has excluded is thanked, and that is committed."""
    return {"step": "ended"} if row.excluded_at is not None else rater_session.next_step(session, media, row)


def _vote(session: Session, media: MediaStore, row: Invitation, given: dict[str, Any]) -> rater_session.Told:
    return rater_session.vote(session, media, row, str(given.get("trial")), given.get("choice"), given.get("seconds"))


def _back(session: Session, media: MediaStore, row: Invitation, _given: dict[str, Any]) -> rater_session.Told:
    return rater_session.back(session, media, row)


def _picture(draw: Callable[[Session, Settings, Invitation, str], bytes | None]) -> Callable:
    """An endpoint of pictures: PNG for the rater whose it is."""

    def read(token: str, name: str) -> bytes | None:
        settings = read_settings()
        with transaction(_engines(settings.database_url).reader) as session:
            return draw(session, settings, raters.authenticate(session, token), name)

    async def endpoint(request: Request) -> Response:
        try:
            content = await to_thread.run_sync(read, request.path_params["token"], request.path_params["name"], limiter=_reading)
        except WorkbenchError as error:
            return refusal(str(error))
        if content is None:
            return refusal("This picture is not part of a trial that is before you.", 404)
        return Response(content, media_type="image/png", headers=PICTURE)

    return endpoint


def _see(session: Session, settings: Settings, row: Invitation, name: str) -> bytes | None:
    media = _media(settings.media_url)
    found = blinded_images.find(session, media, session.get_one(Study, row.study_id), row.rater_id, row.token_hash, name)
    return blinded_images.draw(settings, media, found) if found else None


def _plate(session: Session, _settings: Settings, row: Invitation, name: str) -> bytes | None:
    shown = vision_tests.plates_of(rater_session.lot_of(session.get_one(Study, row.study_id), row))
    return vision_tests.draw_plate(shown[int(name)]) if name.isdecimal() and int(name) < len(shown) else None


def _field(session: Session, _settings: Settings, row: Invitation, name: str) -> bytes | None:
    return (
        vision_tests.draw_field(name, rater_session.lot_of(session.get_one(Study, row.study_id), row))
        if name in vision_tests.FIELDS
        else None
    )


def routes() -> list[Route]:
    """The routes to mount beside Streamlit's own."""
    steps = {"consent": _consent, "display": _display, "vision": _vision, "vote": _vote, "back": _back}
    pictures = {"see": _see, "plate": _plate, "field": _field}
    return [
        Route("/r/page/{name}", _part),
        Route("/r/{token}", _page),
        Route("/r/{token}/next", _told(_next)),
        *(Route(f"/r/{{token}}/{name}", _told(action), methods=["POST"]) for name, action in steps.items()),
        *(Route(f"/r/{{token}}/{name}/{{name}}", _picture(draw)) for name, draw in pictures.items()),
    ]
