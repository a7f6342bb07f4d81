"""A front before a small server of our own at a socket's file: both real, in threads of the test."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp
from starlette.websockets import WebSocket, WebSocketDisconnect

from workbench.ui.app.as_seen import AsSeen
from workbench.ui.front.app import application

SECONDS = 20
FRAME = {"access_log": False, "log_config": None, "ws": "websockets-sansio", "ws_max_size": 2**31 - 1, "timeout_graceful_shutdown": 2}


@contextmanager
def running(app: ASGIApp, **options) -> Iterator[uvicorn.Server]:
    """A server in a thread, up for the time of the block."""
    sockets = options.pop("sockets", None)
    server = uvicorn.Server(uvicorn.Config(app, **FRAME, **options))
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets}, daemon=True)
    thread.start()
    deadline = time.monotonic() + SECONDS
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.005)
    try:
        yield server
    finally:
        server.should_exit = True
        thread.join(SECONDS)


class Pages:
    """What stands for the curators' process: it tells what reached it."""

    def __init__(self) -> None:
        self.closed: list[tuple[int, str]] = []
        self.received: list[int] = []
        app = Starlette(
            routes=[
                Route("/echo/{rest:path}", self.echo, methods=["GET", "POST", "PUT", "DELETE"]),
                Route("/upload", self.upload, methods=["PUT"]),
                Route("/refused", self.refused, methods=["PUT"]),
                Route("/away", lambda _request: RedirectResponse("/elsewhere", 303)),
                Route("/drops", self.drops),
                Route("/_stcore/health", lambda _request: PlainTextResponse("ok")),
                WebSocketRoute("/talk", self.talk),
                WebSocketRoute("/closing", self.closing),
                WebSocketRoute("/shut", self.shut),
            ]
        )
        self.app = AsSeen(app)

    async def echo(self, request: Request) -> JSONResponse:
        told = {
            "method": request.method, "path": request.scope["raw_path"].decode(), "query": request.scope["query_string"].decode(),
            "headers": request.headers.items(), "client": request.client, "server": request.scope["server"], "scheme": request.url.scheme,
            "body": (await request.body()).decode(),
        }  # fmt: skip
        return JSONResponse(told, headers={"X-Own": "yes", "Connection": "keep-alive, X-Hop", "X-Hop": "no"})

    async def upload(self, request: Request) -> JSONResponse:
        size = 0
        async for part in request.stream():
            size += len(part)
            self.received.append(len(part))
        return JSONResponse(size)

    async def refused(self, _request: Request) -> Response:
        return PlainTextResponse("too large", 413)

    async def drops(self, _request: Request) -> StreamingResponse:
        async def parts():
            yield b"a" * 1000
            raise OSError("cut")

        return StreamingResponse(parts(), headers={"Content-Length": "2000"})

    async def talk(self, socket: WebSocket) -> None:
        await socket.accept(subprotocol="streamlit" if "streamlit" in socket.scope["subprotocols"] else None)
        await socket.send_json({"headers": socket.headers.items(), "client": socket.client})
        try:
            while True:
                message = await socket.receive()
                if message["type"] == "websocket.disconnect":
                    self.closed.append((message["code"], message.get("reason") or ""))
                    return
                if message.get("text") is not None:
                    await socket.send_text(message["text"])
                else:
                    await socket.send_bytes(message["bytes"])
        except WebSocketDisconnect:
            return

    async def closing(self, socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("last words")
        await socket.close(4321, "enough")

    async def shut(self, socket: WebSocket) -> None:
        await socket.close(1008)


@pytest.fixture
def pages() -> Pages:
    return Pages()


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """Where the pages answer, in a store's home of the test's own."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    return tmp_path / "pages"


@pytest.fixture
def front(place) -> Iterator[str]:
    """The address of a front; the pages behind it are up or not."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        with running(application(place), sockets=[listener]):
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
def address(front, pages, place) -> Iterator[str]:
    """The address of a front whose pages are up."""
    with running(pages.app, uds=str(place), proxy_headers=False):
        yield front


@pytest.fixture
def browser(address) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, trust_env=False, timeout=SECONDS) as client:
        yield client
