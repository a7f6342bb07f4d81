"""`workbench up` and `serve`: the app on this machine, alone or with its workers.

The app is two processes. The front is at the public address, answers raters itself, and hands everything else on to the curators' pages
(Streamlit) at a socket's file: whatever a page takes to be drawn, nobody who rates waits for it.
"""

import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import exists, select

from db.models import Image, Run
from pipelines.commands.console import Home, refuse_taken, say, store_at
from pipelines.worker import child_processes
from pipelines.worker.child_processes import KeptAlive
from workbench import access, runs
from workbench.errors import MissingPartError
from workbench.open_store import Store

Port = Annotated[int, typer.Option(min=1, max=65535, help="Port of the app on this machine.")]
ADDRESS = "127.0.0.1"
START_SECONDS = 60.0
PROCESSES = {"The front": "workbench.ui.front", "The curators' pages": "workbench.ui.app"}
"""What the app consists of, as it is called and as it is started (`python -m …`)."""


def up(
    port: Port = 8501,
    workers: Annotated[int, typer.Option(min=0, max=64, help="How many workers.")] = 1,
    demo: Annotated[bool, typer.Option("--demo/--no-demo", help="Whether an empty store is filled with the demo.")] = True,
    home: Home = None,
) -> None:
    """The app and its worker(s) in one go; fills an empty store with the demo."""
    with store_at(home) as store:
        refuse_taken(ADDRESS, port)
        if demo and fill_with_demo(store):
            say("The store is empty: the demo is being made while the app is up.")
        _stay_up(store, port, workers)


def serve(port: Port = 8501, home: Home = None) -> None:
    """Only the app: the front, which answers raters, and the curators' pages behind it, at one address."""
    with store_at(home) as store:
        refuse_taken(ADDRESS, port)
        _stay_up(store, port, 0)


def fill_with_demo(store: Store) -> bool:
    """Ask for the demo where the store has no image and nobody asked for it before; return whether it was asked for."""
    with store.writing() as session:
        if session.scalar(select(exists().where(Image.id.is_not(None)))) or session.scalar(select(exists().where(Run.job == "make_demo"))):
            return False
        runs.create(session, "make_demo", {}, requested_by=store.settings.actor)
        return True


def _folder_of_the_app() -> Path:
    spec = find_spec("streamlit_app")
    if spec is None or spec.origin is None:
        raise MissingPartError("The app's entry point streamlit_app.py is not installed; install the project again.")
    return Path(spec.origin).resolve().parent


def _stay_up(store: Store, port: int, workers: int) -> None:
    """Keep the app and the workers alive until SIGINT or SIGTERM; an app that does not come up at all ends this."""
    access.people_sign_in()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with tempfile.TemporaryDirectory(prefix="workbench-") as private:  # its owner's alone, and so is what listens in it
        app = [KeptAlive(name, partial(_start, room, store, port, Path(private) / "pages")) for name, room in PROCESSES.items()]
        kept = [*app, *(KeptAlive("A worker", lambda: start_worker(store)) for _ in range(workers))]
        try:
            _announce(app, port, store.settings.home, stopped)
            while not stopped.wait(0.5):
                for one in kept:
                    if said := one.look():
                        say(said)
        finally:
            child_processes.stop([one.child for one in kept])


def _start(room: str, store: Store, port: int, socket: Path) -> subprocess.Popen:
    """One of the app's processes."""
    arguments = [sys.executable, "-m", room, "--port", str(port), "--socket", str(socket)]
    home = store.settings.home
    return child_processes.start(arguments, cwd=_folder_of_the_app(), home=home, log=home / "app.log")


def start_worker(store: Store) -> subprocess.Popen:
    """A worker that writes its messages into the store's home."""
    return child_processes.start_worker(store.settings, log=store.settings.home / "worker.log")


def _announce(app: list[KeptAlive], port: int, home: Path, stopped: threading.Event) -> None:
    """Print the address as soon as the pages answer at it; raises typer.Exit where they do not."""
    address, deadline = f"http://{ADDRESS}:{port}", time.monotonic() + START_SECONDS
    while not stopped.is_set():
        for one in app:
            if one.child.poll() is not None:
                say(f"{one.name} ended with status {one.child.returncode}; its messages are in {home / 'app.log'}.")
                raise typer.Exit(1)
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):
                typer.echo(f"The workbench is up: {address}  (store: {home}; stop with Ctrl-C)")
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                say(f"The app has not answered for {START_SECONDS:.0f} s; its messages are in {home / 'app.log'}.")
                raise typer.Exit(1) from None
            stopped.wait(0.1)
