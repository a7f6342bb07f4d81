"""How long the web process takes from its start to its first page, beside the least that Streamlit itself takes.

    python tests/benchmarks/bench_start.py [--runs 5]

Prints the medians in seconds and their ratio, measured in turns in one run.
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
from pathlib import Path

BARE = "import streamlit as st\nst.title('bare')\n"


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def seconds_to_first_page(command: list[str], port: int, home: Path) -> float:
    """Seconds from starting a server to the first answered page."""
    environment = {**os.environ, "WORKBENCH_HOME": str(home), "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false"}
    started = time.monotonic()
    with subprocess.Popen(command, env=environment, cwd=home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            while True:
                try:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=5) as page:
                        page.read()
                    return time.monotonic() - started
                except OSError:
                    if server.poll() is not None:
                        raise SystemExit(f"the server ended: {' '.join(command)}") from None
                    time.sleep(0.02)
        finally:
            server.terminate()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    ours, bare = [], []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "bare.py").write_text(BARE)
        for _ in range(runs):
            port = free_port()
            ours.append(seconds_to_first_page([sys.executable, "-m", "pipelines", "serve", "--port", str(port)], port, home))
            port = free_port()
            options = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
            bare.append(seconds_to_first_page([sys.executable, "-m", "streamlit", "run", "bare.py", *options], port, home))
    first, least = statistics.median(ours), statistics.median(bare)
    sys.stdout.write(f"first page {first:.2f} s, a bare Streamlit page {least:.2f} s, ratio {first / least:.2f} (medians of {runs})\n")


if __name__ == "__main__":
    main()
