"""The curators' process: Streamlit and its pages at a socket's file, behind the front.

    python -m workbench.ui.app --socket FILE --port PORT      PORT is the front's, which browsers see

`workbench serve` starts it; the folder of FILE is its owner's alone.
"""

import argparse
import importlib

import uvicorn
from streamlit import config
from streamlit.runtime.runtime_util import get_max_message_size_bytes

from workbench.ui.app.as_seen import AsSeen
from workbench.ui.app.lifetime import GRACE_SECONDS, end_with_parent

KEPT_SECONDS = 75
"""An idle connection of the front's; longer than the front keeps it, so that it is never closed under a request."""


def main() -> None:
    """Serve until a signal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--socket", required=True)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    end_with_parent()
    config.set_option("server.port", options.port, "the workbench")
    entry = importlib.import_module("streamlit_app")
    served = uvicorn.Config(
        AsSeen(entry.app),
        uds=options.socket,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=KEPT_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ws="websockets-sansio",
        ws_max_size=get_max_message_size_bytes(),
        ws_per_message_deflate=False,
    )
    uvicorn.Server(served).run()


if __name__ == "__main__":
    main()
