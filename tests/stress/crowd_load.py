"""A full house: raters, curators, an import and a colorize run at once, with the app and one worker as `workbench up` starts them.

    python -m tests.stress.crowd_load [--minutes 10] [--raters 60] [--curators 4] [--think 5] [--seed 0]

Raters vote over HTTP as their page does. Curators draw pages over Streamlit's own connection, and tag, describe, review and undo through
the services. The worker imports pictures and colorizes, again and again, until the time is over. Told are errors of the lock, the time
from a vote to the next trial, and whether every acknowledged vote is in the store once. Ends by itself; status 1 where a vote was lost,
doubled or changed, a lock was not to be had, or the times were longer than asked.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import numpy as np
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from db.enums import RunStatus
from db.models import Colorization, Image
from pipelines.worker import child_processes
from tests.benchmarks import rater_load
from tests.benchmarks.rater_load import Outcome, Rater
from tests.e2e.serving import served
from tests.stress import small_store
from tests.stress.crowd_raters import House, RatersPage, rate
from tests.stress.curators_deeds import DEEDS
from tests.stress.page_visitor import PageVisitor
from workbench import runs
from workbench.colorizations import checkpoints
from workbench.errors import WorkbenchError
from workbench.open_store import Store, open_store
from workbench.settings import read_settings

MEDIAN_MS, P95_MS = 300, 1000
VOTES = 6
PHOTOS = 60
"""Pictures of one import."""
PAGES = ("home", "library", "caption", "review", "studies", "runs", "releases")
ACTS_SECONDS = 2.0
"""Between two things that a curator does."""
LOCKS = ("locked", "deadlock", "lock timeout")
Working = Callable[[Store], AbstractContextManager[object]]
Beside = Callable[[Store, House], Coroutine[None, None, None]]


async def _visit_pages(address: str, house: House, chance: random.Random) -> None:
    async with PageVisitor(address) as visit:
        while house.is_open():
            house.drawn.append(await visit.draw(chance.choice(PAGES)))
            await asyncio.sleep(chance.uniform(0.5, 1.5) * ACTS_SECONDS)


async def _curate(store: Store, house: House, name: str, chance: random.Random) -> None:
    """Change something, again and again, in threads as a web process does."""
    while house.is_open():
        act = chance.choice(DEEDS)
        began = time.perf_counter()
        try:
            await asyncio.to_thread(act, store, name, chance)
        except WorkbenchError as refusal:
            house.refused[f"{act.__name__}: {type(refusal).__name__}"] += 1
        except OperationalError:
            house.locked += 1
        house.acts.append(time.perf_counter() - began)
        await asyncio.sleep(chance.uniform(0.5, 1.5) * ACTS_SECONDS)


async def _keep_working(store: Store, house: House, ask: Callable[[int], int]) -> None:
    """Ask for one run after the other; the last one is cancelled when the time is over."""
    number = 0
    while house.is_open():
        run_id = await asyncio.to_thread(ask, number)
        number += 1
        while (run := await asyncio.to_thread(small_store.state_of, store, run_id)).status not in runs.ENDED:
            if not house.is_open():
                await asyncio.to_thread(_cancel, store, run_id)
            await asyncio.sleep(0.5)
        house.runs[f"{run.job} {run.status.value}"] += 1
        house.runs[f"items of {run.job}"] += run.done
        if run.status is RunStatus.FAILED:
            house.runs[run.message] += 1


def _cancel(store: Store, run_id: int) -> None:
    with store.writing() as session:
        if runs.get(session, run_id).status not in runs.ENDED:
            runs.cancel(session, run_id, actor="crowd")


def _importing(store: Store, folder: Path) -> Callable[[int], int]:
    def ask(number: int) -> int:
        photos = small_store.photos(folder / f"photos-{number}", number * PHOTOS, PHOTOS)
        return small_store.ask(store, "import_images", paths=[str(photos)])

    return ask


def _colorizing(store: Store) -> Callable[[int], int]:
    def ask(number: int) -> int:
        return small_store.ask(store, "colorize_images", checkpoint=small_store.CHECKPOINT, seeds=[number], steps=2)

    return ask


def _enter_checkpoint(store: Store) -> None:
    from tests.pipelines.tiny import write_tiny_checkpoint  # here: it loads torch

    folder = write_tiny_checkpoint(store.settings.home / "weights" / small_store.CHECKPOINT)
    with store.writing() as session:
        checkpoints.register(session, name=small_store.CHECKPOINT, location=str(folder), digest=checkpoints.folder_digest(folder))


async def _fill(
    address: str, store: Store, people: list[Rater], outcome: Outcome, house: House, beside: Beside, options: argparse.Namespace
) -> None:
    limits = httpx.Limits(max_connections=2 * len(people), max_keepalive_connections=2 * len(people))
    names = [f"curator-{number}" for number in range(options.curators)]
    async with (
        httpx.AsyncClient(base_url=address, timeout=60, limits=limits, trust_env=False) as client,
        asyncio.TaskGroup() as all_at_once,
    ):
        for rater in people:
            all_at_once.create_task(rate(RatersPage(client, rater, house), outcome, options.think))
        for number, name in enumerate(names):
            all_at_once.create_task(_curate(store, house, name, random.Random(options.seed + number)))
            all_at_once.create_task(_visit_pages(address, house, random.Random(options.seed - number)))
        all_at_once.create_task(_keep_working(store, house, _importing(store, store.settings.home.parent)))
        all_at_once.create_task(_keep_working(store, house, _colorizing(store)))
        all_at_once.create_task(beside(store, house))


def _ms(seconds: list[float], share: float) -> str:
    return f"{1000 * float(np.quantile(seconds, share)):.0f} ms" if seconds else "none"


def _tell(outcome: Outcome, house: House, counts: tuple[int, int], logged: int) -> None:
    pictures, colorized = counts
    lines = [
        f"{outcome.raters} raters, {outcome.sent} votes sent, {outcome.stored} stored, {outcome.wall:.0f} s",
        f"lost {outcome.lost}, double {outcome.double}, mistaken {outcome.mistaken}, asked for too often {outcome.over_asked}",
        f"from vote to next trial: median {outcome.median_ms:.0f} ms (to be < {MEDIAN_MS}), "
        f"p95 {outcome.p95_ms:.0f} ms (to be < {P95_MS}), longest {1000 * max(outcome.seconds):.0f} ms",
        f"asked again: {dict(house.asked_again) or 'never'}",
        f"curators: {len(house.acts)} deeds, median {_ms(house.acts, 0.5)}, p95 {_ms(house.acts, 0.95)}",
        f"refused to curators: {dict(house.refused) or 'nothing'}",
        f"pages: {len(house.drawn)} drawn, median {_ms(house.drawn, 0.5)}, p95 {_ms(house.drawn, 0.95)}",
        f"errors of the lock: {house.locked} of curators, {logged} lines in the logs of app and worker",
        f"runs: {dict(house.runs)}",
        *house.cut_off,
        f"in the store {pictures} pictures and {colorized} colorizations",
    ]
    print("\n".join(lines))  # noqa: T201


def _locks_in(folder: Path) -> int:
    """Lines of the logs that speak of a lock, and those of the app that speak of a store which could not be reached."""
    apps = {folder / "app.log", *folder.glob("home/*.log")}
    lines = [(path in apps, line) for path in {*apps, *folder.glob("*.log")} if path.exists() for line in path.open(errors="replace")]
    return sum(any(word in line for word in LOCKS) or (of_app and "OperationalError" in line) for of_app, line in lines)


@contextmanager
def one_worker(store: Store) -> Iterator[None]:
    """A worker for the time of the block."""
    with child_processes.a_worker(store.settings):
        yield


async def _nothing(_store: Store, _house: House) -> None:
    return


def options_of(description: str | None) -> argparse.Namespace:
    """What a crowd is asked to be."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--raters", type=int, default=60)
    parser.add_argument("--curators", type=int, default=4)
    parser.add_argument("--think", type=float, default=5.0, help="mean seconds between seeing a trial and answering it")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


