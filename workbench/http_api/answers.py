"""A page of rows in the form that a request accepts: JSON, or an Arrow stream."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pyarrow as pa
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from workbench.api import Page, arrow_of, json_of

ARROW, JSON = "application/vnd.apache.arrow.stream", "application/json"
HEADERS = {"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"}


def rows_answer(request: Request, table: str, page: Page) -> Response:
    """The page as its request accepts it; `Link` and, in JSON, `next` say where the next one is. Raises HTTPException 406."""
    following = _next(request, page)
    headers = HEADERS | {"Vary": "Accept"} | ({"Link": f'<{following}>; rel="next"'} if following else {})
    if accepted(request.headers.get("accept", JSON)) == JSON:
        return JSONResponse({"rows": json_of(table, page.rows), "next": following}, headers=headers)
    rows = arrow_of(table, page.rows)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    return Response(sink.getvalue().to_pybytes(), media_type=ARROW, headers=headers)


def _next(request: Request, page: Page) -> str | None:
    if page.next is None:
        return None
    asked = {name: value for name, value in request.query_params.items() if name != "after"}
    return f"{request.url.path}?{urlencode({**asked, 'after': page.next})}"


def accepted(header: str) -> str:
    """Which of the two forms an `Accept` header wants most; JSON where it does not care. Raises HTTPException 406 for neither."""
    for _weight, kind in sorted(_weighed(header), key=lambda one: -one[0]):
        if kind in (ARROW, JSON):
            return kind
        if kind in ("*/*", "application/*"):
            return JSON
    raise HTTPException(406, f"Rows come as {JSON} or {ARROW}; say which in Accept.")


def _weighed(header: str) -> Iterator[tuple[float, str]]:
    for part in header.split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        told = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        weight = float(told) if told.replace(".", "", 1).isdigit() else 0.0
        if weight:
            yield weight, kind.lower()
