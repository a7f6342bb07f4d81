"""A worker process: takes runs from the queues, gives signs of life, and takes over from workers that died."""

import fcntl
import logging
import os
import signal
import socket
import sqlite3
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from dbos import DBOS, DBOSClient
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from db import schema
from db.session import watchful
from pipelines.worker import disk_reserve, dispatch, engine, queue_payloads
from workbench import logs, runs, tries
from workbench.errors import InvalidInputError
from workbench.open_store import Store
from workbench.regions import interactive_segmentation
from workbench.settings import sam_weights

log, dbos_logger = logging.getLogger("workbench.jobs"), logging.getLogger("dbos")

CLICK_POLL = 0.1
"""Seconds between two looks for a click or a try, for which a person waits."""
WAITED_FOR = (interactive_segmentation.QUEUE, tries.QUEUE)


@dataclass(frozen=True)
class Rhythm:
    """How often a worker does what, in seconds."""

    poll: float = 0.5
    heartbeat: float = 5.0
    reap: float = 5.0
    stale: float = runs.STALE_SECONDS
    grace: float = 75.0
    """How long a stopping worker waits for its steps to reach a point where they can be left."""


def claim_slot(home: Path) -> tuple[int, IO[str]]:
    """The lowest worker number that no live process of this home holds, and the file whose lock holds it.

    The lock goes with the process, however it ends: so the next worker gets the number of one that was killed, and with it its
    executor id and its interrupted work.
    """
    folder = home / "workers"
    folder.mkdir(parents=True, exist_ok=True)
    number = 0
    while True:
        number += 1
        lock = open(folder / f"{number}.lock", "w")  # noqa: SIM115  (held as long as the process lives)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            continue
        return number, lock


def capabilities() -> dict[str, Any]:
    """What this machine can do: `model` (whether the model extra is installed) and `missing` (its absent packages)."""
    missing = engine.missing_model_parts()
    return {"model": not missing, "missing": missing}


def queues_to_serve(names: list[str], home: Path) -> list[str]:
    """The queues among those asked for (all, where none) that this machine can serve; raises InvalidInputError for unknown ones.

    Clicks are served where segment-anything's weights are; a worker that started before them takes them up when they are there.
    """
    for name in names:
        if name not in runs.QUEUES:
            raise InvalidInputError(f"There is no queue {name!r}; there are {', '.join(runs.QUEUES)}.")
    able = set(runs.QUEUES) if capabilities()["model"] else {"files", "network"}
    sam = sam_weights(home)
    if sam is None or not sam.is_file():
        able.discard(interactive_segmentation.QUEUE)
    return [name for name in (names or runs.QUEUES) if name in able]


def jobs_url(store: Store) -> str:
    """The queue's database, ready to use: SQLite in WAL mode, which more than halves the time of a workflow."""
    url = make_url(store.settings.jobs_url)
    if url.get_backend_name() == "sqlite" and url.database is not None:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(url.database, timeout=30)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.close()
    return watchful(url).render_as_string(hide_password=False)


def take_up_own(store: Store, url: str, executor: str) -> None:
    """Queue again what an earlier process of this executor, which died, left unfinished, each run in its own queue.

    The queue's tables must be those of its library's present version.
    """
    client = queue_payloads.connect(url)
    with store.writing() as session:
        dispatch.take_from_dead(session, client, executor)
    client.destroy()


