"""What all commands share: their common options, the open store, and how they speak."""

import json
import os
import socket
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import rich.console
import rich.progress
import rich.table
import rich.text
import typer

from db.enums import RunStatus
from db.models import Run
from pipelines.worker.child_processes import KeptAlive, start_worker, stop
from workbench import access, runs
from workbench.errors import InvalidInputError, NotFoundError
from workbench.open_store import Store, open_store
from workbench.settings import read_settings
from workbench.yaml_fields import Document, read_text

Home = Annotated[Path | None, typer.Option("--home", help="Folder of the store; else $WORKBENCH_HOME, else ./workbench-data.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON value on standard output.")]
Wait = Annotated[bool, typer.Option("--wait", help="Wait for the end; a worker is started for the time where none is running.")]
Query = Annotated[str, typer.Option("--query", "-q", help='Which images or captions, e.g. "level:complete color:red".')]
Steps = Annotated[int | None, typer.Option("--steps", min=1, help="Sampling steps; by default the checkpoint's.")]
Guidance = Annotated[float | None, typer.Option("--guidance", min=0.0, help="Strength of the caption; by default the checkpoint's.")]
CaptionsAlone = Annotated[
    bool, typer.Option("--captions-alone", help="Steered by captions alone: no mask is given, the release's only judge.")
]
Instances = Annotated[bool, typer.Option("--instances/--no-instances", help="Steer by masks, or by where the model looks for phrases.")]

Fast = Annotated[bool, typer.Option("--fast", help="Fewer steps and less guidance: about twice as fast, hardly worse.")]
Best = Annotated[bool, typer.Option("--best", help="More steps, guided at each: slower.")]

POLL_SECONDS = 0.3
LOOK_SECONDS = 2.0
"""How often somebody who waits looks whether any worker is alive."""
PIPED_WIDTH = 200

messages = rich.console.Console(stderr=True, highlight=False, soft_wrap=True)


def say(text: str) -> None:
    """A message for the person, on standard error."""
    messages.print(text, markup=False)


def preset_of(fast: bool, best: bool) -> Literal["fast", "best"] | None:
    """The preset that two options ask for. Raises BadParameter where both do."""
    if fast and best:
        raise typer.BadParameter("choose one of the two", param_hint="--fast/--best")
    return "fast" if fast else "best" if best else None


@contextmanager
def store_at(home: Path | None) -> Iterator[Store]:
    """The open store of a home."""
    store = open_store(read_settings(home))
    try:
        yield store
    finally:
        store.close()


def emit(value: Any) -> None:
    """One JSON value on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")


def tell(facts: Any, sentence: str, as_json: bool) -> None:
    """Facts as JSON where that is asked for, else a sentence; both on standard output."""
    if as_json:
        emit(facts)
    else:
        typer.echo(sentence)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"expected a JSON value, got {type(value).__name__}")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A plain table on standard output."""
    drawn = rich.table.Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        drawn.add_row(*(cell if isinstance(cell, rich.text.Text) else _cell(cell) for cell in row))
    width = None if sys.stdout.isatty() else PIPED_WIDTH
    rich.console.Console(highlight=False, width=width).print(drawn)


def _cell(value: Any) -> rich.text.Text:
    return rich.text.Text("" if value is None else str(value))  # a "[s3]" in a cell is no markup


def marked(text: str, spans: Iterable[tuple[int, int]]) -> rich.text.Text:
    """A cell with characters [start, end) in bold on a terminal; plain where the output is piped."""
    cell = rich.text.Text(text)
    for start, end in spans:
        cell.stylize("bold underline", start, end)
    return cell


def text_of(path: Path) -> str:
    """What a text file holds. Raises NotFoundError where there is none, InvalidInputError where it cannot be read, or as no UTF-8."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFoundError(f"There is no file {path}; check the path.") from None
    except OSError as error:
        raise InvalidInputError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise InvalidInputError(f"{path} is not UTF-8 text; save it as UTF-8.") from None


def read_yaml(path: Path) -> Document:
    """The mapping in a YAML file; raises as `text_of`, and InvalidInputError where the file holds none."""
    return read_text(text_of(path), str(path))


def refuse_taken(address: str, port: int) -> None:
    """Raise InvalidInputError where something else answers at a port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            raise InvalidInputError(f"Port {port} is in use; choose another one with --port.") from None


