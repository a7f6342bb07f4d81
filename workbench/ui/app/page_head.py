"""The pages' HTML tells the browser where the server is: without it each direct load of a page tries addresses that do not exist."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEAD = b"<head>"
ADDRESS = b"<script>window.__streamlit = { BACKEND_BASE_URL: window.location.origin };</script>"
"""Streamlit's page looks for its server beneath its own address first (`/caption/_stcore/health`), unless it is told where that is."""


class ServerAddress:
    """Middleware that puts the server's address into Streamlit's page."""

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
        body = self.body.replace(HEAD, HEAD + ADDRESS, 1)
        MutableHeaders(raw=start["headers"])["content-length"] = str(len(body))
        await self.onward(start)
        await self.onward({"type": "http.response.body", "body": body})


def _is_plain_html(start: Message) -> bool:
    headers = MutableHeaders(raw=start["headers"])
    return start["status"] == 200 and headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers
