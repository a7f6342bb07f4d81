"""`kill -9` of workers at random moments of an import, a colorize run, an export and a training, and of the command that makes a release.

    python -m tests.stress.worker_kills [--kills 100] [--seed 0] [--only import,export] [--seconds 3000]

Each kind of work is asked for, its process killed at a random moment, again and again, and at last left to end. Then everything that was
asked for must be there once, and `workbench doctor --deep` find nothing. Ends by itself; status 1 where something was lost, doubled or
left half.
"""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from db.enums import RunStatus
from db.models import Caption, Checkpoint, Colorization, Event, Export, Image, Run
from tests.stress import small_store
from tests.stress.small_store import CAPTIONS, CHECKPOINT
from workbench import exports, releases, runs
from workbench.colorizations import checkpoints
from workbench.open_store import Store

PHOTOS = 100
KILLS_A_RUN = 4
"""After so many a run is left to end, and the next one asked for."""
LONGEST_SECONDS = 300
"""Of a run that nobody kills."""
STEPS = 40


@dataclass(frozen=True)
class Work:
    """A kind of work: how one piece of it is asked for, and what is wrong with it when it has ended."""

    ask: Callable[[Store, int], int]
    wrong: Callable[[Store, Run, int], str]
    share: float
    """Of all kills."""


def _ask_import(store: Store, number: int) -> int:
    folder = small_store.photos(store.settings.home.parent / f"photos-{number}", number * PHOTOS, PHOTOS)
    return small_store.ask(store, "import_images", paths=[str(folder)])


def _wrong_import(store: Store, run: Run, number: int) -> str:
    names = [f"{photo}.png" for photo in range(number * PHOTOS, (number + 1) * PHOTOS)]
    with store.reading() as session:
        times_by_name = Counter(session.scalars(select(Image.file_name).where(Image.run_id == run.id)))
        texts = session.scalar(select(func.count(Caption.id)).where(Caption.run_id == run.id))
        created = select(func.count(Event.id)).where(Event.run_id == run.id, Event.subject == "image", Event.action == "create")
        told = session.scalar(created)
    if times_by_name != Counter(names) or texts != PHOTOS or told not in (0, PHOTOS):
        return f"{times_by_name.total()} images under {len(times_by_name)} names, {texts} captions, {told} events; wanted {PHOTOS} of each"
    return ""


def _ask_colors(store: Store, number: int) -> int:
    return small_store.ask(store, "colorize_images", checkpoint=CHECKPOINT, seeds=[number])


def _wrong_colors(store: Store, _run: Run, number: int) -> str:
    with store.reading() as session:
        made = Counter(session.scalars(select(Colorization.caption_id).where(Colorization.seed == number)))
    return "" if len(made) == made.total() == CAPTIONS else f"{made.total()} colorizations of {len(made)} captions; wanted {CAPTIONS}"


def _ask_export(store: Store, number: int) -> int:
    folder = store.settings.exports / f"export-{number}"
    return small_store.ask(store, "export_release", release_id=1, folder=str(folder), format=("imagefolder", "coco")[number % 2])


def _wrong_export(store: Store, run: Run, number: int) -> str:
    folder = Path(run.summary["folder"])
    with store.reading() as session:
        entered = session.scalar(select(func.count(Export.id)).where(Export.location == str(folder)))
    problems = exports.verify_folder(folder)
    left = [path.name for path in folder.parent.iterdir() if path.name.startswith(".")]
    return f"{problems[:3]}, entered {entered} times, left beside: {left}" if problems or entered != 1 or left else ""


def _ask_training(store: Store, number: int) -> int:
    return small_store.ask(store, "retrain_checkpoint", release_id=1, base=CHECKPOINT, steps=STEPS + number)


def _wrong_training(store: Store, run: Run, number: int) -> str:
    with store.reading() as session:
        row = checkpoints.get(session, run.summary["checkpoint_id"])  # an earlier one, where a longer training kept the same weights
        made = session.scalar(select(func.count(Checkpoint.id)).where(Checkpoint.run_id == run.id))
    whole = checkpoints.folder_digest(Path(row.location)) == row.digest
    return "" if whole and made == (row.run_id == run.id) else f"{made} checkpoints made, the one that was kept is whole: {whole}"


def wrong_release(store: Store, number: int) -> str:
    """What is wrong with a release that was made by its command; empty where it is there once, and whole."""
    with store.reading() as session:
        made = releases.listing(session, name=f"release-{number}")
        problems = [problem for release in made for problem in releases.verify(session, store.media, release.id)]
        items = [releases.summary(session, release.id).items for release in made]
    return "" if len(items) == 1 and not problems else f"{len(items)} releases of {items} items, {problems[:3]}"


JOBS = {
    "colorize": Work(_ask_colors, _wrong_colors, 0.25),
    "export": Work(_ask_export, _wrong_export, 0.2),
    "retrain": Work(_ask_training, _wrong_training, 0.15),
    "import": Work(_ask_import, _wrong_import, 0.25),
}
KINDS = (*JOBS, "release")
"""In this order: what colorizing is counted on is there before the imports."""


