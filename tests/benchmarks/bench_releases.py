"""Time and memory of releasing, verifying and comparing: how both grow with the number of items.

    python -m tests.benchmarks.bench_releases [--items 100000] [--folder DIR] [--json]

The store is `large_release`'s (a tenth of its images gray, with votes; near duplicates and shared sources among them); a folder that
holds one already is used again. Each measure runs in a process of its own, whose largest resident memory is compared with that at its
start. A foreign list of 5,000 perceptual hashes is kept out.
"""

import argparse
import json
import multiprocessing
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from db.session import Engines, transaction
from tests.benchmarks import large_release
from workbench import releases
from workbench.store import MediaStore

FOREIGN = 5000
NAME = "large"


def _foreign(folder: Path) -> str:
    path = folder / "foreign.txt"
    chance = random.Random(5)
    path.write_text("".join(f"{chance.getrandbits(64):016x}\n" for _ in range(FOREIGN)))
    return str(path)


def create(engines: Engines, media: MediaStore, folder: Path) -> Any:
    """Make the release, or find that nothing has changed."""
    with transaction(engines.writer) as session:
        made = releases.create(session, media, name=NAME, rules={"foreign": [_foreign(folder)]}, author="bench")
        measured = releases.summary(session, made.id)
        return {"version": made.version, "items": measured.items, "hash": made.manifest_hash[:12]}


def verify(engines: Engines, media: MediaStore, _folder: Path) -> Any:
    """Read every file again."""
    with transaction(engines.reader) as session:
        return {"problems": len(releases.verify(session, media, releases.get(session, NAME).id))}


def diff(engines: Engines, _media: MediaStore, _folder: Path) -> Any:
    """Compare the release with itself."""
    with transaction(engines.reader) as session:
        release_id = releases.get(session, NAME).id
        return releases.diff(session, release_id, release_id).counts()


def summarize(engines: Engines, _media: MediaStore, _folder: Path) -> Any:
    """What the page shows first."""
    with transaction(engines.reader) as session:
        return {"items": releases.summary(session, releases.get(session, NAME).id).items}


def peak_mb() -> float:
    """The largest resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


def _measured(measure: Callable[..., Any], folder: Path, items: int) -> dict[str, Any]:
    with large_release.store(folder, items) as (engines, media):
        before, started = peak_mb(), time.perf_counter()
        measured = measure(engines, media, folder)
        return {"seconds": round(time.perf_counter() - started, 1), "mb": round(peak_mb() - before), **measured}


def measure(folder: Path, items: int) -> dict[str, Any]:
    """Each measure in a fresh process, one after the other."""
    steps = {"create": create, "create again": create, "verify": verify, "diff": diff, "summary": summarize}
    with large_release.store(folder, items):
        pass
    context, measured = multiprocessing.get_context("spawn"), {}
    for name, step in steps.items():
        with context.Pool(1) as pool:
            measured[name] = pool.apply(_measured, (step, folder, items))
        sys.stdout.write(f"{name:14} {measured[name]}\n")
        sys.stdout.flush()
    return measured


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="where the store is made and left; by default a temporary folder")
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    options = parser.parse_args()
    if options.folder:
        measured = measure(options.folder, options.items)
    else:
        with tempfile.TemporaryDirectory() as folder:
            measured = measure(Path(folder), options.items)
    if options.json:
        sys.stdout.write(json.dumps(measured) + "\n")


if __name__ == "__main__":
    main()
