"""A store with a worker beside it, for benchmarks that go through the real jobs."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from db.enums import RunStatus
from pipelines.worker.child_processes import a_worker
from pipelines.worker.job import batches_of
from workbench import images, importing, runs
from workbench.importing import Item
from workbench.open_store import Store, open_store
from workbench.settings import read_settings

POLL_SECONDS = 1.0
AUTHOR = "benchmark"
BATCH = 16


@contextmanager
def worked_store(home: Path) -> Iterator[Store]:
    """The store of a folder, made where it is not there, and a worker for the time of the block."""
    store = open_store(read_settings(home))
    try:
        with a_worker(store.settings):
            yield store
    finally:
        store.close()


def carried_out(store: Store, job: str, **parameters: Any) -> dict[str, Any]:
    """The summary of a job that was carried out, with its `seconds`; RuntimeError with its message where it failed."""
    began = time.monotonic()
    with store.writing() as session:
        run_id = runs.create(session, job, parameters, requested_by=AUTHOR).id
    while True:
        with store.reading() as session:
            run = runs.get(session, run_id)
        if run.status in runs.ENDED:
            break
        time.sleep(POLL_SECONDS)
    if run.status is not RunStatus.DONE:
        raise RuntimeError(f"{job}: {run.status}: {run.message}")
    return {**run.summary, "job_seconds": round(time.monotonic() - began, 1)}


def imported(store: Store, items: Iterable[Item], source: str) -> int:
    """Take items in through the import; how many images were added."""
    added = 0
    for some in batches_of(list(items), BATCH):
        prepared = importing.prepare(some, store.media)
        with store.reading() as session:
            index = images.near_index(session)
        near = importing.likenesses(index, prepared)
        with store.writing() as session:
            intake = importing.store(session, prepared, source=source, near=near, author=AUTHOR)
        if intake.failures:
            raise RuntimeError("; ".join(f"{one.name}: {one.reason}" for one in intake.failures[:3]))
        added += len(intake.added)
    return added