def warn_without_password() -> None:
    """Say, before people are let in from outside, what the app does where curators have no password."""
    if not os.environ.get("WORKBENCH_PASSWORD") and not access.people_sign_in():
        say(
            "WARNING: no WORKBENCH_PASSWORD is set here. Started without one, the app opens raters' links to whoever has them, and the "
            "curators' pages on its own machine alone; set one before you let it be reached over a network."
        )


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """What is told (done, total) moves a bar on a terminal, and nothing where there is none."""
    with rich.progress.Progress(console=messages, transient=True, disable=not messages.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def run_facts(run: Run) -> dict[str, Any]:
    """A run as a JSON object."""
    names = ("id", "job", "parameters", "status", "requested_by", "executor", "total", "done", "failed", "skipped", "message", "summary")
    return {**{name: getattr(run, name) for name in (*names, "created_at", "started_at", "finished_at")}}


def ask(store: Store, job: str, parameters: dict[str, Any], *, wait: bool, as_json: bool) -> None:
    """Ask for a run as the store's actor, say where it stands, and with `wait` stay until it has ended.

    Leaves with status 1 where the run did not end well.
    """
    with store.writing() as session:
        run = runs.create(session, job, parameters, requested_by=store.settings.actor)
    if wait:
        with worker_at_hand(store) as look:
            run = follow(store, run.id, look)
    elif not someone_works(store):
        say(f"Run {run.id} waits: no worker is running. Start one with `workbench work` or `workbench up`, or ask with --wait.")
    if as_json:
        emit(run_facts(run))
    else:
        typer.echo(f"Run {run.id}, {run.job}: {run.status.value}. {run.message}")
    if wait:
        leave_unless_done(store, run)


def leave_unless_done(store: Store, run: Run) -> None:
    """Name the failed items on standard error; exit with status 1 where the run was not done."""
    with store.reading() as session:
        for item in runs.items(session, run.id, limit=20):
            say(f"{item.item}: {item.reason}")
    if run.status != RunStatus.DONE:
        raise typer.Exit(1)


def someone_works(store: Store) -> bool:
    """Whether a live worker is there."""
    with store.reading() as session:
        return bool(runs.workers(session))


@contextmanager
def worker_at_hand(store: Store) -> Iterator[Callable[[], None]]:
    """What is called now and then while somebody waits: a worker is started where none is at work, and again where it died."""
    own: list[KeptAlive] = []
    next_look = 0.0

    def look() -> None:
        nonlocal next_look
        if own:
            if said := own[0].look():
                say(f"{said} Its messages are in {store.settings.home / 'worker.log'}.")
        elif time.monotonic() >= next_look:
            next_look = time.monotonic() + LOOK_SECONDS
            if not someone_works(store):
                log = store.settings.home / "worker.log"
                own.append(KeptAlive("The worker", lambda: start_worker(store.settings, log=log)))

    look()
    try:
        yield look
    finally:
        stop([kept.child for kept in own])


def follow(store: Store, run_id: int, look: Callable[[], None] = lambda: None) -> Run:
    """Wait until a run has ended, with a progress bar on a terminal; return it as it ended. `look` is called at every turn."""
    columns = (
        rich.progress.TextColumn("{task.description}"), rich.progress.BarColumn(), rich.progress.MofNCompleteColumn(),
        rich.progress.TimeRemainingColumn(), rich.progress.TextColumn("{task.fields[message]}", markup=False),
    )  # fmt: skip
    with rich.progress.Progress(*columns, console=messages, transient=True, disable=not messages.is_terminal) as bar:
        task = bar.add_task(f"run {run_id}", total=None, message="")
        while True:
            with store.reading() as session:
                run = runs.get(session, run_id)
            bar.update(task, total=run.total or None, completed=run.done + run.failed + run.skipped, message=run.message)
            if run.status in runs.ENDED:
                return run
            look()
            time.sleep(POLL_SECONDS)
