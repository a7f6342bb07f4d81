"""A store of a million images and three million captions: how long its pages take, and a release of 100,000 items.

    python -m tests.stress.million --images 1000000 --home DIR [--only queries,pages,release] [--out FILE.json] [--rounds 3]

The store is filled first where DIR has none (about 14 KB an image, half of it files; a fill that was cut short goes on). Then the
functions behind the pages are timed, the pages themselves in headless Chromium, and a tenth as many items as images are released,
verified and exported in every format: told are seconds, memory at a fourth and at the whole, and the longest wait of another writer.
Nothing runs without an end: a query is broken off after a minute. Status 1 where a bound is not kept.
"""

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from tests.stress import million_queries
from tests.stress.million_queries import Taken
from tests.stress.million_store import filled
from workbench.open_store import Store

PARTS = ("queries", "pages", "release")
MOST_MS = 300.0
"""For what a page asks for, and for a next page, a filter, a search in the browser."""
FIRST_PAGE_MS = 500.0
"""For the Library's first page in the browser."""
BEGAN = time.monotonic()


def say(line: str) -> None:
    """Print at once, with the seconds since the start."""
    sys.stdout.write(f"{time.monotonic() - BEGAN:7.0f} s  {line}\n")
    sys.stdout.flush()


def bound(taken: Taken) -> float:
    """The milliseconds that something may take."""
    return FIRST_PAGE_MS if "first page," in taken.name or taken.group.endswith("other pages") else MOST_MS


def is_kept(taken: Taken) -> bool:
    """Whether something took no longer than it may."""
    return taken.median is not None and taken.median <= bound(taken)


def tell(taken: Taken) -> None:
    """One line of a measure."""
    first, median = (f"{value:8.1f}" if value is not None else "  broken" for value in (taken.first, taken.median))
    spent = f" (processor {taken.processor:.1f})" if taken.processor is not None else f" (best {taken.best or 0:.0f})"
    say(f"{'  ' if is_kept(taken) else '✗ '}{taken.group:22} first {first} ms  then {median} ms{spent}  {taken.name}")


def measured(store: Store, parts: list[str], rounds: int) -> list[dict]:
    """Measure the chosen parts; a record of each measure."""
    told: list[dict] = []
    if "queries" in parts:
        told += [_noted(taken) for taken in million_queries.measured(store, rounds)]
    if "pages" in parts:
        from tests.stress import million_pages  # Streamlit and Playwright

        told += [_noted(taken) for taken in million_pages.measured(store, rounds, say)]
    if "release" in parts:
        from tests.stress import million_release

        told += million_release.measured(store, say)
    return told


def _noted(taken: Taken) -> dict:
    tell(taken)
    return asdict(taken) | {"kept": is_kept(taken)}


def main() -> int:
    """Fill, measure, tell; status 1 where something took longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, required=True, help="where the store is made and left")
    parser.add_argument("--only", default=",".join(PARTS), help=f"of {', '.join(PARTS)}; nothing: fill the store alone")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, help="a JSON file of all measures")
    options = parser.parse_args()
    store = filled(options.home, options.images, say)
    told = measured(store, options.only.split(","), options.rounds)
    store.close()
    if options.out:
        options.out.write_text(json.dumps({"images": options.images, "measures": told}, indent=1))
    missed = [entry for entry in told if not entry["kept"]]
    say(f"{len(told) - len(missed)} of {len(told)} bounds kept")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
