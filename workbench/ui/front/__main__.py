"""The front as a process of its own.

    python -m workbench.ui.front --port PORT --socket FILE      FILE is where the curators' process answers

`workbench serve` starts it, and starts it again where it ends.
"""

import argparse
import socket
import sys
from pathlib import Path

import uvicorn

from workbench import access, logs
from workbench.ui.app.lifetime import GRACE_SECONDS, end_with_parent
from workbench.ui.front.app import application

ADDRESS = "127.0.0.1"
BACKLOG = 2048
KEPT_SECONDS = 75
"""An idle connection of a browser: longer than a rater looks at a trial, so that an answer seldom meets one that is just closed."""
LARGEST_MESSAGE = 2**31 - 1
"""Bytes of a WebSocket's message: the pages' own server says what is too large."""


def main() -> None:
    """Serve until a signal; status 1 where the port is taken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--socket", type=Path, required=True)
    options = parser.parse_args()
    logs.configure()
    access.people_sign_in()  # a value that means nothing ends the start here
    end_with_parent()
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((ADDRESS, options.port))
        except OSError:
            sys.exit(f"Port {options.port} is in use; choose another one with --port.")
        served = uvicorn.Config(
            application(options.socket),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=KEPT_SECONDS,
            backlog=BACKLOG,
            timeout_graceful_shutdown=GRACE_SECONDS,
            ws="websockets-sansio",
            ws_max_size=LARGEST_MESSAGE,
            ws_per_message_deflate=False,
        )
        uvicorn.Server(served).run(sockets=[listener])


if __name__ == "__main__":
    main()
