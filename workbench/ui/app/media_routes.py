"""Pictures over HTTP: thumbnails and full images by content hash, cacheable for ever, outside Streamlit's own media memory."""

import re
from typing import Literal

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

from workbench.errors import WorkbenchError
from workbench.images import thumbnail
from workbench.open_store import media_of
from workbench.settings import read_settings

Kind = Literal["color", "gray"]

KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{64}\.[a-z0-9]{1,8}")
SIDES = (256, 1024)
FOREVER = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
TYPES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp", "gif": "image/gif", "bmp": "image/bmp"}


def thumb_url(key: str, kind: Kind = "color", side: int = 256) -> str:
    """Address of a small rendition (WebP, long side at most `side` pixels: 256 or 1024)."""
    return f"/pictures/{kind}/{side}/{key}"


def full_url(key: str) -> str:
    """Address of a file of the media store as it is."""
    return f"/pictures/full/{key}"


def _thumbnail(request: Request) -> Response:
    kind, side, key = request.path_params["kind"], request.path_params["side"], request.path_params["key"]
    if kind not in ("color", "gray") or side not in SIDES or not KEY.fullmatch(key):
        return PlainTextResponse("There is no such picture.", 404)
    settings = read_settings()
    try:
        path = thumbnail(settings, media_of(settings), key, kind, side)
    except (WorkbenchError, FileNotFoundError):
        return PlainTextResponse("There is no such picture.", 404)
    return FileResponse(path, media_type="image/webp", headers=FOREVER)


def _full(request: Request) -> Response:
    key = request.path_params["key"]
    media_type = TYPES.get(key.rpartition(".")[2])
    if media_type is None or not KEY.fullmatch(key):
        return PlainTextResponse("There is no such picture.", 404)
    media = media_of(read_settings())
    path = media.path(key)
    if not (path.is_file() if path else media.exists(key)):
        return PlainTextResponse("There is no such picture.", 404)
    return FileResponse(path, media_type=media_type, headers=FOREVER) if path else Response(media.read(key), 200, FOREVER, media_type)


def routes() -> list[Route]:
    """The routes to mount beside Streamlit's own."""
    return [Route("/pictures/full/{key:path}", _full), Route("/pictures/{kind}/{side:int}/{key:path}", _thumbnail)]
