"""`workbench up` and `serve`: the app on this machine, alone or with its workers."""

import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import exists, select

from db.models import Image, Run
from pipelines.commands.console import Home, say, store_at
from pipelines.worker import child_processes
from pipelines.worker.child_processes import KeptAlive
from workbench import runs
from workbench.errors import InvalidInputError, MissingPartError
from workbench.open_store import Store

Port = Annotated[int, typer.Option(min=1, max=65535, help="Port of the app on this machine.")]
ADDRESS = "127.0.0.1"
START_SECONDS = 60.0


def up(
    port: Port = 8501,
    workers: Annotated[int, typer.Option(min=0, max=64, help="How many workers.")] = 1,
    demo: Annotated[bool, typer.Option("--demo/--no-demo", help="Whether an empty store is filled with the demo.")] = True,
    home: Home = None,
) -> None:
    """The app and its worker(s) in one go; fills an empty store with the demo."""
    with store_at(home) as store:
        _refuse_taken(port)
        if demo and fill_with_demo(store):
            say("The store is empty: the demo is being made while the app is up.")
        _stay_up(store, port, workers)


def serve(port: Port = 8501, home: Home = None) -> None:
    """Only the app."""
    with store_at(home) as store:
        _refuse_taken(port)
        _stay_up(store, port, 0)


def fill_with_demo(store: Store) -> bool:
    """Ask for the demo where the store has no image and nobody asked for it before; return whether it was asked for."""
    with store.writing() as session:
        if session.scalar(select(exists().where(Image.id.is_not(None)))) or session.scalar(select(exists().where(Run.job == "make_demo"))):
            return False
        runs.create(session, "make_demo", {}, requested_by=store.settings.actor)
        return True


def _refuse_taken(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            raise InvalidInputError(f"Port {port} is in use; choose another one with --port.") from None


def _app_arguments(port: int) -> tuple[list[str], Path]:
    spec = find_spec("streamlit_app")
    if spec is None or spec.origin is None:
        raise MissingPartError("The app's entry point streamlit_app.py is not installed; install the project again.")
    script = Path(spec.origin).resolve()
    options = {
        "server.port": port, "server.address": ADDRESS, "server.headless": "true", "browser.gatherUsageStats": "false",
        "server.fileWatcherType": "none",
    }  # fmt: skip
    return [sys.executable, "-m", "streamlit", "run", str(script), *(f"--{k}={v}" for k, v in options.items())], script.parent


def _stay_up(store: Store, port: int, workers: int) -> None:
    """Keep the app and the workers alive until SIGINT or SIGTERM; an app that does not come up at all ends this."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    home = store.settings.home
    arguments, folder = _app_arguments(port)
    app = KeptAlive("The app", lambda: child_processes.start(arguments, cwd=folder, home=home, log=home / "app.log"))
    kept = [app, *(KeptAlive("A worker", lambda: start_worker(store)) for _ in range(workers))]
    try:
        _announce(app.child, port, home, stopped)
        if app.child.poll() is not None and not stopped.is_set():
            say(f"The app ended with status {app.child.returncode}; its messages are in {home / 'app.log'}.")
            raise typer.Exit(1)
        while not stopped.wait(0.5):
            for one in kept:
                if said := one.look():
                    say(said)
    finally:
        child_processes.stop([one.child for one in kept])


def start_worker(store: Store) -> subprocess.Popen:
    """A worker that writes its messages into the store's home."""
    return child_processes.start_worker(store.settings, log=store.settings.home / "worker.log")


def _announce(app: subprocess.Popen, port: int, home: Path, stopped: threading.Event) -> None:
    """Print the address as soon as the app answers."""
    address, deadline = f"http://{ADDRESS}:{port}", time.monotonic() + START_SECONDS
    while not stopped.is_set() and app.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                typer.echo(f"The workbench is up: {address}  (store: {home}; stop with Ctrl-C)")
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                say(f"The app has not answered for {START_SECONDS:.0f} s; its messages are in {home / 'app.log'}.")
                raise typer.Exit(1) from None
            stopped.wait(0.1)
