"""The pages' HTML tells the browser where the server is, and which parts of Streamlit it will need in a moment.

Without the first each direct load of a page tries addresses that do not exist; without the second the parts that draw fields, buttons and
our components are asked for only once the server has sent the first of each, one after the other.
"""

import re
from functools import cache
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.file_util import get_static_dir

HEAD, END = b"<head>", b"</head>"
ADDRESS = b"<script>window.__streamlit = { BACKEND_BASE_URL: window.location.origin };</script>"
"""Streamlit's page looks for its server beneath its own address first (`/caption/_stcore/health`), unless it is told where that is."""
ELEMENTS = ("Html", "PageLink", "BidiComponent", "TextInput", "Button", "ButtonGroup", "Selectbox")
"""What most of our pages draw, as Streamlit names the files that draw it."""
IMPORTED = re.compile(r"""(?:from|import)"\./([^"/]+\.js)\"""")


@cache
def parts() -> bytes:
    """Links that have the browser load the files of ELEMENTS, and what these import, while the page is still finding its server."""
    folder = Path(get_static_dir(), "static", "js")
    names, rest = dict[str, None](), [path.name for element in ELEMENTS for path in sorted(folder.glob(f"{element}.*.js"))]
    while rest:
        name = rest.pop(0)
        if name not in names and (folder / name).is_file():
            names[name] = None
            rest += IMPORTED.findall((folder / name).read_text("utf-8"))
    page = Path(get_static_dir(), "index.html").read_text("utf-8")
    return "".join(f'<link rel="modulepreload" crossorigin href="./static/js/{name}">' for name in names if name not in page).encode()


class PageHead:
    """Middleware that puts the server's address into Streamlit's page, and the links to what it will need."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", ""):
            readable = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            await self.app({**scope, "headers": readable}, receive, _Rewriting(send).send)
        else:
            await self.app(scope, receive, send)


class _Rewriting:
    """What is sent, held back where it is a page of HTML until all of it is there."""

    def __init__(self, send: Send):
        self.onward, self.start, self.body = send, None, b""

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _is_plain_html(message):
            self.start = message
        elif self.start is None:
            await self.onward(message)
        elif message["type"] == "http.response.body":
            self.body += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_whole(self.start)

    async def _send_whole(self, start: Message) -> None:
        body = self.body.replace(HEAD, HEAD + ADDRESS, 1).replace(END, parts() + END, 1)
        MutableHeaders(raw=start["headers"])["content-length"] = str(len(body))
        await self.onward(start)
        await self.onward({"type": "http.response.body", "body": body})


def _is_plain_html(start: Message) -> bool:
    headers = MutableHeaders(raw=start["headers"])
    return start["status"] == 200 and headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers
