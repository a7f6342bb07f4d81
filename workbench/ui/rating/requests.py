"""What all requests of raters share: the store, headers, a body of JSON, refusals in sentences."""

import json
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from importlib.resources import files
from typing import Any, TypeVar

import jinja2
from anyio import CapacityLimiter, to_thread
from markupsafe import Markup
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from db.session import Engines, transaction
from workbench.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, WorkbenchError
from workbench.open_store import shared_store
from workbench.rating import pilot
from workbench.rating.visit import Told
from workbench.settings import Settings, read_settings
from workbench.studies import raters, recruitment, rules_of
from workbench.studies.rater_words import ENGLISH, Words, told_in, words_in
from workbench.ui.app.rater_access import refusal

__all__ = ["SECURITY", "asset", "page", "reading", "refused_page", "told", "words_for", "writing"]

MOST_BYTES = 100_000
"""Of a request: an answer is short, a whole questionnaire less so."""
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
}
STATUS = ((NotAllowedError, 403), (NotFoundError, 404), (InvalidInputError, 422), (ConflictError, 409))

Result = TypeVar("Result")

_writing, _reading = CapacityLimiter(1), CapacityLimiter(6)


def asset(name: str) -> str:
    """A part of the raters' page."""
    return files("workbench.rating.page").joinpath(name).read_text("utf-8")


def _engines_for(token: str | None, settings: Settings) -> Engines:
    """The store of a token: its own where it is a pilot's."""
    return (pilot.engines_of(token) if token else None) or shared_store(settings).engines


async def reading(read: Callable[[Session, Settings], Result], token: str | None = None) -> Result:
    """What is read of the store, in a thread."""

    def work() -> Result:
        settings = read_settings()
        with transaction(_engines_for(token, settings).reader) as session:
            return read(session, settings)

    return await to_thread.run_sync(work, limiter=_reading)


async def words_for(token: str) -> Words:
    """The words of the page that a token opens, of a rater's own or of a link for many; English where it opens none."""

    def look(session: Session, _settings: Settings) -> Words:
        for find in (raters.place_of, recruitment.link_at):
            with suppress(NotAllowedError):
                rules = rules_of(find(session, token)[1])
                return words_in(rules.language, rules.words)
        return ENGLISH

    return await reading(look, token)


async def refused_page(token: str, error: WorkbenchError) -> Response:
    """A page that says no in a sentence of the study's language."""
    words = await words_for(token)
    return refusal(told_in(words, error), words=words)


async def page(token: str) -> Response:
    """The raters' page, its words with it."""
    words = await words_for(token)
    told = json.dumps(dict(words.sentences), ensure_ascii=False).replace("<", "\\u003c")  # inside a script element nothing else is special
    html = _template().render(language=words.language, direction=words.direction, words=words.sentences, told=Markup(told))
    return HTMLResponse(html, headers=SECURITY)


@lru_cache(maxsize=1)
def _template() -> jinja2.Template:
    return jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(asset("page.html"))


async def writing(write: Callable[[Session, Settings], Result], token: str | None = None) -> Result:
    """What is changed in one transaction, in a thread, one at a time."""

    def work() -> Result:
        settings = read_settings()
        with transaction(_engines_for(token, settings).writer) as session:
            return write(session, settings)

    return await to_thread.run_sync(work, limiter=_writing)


def told(act: Callable[[Session, Settings, Request, dict[str, Any]], Told]) -> Callable:
    """An endpoint: an action in one transaction, and what comes of it as JSON; a broken rule is a refusal in a sentence."""

    async def endpoint(request: Request) -> Response:
        token = request.path_params["token"]
        try:
            body = await _body(request)
            answer = await writing(lambda session, settings: act(session, settings, request, body), token)
        except WorkbenchError as error:
            status = next((status for kind, status in STATUS if isinstance(error, kind)), 400)
            return JSONResponse({"refused": told_in(await words_for(token), error)}, status, SECURITY)
        return JSONResponse(answer, headers=SECURITY)

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
        body = json.loads(content or b"{}")
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise InvalidInputError("An answer is sent as a JSON object.")
    return body
