"""A small chat completions server in a thread of the test: it answers what it is told to, and remembers what it was asked."""

import base64
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

Answer = str | bytes | int | tuple[int, dict[str, str]]
"""A text that the model says, a body as it is, or a status, with headers or without."""


@dataclass
class ChatServer:
    """`answers` are given one after the other, the last one for ever; None keeps the connection without a word until the end."""

    address: str
    answers: list[Answer | None] = field(default_factory=lambda: ["A red cup on a brown table."])
    questions: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def next_answer(self) -> Answer | None:
        """What comes now."""
        with self.lock:
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def picture(self, number: int = -1) -> bytes:
        """The picture of a question."""
        address = self.questions[number]["messages"][0]["content"][1]["image_url"]["url"]
        return base64.b64decode(address.removeprefix("data:image/jpeg;base64,"))


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    """A server on a free port of this machine."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with told.lock:
                told.questions.append({"path": self.path, **body})
                told.keys.append(self.headers.get("Authorization"))
            self._answer(told.next_answer())

        def _answer(self, answer: Answer | None) -> None:
            if answer is None:
                told.ended.wait(20)
                return
            status, headers, content = 200, {}, b""
            if isinstance(answer, str):
                content = json.dumps({"choices": [{"message": {"role": "assistant", "content": answer}}]}).encode()
            elif isinstance(answer, bytes):
                content = answer
            else:
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            """Keep quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = ChatServer(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
