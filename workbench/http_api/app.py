"""The service: tables page by page, single rows, pictures, results of studies, and a description of all that.

    GET /v1/captions?query=level:complete&limit=100      rows, and where the next page is
    GET /v1/images/12/file                               a picture

Rows come as JSON, or as an Arrow stream where `Accept` says so. Nothing can be changed here.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from workbench import colorizations, images, studies
from workbench.api import TABLES, page, row_of
from workbench.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError, WorkbenchError
from workbench.http_api.answers import HEADERS, rows_answer
from workbench.http_api.openapi import MOST_ROWS, ROWS, description
from workbench.http_api.token_gate import TokenGate
from workbench.imaging import gray_of, png_of
from workbench.open_store import Store
from workbench.rating.results import study_results

STATUS = ((NotAllowedError, 403), (NotFoundError, 404), (InvalidInputError, 422), (ConflictError, 409))
AT_ONCE = 6
"""Requests that read at the same time; others wait."""
OPEN = frozenset({"/v1/openapi.json", "/healthz"})
LAST_ID = (1 << 63) - 1

Result = TypeVar("Result")
Endpoint = Callable[[Session, Request], Response]


def create_app(store: Store) -> Starlette:
    """The service of a store, as an ASGI application."""
    limiter = CapacityLimiter(AT_ONCE)

    def answering(endpoint: Endpoint) -> Callable:
        def work(request: Request) -> Response:
            with store.reading() as session:
                return endpoint(session, request)

        async def answer(request: Request) -> Response:
            return await to_thread.run_sync(work, request, limiter=limiter)

        return answer

    def file_of(request: Request, key: str) -> Response:
        return Response(store.media.read(key), media_type=_media_type(key), headers=HEADERS | {"ETag": f'"{key}"'})

    def image_file(session: Session, request: Request) -> Response:
        return file_of(request, images.get(session, _number(request)).upright_key)

    def image_gray(session: Session, request: Request) -> Response:
        pixels = images.upright_rgb(store.media, images.get(session, _number(request)))
        return Response(png_of(gray_of(pixels)), media_type="image/png", headers=HEADERS)

    def colorization_file(session: Session, request: Request) -> Response:
        return file_of(request, colorizations.get(session, _number(request)).media_key)

    routes = [
        Route("/healthz", lambda _request: JSONResponse({"status": "up"})),
        Route("/v1/openapi.json", lambda _request: JSONResponse(description(), headers=HEADERS)),
        Route("/v1/", lambda _request: JSONResponse({"tables": {name: f"/v1/{name}" for name in TABLES}}, headers=HEADERS)),
        Route("/v1/images/{id}/file", answering(image_file)),
        Route("/v1/images/{id}/gray", answering(image_gray)),
        Route("/v1/colorizations/{id}/file", answering(colorization_file)),
        Route("/v1/studies/{name}/results", answering(_results)),
        Route("/v1/{table}", answering(_table)),
        Route("/v1/{table}/{id}", answering(_row)),
    ]
    handlers: Any = {WorkbenchError: _refused, HTTPException: _unknown, Exception: _broken}
    return Starlette(routes=routes, middleware=[Middleware(TokenGate, store=store, open_paths=OPEN)], exception_handlers=handlers)


def _table(session: Session, request: Request) -> Response:
    table = request.path_params["table"]
    asked = dict(request.query_params)
    query = asked.pop("study" if table == "ratings" else "query", "")
    after, limit = asked.pop("after", None), asked.pop("limit", str(ROWS))
    if asked:
        raise InvalidInputError(f'There is no parameter "{min(asked)}" here; there are {_parameters(table)}.')
    start = None if after is None else _counting(after, "after", 0, LAST_ID)
    return rows_answer(request, table, page(session, table, query, start, _counting(limit, "limit", 1, MOST_ROWS)))


def _parameters(table: str) -> str:
    return "study, after and limit" if table == "ratings" else "query, after and limit"


def _row(session: Session, request: Request) -> Response:
    table = request.path_params["table"]
    return rows_answer(request, table, row_of(session, table, _number(request)))


def _results(session: Session, request: Request) -> Response:
    study = studies.by_name(session, request.path_params["name"])
    return JSONResponse(study_results(session, study.id).as_json(), headers=HEADERS)


def _number(request: Request) -> int:
    return _counting(request.path_params["id"], "id", 1, LAST_ID)


def _counting(text: str, name: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        bound = f"from {least} to {most:,}" if most < LAST_ID else f"of {least} or more"
        raise InvalidInputError(f'"{name}" must be a whole number {bound}; it is {text!r}.')
    return int(text)


def _media_type(key: str) -> str:
    suffix = key.rpartition(".")[2]
    return f"image/{'jpeg' if suffix == 'jpg' else suffix}"


def _refused(_request: Request, error: Exception) -> Response:
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 400)
    return JSONResponse({"error": str(error)}, status, HEADERS)


def _unknown(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    says = {
        404: f"There is nothing at {request.url.path}; /v1/ lists the tables.",
        405: "This service is read-only: use GET.",
        406: error.detail if isinstance(error, HTTPException) else "",
    }
    return JSONResponse({"error": says.get(status, "The request cannot be answered.")}, status, HEADERS)


def _broken(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"error": "Something unexpected went wrong; the log of the service has the details."}, 500, HEADERS)