class Killer:
    """Kills, and counts what comes of it."""

    def __init__(self, store: Store, seed: int, until: float):
        self.store, self.chance, self.until = store, random.Random(seed), until
        self.kills: Counter = Counter()
        self.at: Counter = Counter()
        """How often at which state of the run."""
        self.problems: list[str] = []

    @property
    def is_late(self) -> bool:
        """Whether the time is up."""
        return time.monotonic() > self.until

    def job(self, kind: str, kills: int) -> None:
        """Kill workers of one kind of job so often."""
        work, number = JOBS[kind], 0
        while self.kills[kind] < kills and not self.is_late:
            number += 1
            run_id = work.ask(self.store, number)
            for _ in range(min(KILLS_A_RUN, kills - self.kills[kind])):
                self._kill_once(kind, run_id)
            self._let_it_end(run_id)
            run = small_store.state_of(self.store, run_id)
            wrong = work.wrong(self.store, run, number) if run.status is RunStatus.DONE else f"{run.status.value}: {run.message}"
            self.problems += [f"{kind}, run {run_id}: {wrong}"] if wrong else []

    def _kill_once(self, kind: str, run_id: int) -> None:
        child = small_store.worker(self.store)
        try:
            small_store.until(lambda: self._has_begun(run_id, child), 120, f"a worker at run {run_id}")
            deadline = time.monotonic() + self.chance.uniform(0, LENGTHS[kind])
            while time.monotonic() < deadline and not self._has_ended(run_id):
                time.sleep(0.005)
            self.at[small_store.state_of(self.store, run_id).status.value] += 1
        finally:
            child.kill()
            child.wait()
        self.kills[kind] += 1
        self._resume_if_set_aside(run_id)

    def _has_begun(self, run_id: int, child: subprocess.Popen) -> bool:
        self._resume_if_set_aside(run_id)
        return self._is_at_work(run_id, child) or self._has_ended(run_id)

    def _is_at_work(self, run_id: int, child: subprocess.Popen) -> bool:
        with self.store.reading() as session:
            run = runs.get(session, run_id)
            mine = [worker.executor for worker in runs.workers(session) if worker.pid == child.pid]
        return run.status is RunStatus.RUNNING and run.executor in mine

    def _has_ended(self, run_id: int) -> bool:
        return small_store.state_of(self.store, run_id).status in runs.ENDED

    def _resume_if_set_aside(self, run_id: int) -> None:
        run = small_store.state_of(self.store, run_id)
        if run.status is RunStatus.FAILED and run.message.startswith("Set aside"):
            small_store.resume(self.store, run_id)

    def _let_it_end(self, run_id: int) -> None:
        child = small_store.worker(self.store)
        try:
            for _ in range(3):
                small_store.until(lambda: self._has_ended(run_id), LONGEST_SECONDS, f"the end of run {run_id}")
                self._resume_if_set_aside(run_id)
        finally:
            child.send_signal(signal.SIGTERM)
            child.wait(120)

    def release(self, kills: int) -> None:
        """Kill the command that makes a release so often."""
        number = 0
        while self.kills["release"] < kills and not self.is_late:
            number += 1
            command = [
                sys.executable,
                "-m",
                "pipelines",
                "releases",
                "create",
                f"release-{number}",
                "--home",
                str(self.store.settings.home),
            ]
            for _ in range(min(KILLS_A_RUN, kills - self.kills["release"])):
                child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    child.wait(self.chance.uniform(1.0, 1.0 + LENGTHS["release"]))
                except subprocess.TimeoutExpired:
                    self.at["running"] += 1
                else:
                    self.at["done"] += 1
                child.kill()
                child.wait()
                self.kills["release"] += 1
            told = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_SECONDS)
            wrong = wrong_release(self.store, number) if told.returncode == 0 else told.stderr
            self.problems += [f"release-{number}: {wrong}"] if wrong else []


LENGTHS = {"import": 6.0, "colorize": 10.0, "export": 4.0, "retrain": 25.0, "release": 6.0}
"""Seconds within which a kill falls: about as long as the work takes, so that its beginning and its end are met too."""


def main() -> int:
    """Kill; status 1 where something was lost, doubled or left half-written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help=f"of {', '.join(KINDS)}")
    parser.add_argument("--seconds", type=float, default=3000.0)
    options = parser.parse_args()
    chosen = [kind for kind in KINDS if not options.only or kind in options.only.split(",")]
    shares = {kind: JOBS[kind].share if kind in JOBS else 0.15 for kind in chosen}
    began, damages = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="worker-kills-", ignore_cleanup_errors=True) as name:
        store = small_store.made(Path(name) / "home")
        killer = Killer(store, options.seed, began + options.seconds)
        for kind in chosen:
            kills = max(1, round(options.kills * shares[kind] / sum(shares.values())))
            killer.job(kind, kills) if kind in JOBS else killer.release(kills)
            damages += [f"after {kind}: {damage}"] if (damage := small_store.doctor(store)) else []
            sys.stdout.write(f"{kind:9} {killer.kills[kind]:3} kills; {len(killer.problems) + len(damages)} problems so far\n")
            sys.stdout.flush()
        store.close()
    states = ", ".join(f"{count} {state}" for state, count in killer.at.items())
    print(f"{killer.kills.total()} kills in {time.monotonic() - began:.0f} s ({states} when it fell)")  # noqa: T201
    print("\n".join([*killer.problems, *damages]) or "nothing lost, doubled or half-written; doctor --deep clean")  # noqa: T201
    return int(bool(killer.problems or damages))


if __name__ == "__main__":
    sys.exit(main())
