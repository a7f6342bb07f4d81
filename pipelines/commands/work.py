"""`workbench work`: one worker process."""

import os
import threading
import time
from typing import Annotated

import typer

from pipelines.commands.console import Home, say, store_at
from pipelines.worker.process import Rhythm, Worker, capabilities, queues_to_serve, serve_until_signalled
from workbench import logs, runs
from workbench.errors import MissingPartError
from workbench.regions import interactive_segmentation


def work(
    queues: Annotated[str, typer.Option(help=f"Queues to serve, separated by commas: {', '.join(runs.QUEUES)}; all by default.")] = "",
    name: Annotated[str | None, typer.Option(help="Name of this worker; by default the host's name and a number.")] = None,
    stale_after: Annotated[
        float, typer.Option(min=1.0, help="Seconds without a sign of life after which a worker counts as dead.")
    ] = runs.STALE_SECONDS,
    with_parent: Annotated[bool, typer.Option("--with-parent", help="Stop when the process that started this one ends.")] = False,
    home: Home = None,
) -> None:
    """Only a worker; stops cleanly on SIGTERM or Ctrl-C and hands its runs over."""
    logs.configure()
    with store_at(home) as store:
        names = [part.strip() for part in queues.split(",") if part.strip()] or list(runs.QUEUES)
        chosen = queues_to_serve(names, store.settings.home)
        missing = capabilities()["missing"]
        if missing:
            say(f"No model here ({', '.join(missing)} not installed): this worker imports, describes and exports, but does not colorize.")
        if not chosen:
            raise MissingPartError(
                "None of these queues can be served here; install the model extra (pip install 'lcad-workbench[model]'), "
                "and for clicks put segment-anything's weights where `workbench doctor` says."
            )
        later = [queue for queue in names if queue == interactive_segmentation.QUEUE and queue not in chosen and not missing]
        worker = Worker(store, chosen, later=later, name=name, rhythm=_rhythm(stale_after))
        say(f"Worker {worker.executor} serves {', '.join(chosen)} of {store.settings.home}.")
        if with_parent:
            threading.Thread(target=_stop_with_parent, args=(worker, os.getppid()), daemon=True).start()
        serve_until_signalled(worker)


def _rhythm(stale_seconds: float) -> Rhythm:
    """A rhythm with at least five signs of life before a worker counts as dead."""
    often = min(5.0, stale_seconds / 6)
    return Rhythm(heartbeat=often, reap=often, stale=stale_seconds)


def _stop_with_parent(worker: Worker, parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    worker.stop()
