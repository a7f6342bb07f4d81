"""WebSockets handed on: one to the browser and one to the curators' process, messages and closing both ways."""

import asyncio
from contextlib import suppress

import aiohttp
from aiohttp import ClientWebSocketResponse, WSMsgType
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from yarl import URL

__all__ = ["relay"]

HANDSHAKE = "sec-websocket-"
"""Headers of one connection's beginning; each side has its own."""
ENDED, RESTARTING = 1000, 1012
UNSENDABLE = (None, 1004, 1005, 1006, 1015)
"""Codes that say how a connection ended and are never sent (RFC 6455, 7.4)."""


async def relay(
    session: aiohttp.ClientSession, target: URL, headers: list[tuple[str, str]], scope: Scope, receive: Receive, send: Send
) -> None:
    """Connect a browser with the server behind until one of them closes; a refusal there is a refusal here."""
    browser = WebSocket(scope, receive, send)
    own = [(name, value) for name, value in headers if not name.lower().startswith(HANDSHAKE)]
    try:
        behind = await session.ws_connect(target, protocols=scope["subprotocols"], headers=own, max_msg_size=0, compress=0)
    except aiohttp.WSServerHandshakeError as refusal:
        await _refuse(browser, refusal.status)
        return
    except aiohttp.ClientError:
        await _refuse(browser, 503)
        return
    async with behind:
        await browser.accept(subprotocol=behind.protocol)
        ways = [asyncio.create_task(_to_pages(browser, behind)), asyncio.create_task(_to_browser(behind, browser))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)


async def _refuse(browser: WebSocket, status: int) -> None:
    if "websocket.http.response" in browser.scope.get("extensions", {}):
        await browser.send_denial_response(PlainTextResponse("", status))
    else:
        await browser.close()


async def _to_pages(browser: WebSocket, behind: ClientWebSocketResponse) -> None:
    while True:
        message = await browser.receive()
        if message["type"] == "websocket.disconnect":
            code, reason = message.get("code"), message.get("reason") or ""
            await behind.close(code=ENDED if code in UNSENDABLE else code, message=reason.encode())
            return
        with suppress(ConnectionError):  # it is closing: the other way says how
            if message.get("text") is not None:
                await behind.send_str(message["text"])
            else:
                await behind.send_bytes(message["bytes"])


async def _to_browser(behind: ClientWebSocketResponse, browser: WebSocket) -> None:
    with suppress(WebSocketDisconnect, RuntimeError):  # it went meanwhile
        while True:
            message = await behind.receive()
            if message.type is WSMsgType.TEXT:
                await browser.send_text(message.data)
            elif message.type is WSMsgType.BINARY:
                await browser.send_bytes(message.data)
            else:
                code = behind.close_code
                await browser.close(RESTARTING if code in UNSENDABLE else code, message.extra if message.type is WSMsgType.CLOSE else None)
                return
