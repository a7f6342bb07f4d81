"""How quickly a store of a million captions answers: every kind of query, the turn of a page, and the memory of the process.

    python tests/benchmarks/captions_million.py [--captions 1000000] [--home DIR] [--rounds 9]

The store is made first where DIR has none (some minutes, over a gigabyte). For each query three things are timed through the functions
that the pages use: the count as the page says it (up to 10,000), the first page, and a page far in; what is shown is the time of the
count and the first page together. Then the pages themselves are drawn, as a visitor turns them.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from db.schema import upgrade
from db.session import connect, transaction
from tests.benchmarks.million_captions import make
from workbench import captions, images
from workbench.settings import read_settings

ROOT = Path(__file__).parents[2]
LIMIT = 10_000
PAGE = 60
QUERIES = (
    "", "level:scarce", "level:complete,partial", "color:red", "color:purple", "object:dog", "object:glassmill", "object:*boat", "origin:model",
    "status:proposed", "status:dropped", "tokens:>75", "tokens:10-20", "has:mask", "has:reference", "NOT has:reference", "has:colorization",
    "reviewed", "has:duplicate", 'source:"album 3"', "tag:night", "tag:odd", "file:IMG_0000123", "id:1200-1300", "caption:>999000",
    "zebra", '"next to a red car"', '"a red"', "level:partial color:red has:mask NOT reviewed", "level:scarce color:red",
    "color:red OR tag:odd", "tag:night NOT has:mask", "(color:red OR color:pink) object:zebra NOT tag:outdoor",
    "NOT level:scarce", "NOT (level:scarce OR color:red) tokens:>20", 'object:copperkettle "at night"', "tag:odd level:complete color:blue",
    'source:"album 0" color:yellow object:cow', "dog cat bird NOT horse", "object:winter* origin:human,model NOT status:proposed",
)  # fmt: skip


def milliseconds(rounds: int, action: Callable[[], object]) -> tuple[float, float]:
    """Median and 95th percentile of an action's time; a first one is not counted."""
    action()
    found = []
    for _ in range(rounds):
        began = time.perf_counter()
        action()
        found.append(1000 * (time.perf_counter() - began))
    return statistics.median(found), sorted(found)[min(rounds - 1, int(0.95 * rounds))]


def measure_queries(session: Session, rounds: int) -> list[float]:
    """Time and print every query over captions and over images; return the medians of count and first page."""
    deep_caption, deep_image = (
        captions.find(session, "", limit=1, after_id=int(0.9 * captions.count(session)))[0],
        images.count(session) // 10,
    )
    medians = []
    for query in QUERIES:
        for noun, service, newest in (("captions", captions, {}), ("images", images, {"newest_first": True})):
            deep = deep_caption.id if service is captions else deep_image
            number = service.count_up_to(session, query, LIMIT)
            counted = milliseconds(rounds, lambda: service.count_up_to(session, query, LIMIT))  # noqa: B023
            first = milliseconds(rounds, lambda: service.find(session, query, limit=PAGE, **newest))  # noqa: B023
            later = milliseconds(rounds, lambda: service.find(session, query, limit=PAGE, after_id=deep, **newest))  # noqa: B023
            medians += [counted[0] + first[0], later[0]]
            said = f"more than {number.number:,}" if number.more else f"{number.number:,}"
            times = " | ".join(f"{median:.1f} ({tail:.1f})" for median, tail in (counted, first, later))
            sys.stdout.write(f"| `{query or ' '}` | {noun} | {said} | {times} |\n")
            sys.stdout.flush()
    return medians


def measure_pages(rounds: int) -> None:
    """Draw the Library and the Caption page over and over, each time on another page or image, and print the times."""
    for name, turns in (("library", ({"q": "color:red"}, {"q": "level:partial"}, {})), ("caption", ({"image": "7"}, {"image": "200000"}))):
        app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
        app.switch_page(f"workbench/ui/pages/{name}.py").run()
        for turn in turns:

            def draw(app: AppTest = app, turn: dict[str, str] = turn) -> None:
                app.query_params.clear()
                app.query_params.update(turn)
                app.run()

            median, tail = milliseconds(rounds, draw)
            sys.stdout.write(f"{name} {turn}: {median:.0f} ms ({tail:.0f})\n")


def main() -> None:
    """Make the store where it is not there, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captions", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "million-captions")
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    os.environ["WORKBENCH_HOME"] = str(given.home)
    engines = connect(read_settings(given.home).database_url)
    upgrade(engines.writer)
    with transaction(engines.reader) as session:
        empty = images.count(session) == 0
    if empty:
        make(engines.writer, given.captions)
    sys.stdout.write("| query | of | count | count ms (p95) | first page | deep page |\n|---|---|---|---|---|---|\n")
    with transaction(engines.reader) as session:
        medians = measure_queries(session, given.rounds)
    sys.stdout.write(f"slowest median {max(medians):.0f} ms, median of all {statistics.median(medians):.1f} ms\n")
    measure_pages(given.rounds)
    sys.stdout.write(f"resident memory {psutil.Process().memory_info().rss / 1e6:.0f} MB\n")


if __name__ == "__main__":
    main()
