"""A full house on PostgreSQL, with workers on three hosts of which two are cut off one after the other.

    python -m tests.stress.crowd_cluster [--minutes 10] [--raters 60] …      as root: it makes network namespaces (iproute2)

What `crowd_load` does, on a PostgreSQL server whose commits wait for the disk, with media in a folder that all hosts share. A third into
the time the link of the host that colorizes is cut, and after two thirds that of the one that imports; told is how long until another
host had the run, and until it went on with it. Ends by itself; status 1 as `crowd_load`, or where a run had nobody for over a minute.
"""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.enums import RunStatus
from db.models import Run
from pipelines.worker.child_processes import yielding
from tests.postgres import cluster, database
from tests.stress import small_store
from tests.stress.cluster import HERE, MOST_SECONDS, NETWORK, ended, link, network, under_way, workers
from tests.stress.crowd_load import crowd, options_of
from tests.stress.crowd_raters import House
from workbench import runs
from workbench.open_store import Store

JOBS = ("colorize_images", "import_images")
LONGEST_SECONDS = 300
AWAY_SECONDS, LOOK_SECONDS = 5, 0.25
STANDING_BACK = 15
"""Niceness of the workers: in truth their hosts have processors of their own."""


def cut(store: Store, job: str, house: House) -> str | None:
    """Cut off the host that has a run of the job, and mend its link once another one went on; None where the run ended just then."""

    def at_work() -> Run | None:
        with store.reading() as session:
            return next((run for run in runs.listing(session, status=RunStatus.RUNNING) if run.job == job and under_way(run)), None)

    small_store.until(lambda: at_work() or not house.is_open(), LONGEST_SECONDS, f"a run of {job}", pause=LOOK_SECONDS)
    if (run := at_work()) is None:
        return None
    link(run.executor, "down")
    try:
        return _taken_over(store, run, house)
    finally:
        link(run.executor, "up")


def _taken_over(store: Store, run: Run, house: House) -> str | None:
    """How long it takes another host to go on with a run whose host was just cut off; None where it had ended."""
    began, stood = time.monotonic(), small_store.state_of(store, run.id)
    if ended(stood):
        return None

    def elsewhere() -> bool:
        after = small_store.state_of(store, run.id)
        return after.executor not in (None, run.executor) or ended(after)

    def goes_on() -> bool:
        return (after := small_store.state_of(store, run.id)).done > stood.done or ended(after)

    small_store.until(elsewhere, LONGEST_SECONDS, "another host", pause=LOOK_SECONDS)
    taken = time.monotonic() - began
    if small_store.state_of(store, run.id).executor == run.executor:
        raise RuntimeError(f"{run.job}: {run.executor} was cut off, and nobody took it over in {taken:.0f} s")
    small_store.until(goes_on, LONGEST_SECONDS, "more of the run", pause=LOOK_SECONDS)
    onward = time.monotonic() - began
    time.sleep(AWAY_SECONDS)
    house.slowest_takeover = max(house.slowest_takeover, taken)
    other = small_store.state_of(store, run.id).executor
    told = f"{other} had it after {taken:.1f} s, and more after {onward:.1f} s"
    return f"{run.job}: {run.executor} was cut off at {stood.done} of {run.total}; {told}"


async def cut_two_off(store: Store, house: House) -> None:
    """Cut a host off twice in the time that the house is open."""
    for job in JOBS:
        await asyncio.sleep(house.seconds / 3 - 10)
        told = None
        while told is None and house.is_open():
            told = await asyncio.to_thread(cut, store, job, house)
        house.cut_off.append(told or f"{job}: no host could be cut off in time")


@contextmanager
def on_three_hosts(store: Store) -> Iterator[None]:
    """Workers on the hosts, which stand back."""
    folder = store.settings.home.parent
    with workers(folder) as started:
        for child in started.values():
            yielding(child, STANDING_BACK)
        small_store.until(lambda: _live(store) == len(started), LONGEST_SECONDS, "all three workers")
        yield


def _live(store: Store) -> int:
    with store.reading() as session:
        return len(runs.workers(session))


def main() -> int:
    """Build the machines, fill the house, and take them away."""
    options = options_of(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by way of what takes the machines away
    slowest = []

    async def beside(store: Store, house: House) -> None:
        await cut_two_off(store, house)
        slowest.append(house.slowest_takeover)

    with (
        tempfile.TemporaryDirectory(prefix="crowd-cluster-") as name,
        network(),
        cluster(HERE, NETWORK, durable=True) as server,
        database(server) as store_url,
        database(server) as jobs_url,
    ):
        os.environ |= {
            "WORKBENCH_DATABASE_URL": store_url, "WORKBENCH_JOBS_URL": jobs_url, "WORKBENCH_MEDIA_URL": str(Path(name) / "media")
        }  # fmt: skip
        well = crowd(Path(name), options, on_three_hosts, beside)
    return int(not well or max(slowest) > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
