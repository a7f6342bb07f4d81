"""The life of a server's process: it ends with the one that started it, also where that one had no time to say so."""

import os
import signal
import time
from threading import Thread

LOOK_SECONDS = 0.5
GRACE_SECONDS = 10
"""For answers that are under way when a server is asked to stop."""


def end_with_parent() -> None:
    """Ask this process to stop once its parent is gone."""
    Thread(target=_watch, args=(os.getppid(),), name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
