"""Power cuts, simulated: what was said to be kept is in the files as they were last synced, and the rest of them is whole.

    python -m tests.stress.power_cut [--cuts 30] [--seed 0] [--unsynced]

A process of four threads votes, reviews, describes and imports, and says each time that it is kept. A library that is loaded before libc
(`synced_copies.c`, built by cc) copies every file as it is synced. At random moments the process is halted, the copies are taken as a disk
after a power cut, and a store is opened on them. `--unsynced` is the control: the same with SQLite's `synchronous=NORMAL`, which loses
what it said was kept. Ends by itself; status 1 where something was lost (with `--unsynced`: where nothing was).
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import select

from db import session as sessions
from db.enums import Origin
from db.models import Caption, Colorization, Image, Rating, Review
from tests.pictures import png
from tests.stores import open_pair_study, opened, reading
from workbench import captions, images, reviews, studies, upkeep
from workbench.rating import next_trial, ratings
from workbench.store import MediaStore

IMAGES, RATERS = 24, 200
TABLES = {"vote": Rating, "review": Review, "caption": Caption, "picture": Image}
SHIM = Path(__file__).with_name("synced_copies.c")
LONGEST_SECONDS = 600
PAUSE_SECONDS = 0.05
"""After each deed, so that the others get their turn at the store."""


def prepare(home: Path) -> None:
    """A store with an open study and its raters."""
    home.mkdir()
    with opened(home) as (engines, media), sessions.transaction(engines.writer) as session:
        study = open_pair_study(session, media, images=IMAGES, votes_per_trial=RATERS)
        studies.invite(session, study.id, RATERS)


def keeping(home: Path, kind: str) -> Iterator[int]:
    """Do one thing after another, each in a transaction of its own; give the id of its row once that has ended."""
    with opened(home) as (engines, media):
        for number in range(100_000):
            with sessions.transaction(engines.writer) as session:
                key = DEEDS[kind](session, media, number)
            if key is None:
                return
            yield key
            time.sleep(PAUSE_SECONDS)


def _vote(session, _media, number: int) -> int | None:
    rater_id = 1 + number // IMAGES
    view = next_trial(session, 1, rater_id) if rater_id <= RATERS else None
    return None if view is None else ratings.rate(session, view.trial_id, rater_id, view.stimuli[number % 2].id).id


def _review(session, _media, number: int) -> int:
    made = session.scalars(select(Colorization.id).order_by(Colorization.id)).all()
    return reviews.review(session, made[number % len(made)], "accept", reviewer=f"curator {number // len(made)}").id


def _caption(session, _media, number: int) -> int:
    text = f"a red cup and {number} brown tables"
    return captions.add(session, 1 + number % IMAGES, text, text_origin=Origin.HUMAN, author="ada").id


def _picture(session, media, number: int) -> int:
    return images.import_file(session, media, png(1000 + number), file_name=f"{number}.png", source="power cuts").image.id


DEEDS: dict[str, Callable] = {"vote": _vote, "review": _review, "caption": _caption, "picture": _picture}


def write(home: Path, unsynced: bool) -> None:
    """The process that is cut: every line that it says is of something kept."""
    if unsynced:
        sessions.PRAGMAS = tuple("synchronous=NORMAL" if pragma.startswith("synchronous") else pragma for pragma in sessions.PRAGMAS)

    def say(kind: str) -> None:
        for key in keeping(home, kind):
            os.write(1, f"{kind} {key}\n".encode())

    threads = [threading.Thread(target=say, args=(kind,)) for kind in DEEDS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Kept:
    """What the process has said so far."""

    def __init__(self, child: subprocess.Popen):
        self._child, self.rows = child, {kind: set() for kind in TABLES}
        self._partial = b""
        os.set_blocking(child.stdout.fileno(), False)

    def hear(self) -> None:
        """Read what lies in the pipe."""
        while said := self._child.stdout.read():
            *lines, self._partial = (self._partial + said).split(b"\n")
            for line in lines:
                kind, key = line.decode().split()
                self.rows[kind].add(int(key))


def lost_on(disk: Path, kept: Kept) -> tuple[Counter, list[str]]:
    """By kind how many kept rows are not on a disk, and what is damaged there."""
    damages = [
        f"{damage.subject}: {damage.reason}" for damage in upkeep.database_damages(f"sqlite:///{disk / 'workbench.sqlite'}", "database")
    ]
    lost: Counter = Counter()
    with reading(disk) as session:
        for kind, table in TABLES.items():
            lost[kind] = len(kept.rows[kind] - set(session.scalars(select(table.id))))
        damages += [f"{damage.subject}: {damage.reason}" for damage in upkeep.damages(session, MediaStore(str(disk / "media")))]
    return lost, damages


def cut(folder: Path, cuts: int, chance: random.Random, unsynced: bool) -> tuple[Counter, list[str], Kept]:
    """Cut the power so often; return what was lost in all, what was damaged, and what had been kept at the end."""
    home, copies, library = folder / "home", folder / "synced", folder / "synced_copies.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", library, SHIM, "-ldl"], check=True)
    prepare(home)
    shutil.copytree(home, copies)
    environment = os.environ | {"LD_PRELOAD": str(library), "SYNCED_ROOT": str(home), "SYNCED_COPY": str(copies)}
    command = [sys.executable, "-m", "tests.stress.power_cut", "--write", str(home), *(["--unsynced"] if unsynced else [])]
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)
    kept, lost, damages = Kept(child), Counter(), []
    try:
        while not sum(map(len, kept.rows.values())):
            time.sleep(0.1)
            kept.hear()
        for number in range(cuts):
            time.sleep(chance.uniform(0.1, 1.5))
            child.send_signal(signal.SIGSTOP)
            os.waitpid(child.pid, os.WUNTRACED)
            kept.hear()
            disk = folder / "disk"
            shutil.copytree(copies, disk, ignore=shutil.ignore_patterns(".by-number", "*.part"))
            child.send_signal(signal.SIGCONT)
            lost_rows, broken = lost_on(disk, kept)
            lost += lost_rows
            damages += [f"cut {number}: {reason}" for reason in broken]
            shutil.rmtree(disk)
    finally:
        child.kill()
        child.wait()
    return lost, damages, kept


def main() -> int:
    """Cut the power; status 1 where it took something that was said to be kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuts", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--unsynced", action="store_true", help="the control: without syncing at each commit")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    signal.alarm(LONGEST_SECONDS)
    if options.write:
        write(options.write, options.unsynced)
        return 0
    with tempfile.TemporaryDirectory(prefix="power-cuts-") as name:
        lost, damages, kept = cut(Path(name), options.cuts, random.Random(options.seed), options.unsynced)
    said = ", ".join(f"{len(rows)} {kind}s" for kind, rows in kept.rows.items())
    print(f"{options.cuts} cuts while {said} were said to be kept")  # noqa: T201
    print(f"lost: {', '.join(f'{count} {kind}s' for kind, count in lost.items() if count) or 'nothing'}")  # noqa: T201
    print("\n".join(damages[:20]) or "every database and every file whole")  # noqa: T201
    return int(not lost.total()) if options.unsynced else int(bool(lost.total() or damages))


if __name__ == "__main__":
    sys.exit(main())