def crowd(folder: Path, options: argparse.Namespace, working: Working = one_worker, beside: Beside = _nothing) -> bool:
    """Fill the house while somebody works, and something happens beside; whether nothing was lost, locked or too slow."""
    home = folder / "home"
    home.mkdir()
    trials = int(60 * options.minutes / options.think) + 2
    people = rater_load.make_store(home, options.raters, trials, VOTES)
    store = open_store(read_settings(home))
    _enter_checkpoint(store)
    outcome = Outcome(options.raters, trials)
    with working(store), served(home) as address:
        began = time.monotonic()
        house = House(60 * options.minutes, until=began + 60 * options.minutes)
        asyncio.run(_fill(address, store, people, outcome, house, beside, options))
        outcome.wall = time.monotonic() - began
    rater_load.compare(home, people, VOTES, outcome)
    with store.reading() as session:
        counts = session.scalar(select(func.count(Image.id))), session.scalar(select(func.count(Colorization.id)))
    logged, damage = _locks_in(folder), small_store.doctor(store)
    store.close()
    _tell(outcome, house, counts, logged)
    print(damage or "doctor --deep clean")  # noqa: T201
    broken = outcome.lost + outcome.double + outcome.mistaken + outcome.over_asked + house.locked + logged
    return not broken and not damage and outcome.median_ms < MEDIAN_MS and outcome.p95_ms < P95_MS


def main() -> int:
    """Fill the house; status 1 where something was lost, locked or too slow."""
    options = options_of(__doc__)
    with tempfile.TemporaryDirectory(prefix="crowd-") as name:
        return int(not crowd(Path(name), options))


if __name__ == "__main__":
    sys.exit(main())
