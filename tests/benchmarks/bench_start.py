"""How long the web process takes from its start to its first page, beside the least that Streamlit itself takes.

    python -m tests.benchmarks.bench_start [--runs 5]

Answered is when the server sends its first bytes; drawn is when Chromium, open already, shows what the page says: the script has run
and the browser has rendered it. Processor seconds are those of the server until then, which other work on the machine changes little.
Prints medians, measured in turns in one run.
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import astuple, dataclass
from pathlib import Path

import psutil
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DRAWN = '[data-testid="stApp"][data-test-script-state="notRunning"] h1'
BARE = "import streamlit as st\nst.title('bare')\n"


@dataclass(frozen=True)
class Start:
    """Seconds from starting a server to its first answer and to the page drawn, and the processor seconds of the server."""

    answered: float
    drawn: float
    processor: float


def measure(command: list[str], port: int, home: Path, browser: Browser) -> Start:
    """Start a server, look at its first page, and stop it."""
    told = {"WORKBENCH_HOME": str(home), "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false", "PYTHONPATH": str(ROOT)}
    started = time.monotonic()
    with subprocess.Popen(command, env=os.environ | told, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _answer(server, port, command)
            answered = time.monotonic() - started
            page = browser.new_page()
            page.goto(f"http://127.0.0.1:{port}")
            page.wait_for_selector(DRAWN)
            drawn = time.monotonic() - started
            page.close()
            return Start(answered, drawn, _processor_seconds(server.pid))
        finally:
            server.terminate()


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _answer(server: subprocess.Popen, port: int, command: list[str]) -> None:
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=5) as page:
                page.read()
                return
        except OSError:
            if server.poll() is not None:
                raise SystemExit(f"the server ended: {' '.join(command)}") from None
            time.sleep(0.02)


def _processor_seconds(pid: int) -> float:
    root = psutil.Process(pid)
    return sum(sum(process.cpu_times()[:2]) for process in (root, *root.children(recursive=True)))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    measured: dict[str, list[Start]] = {"workbench": [], "bare Streamlit": []}
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser, home = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS), Path(folder)
        (home / "bare.py").write_text(BARE)
        options = ["--server.address", "127.0.0.1", "--server.headless", "true"]
        commands = {
            "workbench": ["-m", "pipelines", "serve", "--port"],
            "bare Streamlit": ["-m", "streamlit", "run", "bare.py", *options, "--server.port"],
        }
        for _ in range(runs):
            for name, command in commands.items():
                port = free_port()
                measured[name].append(measure([sys.executable, *command, str(port)], port, home, browser))
    for name, starts in measured.items():
        answered, drawn, processor = (statistics.median(values) for values in zip(*map(astuple, starts), strict=True))
        sys.stdout.write(f"{name}: answered {answered:.2f} s, drawn {drawn:.2f} s, {processor:.2f} processor seconds (medians of {runs})\n")


if __name__ == "__main__":
    main()
