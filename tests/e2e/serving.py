"""The app as a visitor meets it: a server of its own over a store, and a Chromium that notes every request."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",  # a container's /dev/shm may hold too little for one page
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
START_SECONDS, STOP_SECONDS = 240, 60
MOST = 60000
"""Milliseconds that anything may take on a busy machine."""
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(home: Path, port: int = 0, **more: str) -> Iterator[str]:
    """The address of the app over a store, up for the time of the block, with `more` in its environment."""
    port = port or free_port()
    environment = os.environ | {"WORKBENCH_HOME": str(home), "WORKBENCH_ACTOR": "ann"} | more
    arguments = [sys.executable, "-m", "pipelines", "serve", "--port", str(port)]
    with (home.parent / "app.log").open("wb") as log:
        server = subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for_app(server, f"http://127.0.0.1:{port}/_stcore/health")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(STOP_SECONDS)


def wait_for_app(server: subprocess.Popen, address: str) -> None:
    """Wait until the app answers at an address; raises RuntimeError where it ended or does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the app did not answer at {address}; its status is {server.poll()}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


def foreign(requests: list[str]) -> list[str]:
    """Those requests that would leave the machine."""
    return [url for url in requests if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "blob:", "data:"))]


def open_page(page: Page, address: str) -> Page:
    """Go to an address and wait until the app has drawn it."""
    page.goto(address)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=30000)
    return page


def wait_for_a_new_mask(page: Page) -> None:
    """Wait until what is drawn on the Ground page becomes a new mask: what is begun before is given up when the page turns to it."""
    view = page.locator(".masks").element_handle()
    page.wait_for_function("root => root.view.data.bound.region === 0", arg=view)