class Worker:
    """One worker of a store; `run` returns once `stop` was called and its work is handed over."""

    def __init__(
        self, store: Store, queues: list[str], *, later: list[str] | None = None, name: str | None = None, rhythm: Rhythm = Rhythm()
    ):
        """`queues` are served from the beginning, those of `later` as soon as this machine can."""
        self.store, self.queues, self.later, self.rhythm = store, queues, later or [], rhythm
        number, self._lock = claim_slot(store.settings.home)
        self.executor = name or f"{socket.gethostname()}-{number}"
        self.version = schema.head()
        self.hands = engine.Hands(store, self.executor)
        self._stopped = threading.Event()

    def stop(self, *_signal) -> None:
        """Ask the worker to stop."""
        self._stopped.set()
        self.hands.stopping.set()

    def run(self) -> None:
        """Work until stopped."""
        engine.equip(self.hands)
        url = jobs_url(self.store)
        DBOS.migrate(url)  # as `launch` would later: what is read until then may be a former version's, or another worker's half
        queue_payloads.drop_pickled(url)
        take_up_own(self.store, url, self.executor)
        self._listen(url)
        client = queue_payloads.connect(url)
        heart = threading.Thread(target=self._beat, name="heartbeat", daemon=True)
        heart.start()
        log.info("worker %s serves %s", self.executor, ", ".join(self.queues))
        try:
            while self._serve(client):
                self._rest(client)
                self._listen(url)
        finally:
            self._leave(client, heart)

    def _listen(self, url: str) -> None:
        """Open the queue, and listen to what can be served by now."""
        able = queues_to_serve([*self.queues, *self.later], self.store.settings.home)
        self.queues += [queue for queue in self.later if queue in able]
        self.later = [queue for queue in self.later if queue not in able]
        self.hands.stopping.clear()
        if self._stopped.is_set():  # meanwhile
            self.hands.stopping.set()
        DBOS(
            config={
                "name": "workbench",
                "system_database_url": url,
                "application_version": self.version,
                "executor_id": self.executor,
                "log_level": "WARNING",
                "serializer": queue_payloads.SERIALIZER,
            }
        )
        logs.take_over(dbos_logger)
        DBOS.listen_queues(self.queues)
        self._sign()
        DBOS.launch()
        for queue in self.queues:
            often = min(self.rhythm.poll, CLICK_POLL) if queue in WAITED_FOR else self.rhythm.poll
            DBOS.register_queue(queue, worker_concurrency=1, polling_interval_sec=often)

    def _serve(self, client: DBOSClient) -> bool:
        """Hand out what is queued until the worker is stopped (False), or has nothing to do and could serve more queues (True)."""
        next_look = 0.0
        while not self.hands.stopping.wait(self.rhythm.poll):
            try:
                dispatch.claim_queued(self.store, client)
                if time.monotonic() >= next_look:
                    disk_reserve.keep(self.store.settings.home)
                    dispatch.reap(self.store, client, self.executor, stale_seconds=self.rhythm.stale)
                    dispatch.mend(self.store, client, self.version)
                    next_look = time.monotonic() + self.rhythm.reap
                    if self.later and not self.hands.busy and queues_to_serve(self.later, self.store.settings.home):
                        return True
            except OperationalError:  # the database is away for a moment: the next round tries again
                log.exception("the store could not be reached")
        return False

    def _beat(self) -> None:
        while not self._stopped.wait(self.rhythm.heartbeat):
            try:
                self._sign()
            except OperationalError:
                log.exception("no sign of life could be given")

    def _sign(self) -> None:
        with self.store.writing() as session:
            runs.heartbeat(
                session, self.executor, host=socket.gethostname(), pid=os.getpid(), queues=self.queues, capabilities=capabilities()
            )

    def _rest(self, client: DBOSClient) -> None:
        """Let running steps come to a point where they can be left, close the queue, and hand their runs over."""
        self.hands.stopping.set()
        deadline = time.monotonic() + self.rhythm.grace
        while self.hands.busy and time.monotonic() < deadline:
            time.sleep(0.05)
        DBOS.destroy()
        dispatch.hand_over(self.store, client, self.executor)

    def _leave(self, client: DBOSClient, heart: threading.Thread) -> None:
        """Come to a rest, and sign off."""
        self.stop()
        heart.join()
        self._rest(client)
        client.destroy()
        with self.store.writing() as session:
            runs.worker_stopped(session, self.executor)
        log.info("worker %s has stopped", self.executor)
        self._lock.close()


def serve_until_signalled(worker: Worker) -> None:
    """Run a worker in the main thread until SIGTERM or SIGINT."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, worker.stop)
    worker.run()
