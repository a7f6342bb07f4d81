"""How quickly a store of a million captions answers: every key of the grammar, alone and combined, the turn of a page, and the memory.

    python -m tests.benchmarks.bench_captions [--captions 1000000] [--home DIR] [--rounds 9] [--random 200] [--only queries|pages]

The store is made first where DIR has none (`million_captions`; some four minutes, two gigabytes). For each query three things are timed
through the functions that the pages use: the count, the first page, and a page far in. Beside the time on the clock stands the processor
time of the thread: on a machine that does other work the first says how busy it is, the second what the answer costs. Then the app is
served and its pages are turned in a browser, and the memory of the web process is read.
"""

import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Caption, Image
from db.session import transaction
from tests.benchmarks import turning_pages
from tests.benchmarks.million_captions import make
from workbench import captions, images
from workbench.open_store import open_store
from workbench.regions import quality_checks
from workbench.settings import read_settings

PAGE = 60
ALONE = (
    "", "level:scarce", "level:complete,partial", "color:red", "color:purple", "object:dog", "object:glassmill", "object:*boat",
    "origin:human", "origin:model", "status:proposed", "status:dropped", "tokens:>75", "tokens:10-20", "has:caption", "has:mask",
    "has:reference", "has:colorization", "has:duplicate", "reviewed", 'source:"album 3"', "source:album*", "tag:night", "tag:odd",
    "tag:outdoor", "tag:o*", "file:IMG_0000123", "file:album-00", "id:1200-1300", "id:>1200", "caption:>999000", "caption:<999000",
    "zebra", "a", '"next to a red car"', '"a red"',
)  # fmt: skip
TOGETHER = (
    "NOT has:reference", "NOT level:scarce", "NOT has:caption", "NOT tag:outdoor", "NOT zebra", "NOT has:mask reviewed",
    "level:partial color:red", "level:partial color:red has:mask NOT reviewed", "level:scarce color:red",
    "level:scarce color:red tag:outdoor",
    "color:red OR tag:odd", "tag:night NOT has:mask", "(color:red OR color:pink) object:zebra NOT tag:outdoor",
    "NOT (level:scarce OR color:red) tokens:>20", "color:red NOT level:scarce", 'object:copperkettle "at night"',
    "tag:odd level:complete color:blue", 'source:"album 0" color:yellow object:cow', "dog cat bird NOT horse", "dog cat",
    "zebra level:partial origin:human", "object:winter* origin:human,model NOT status:proposed", "color:red status:dropped",
    "(level:partial color:red) OR (tag:night has:mask)", "NOT (level:partial color:red) tag:night", "NOT (level:partial color:red)",
    "file:album-00 color:red", "NOT file:album-00 color:purple", "file:IMG_0000123 OR color:purple", "id:>200000 level:partial color:red",
    "id:1200-1300 level:partial", "caption:>500000 color:red tag:night", "has:duplicate level:complete color:red tag:outdoor",
)  # fmt: skip


def times(rounds: int, action: Callable[[], object]) -> tuple[float, float]:
    """Medians of an action's time on the clock and on the processor, in milliseconds; a first one is not counted."""
    action()
    clock, processor = [], []
    for _ in range(rounds):
        began = time.perf_counter(), time.thread_time()
        action()
        clock.append(1000 * (time.perf_counter() - began[0]))
        processor.append(1000 * (time.thread_time() - began[1]))
    return statistics.median(clock), statistics.median(processor)


def measure_queries(session: Session, rounds: int) -> None:
    """Time and print every query over captions and over images."""
    deep_caption = session.scalar(select(func.max(Caption.id))) * 9 // 10
    deep_image = session.scalar(select(func.max(Image.id))) // 10
    say("| query | of | match | count, ms (processor) | first page | deep page |\n|---|---|---:|---:|---:|---:|")
    clocks, processors = [], []
    for query in ALONE + TOGETHER:
        for noun, service, deep, order in (
            ("captions", captions, deep_caption, {}),
            ("images", images, deep_image, {"newest_first": True}),
        ):
            number = service.count(session, query)
            took = [
                times(rounds, lambda service=service, query=query: service.count(session, query)),
                times(rounds, lambda service=service, query=query, order=order: service.find(session, query, limit=PAGE, **order)),
                times(
                    rounds,
                    lambda service=service, query=query, order=order, deep=deep: service.find(
                        session, query, limit=PAGE, after_id=deep, **order
                    ),
                ),
            ]
            clocks += [clock for clock, _ in took]
            processors += [processor for _, processor in took]
            cells = " | ".join(f"{clock:.0f} ({processor:.0f})" for clock, processor in took)
            say(f"| `{query or ' '}` | {noun} | {'> ' if number.more else ''}{number:,} | {cells} |")
    for name, spent in (("clock", clocks), ("processor", processors)):
        over = sum(value > 100 for value in spent)
        say(f"{name}: median {statistics.median(spent):.1f} ms, slowest {max(spent):.0f} ms, {over} of {len(spent)} above 100 ms")


def a_query(chance: random.Random, depth: int = 2) -> str:
    """A random query of the grammar over what the store has: terms, words, AND, OR, NOT and brackets."""
    if depth == 0 or chance.random() < 0.3:
        term = chance.choice([term for term in ALONE if not term.startswith(("caption:", "file:", "status:")) and term])
        return f"NOT {term}" if chance.random() < 0.2 else term
    parts = [a_query(chance, depth - 1) for _ in range(chance.randint(2, 3))]
    inside = chance.choice((" ", " ", " OR ")).join(parts)
    return f"NOT ({inside})" if chance.random() < 0.15 else f"({inside})"


def measure_random(session: Session, number: int, rounds: int) -> None:
    """Time random queries as a visitor meets them: the count and the first page together."""
    chance = random.Random(5)
    taken: list[tuple[float, str]] = []
    for _ in range(number):
        query = a_query(chance)
        for noun, service in (("captions", captions), ("images", images)):

            def answer(service=service, query=query) -> None:
                service.count(session, query)
                service.find(session, query, limit=PAGE)

            taken.append((times(rounds, answer)[0], f"{noun} {query}"))
    clocks = [clock for clock, _ in taken]
    over = sum(clock > 100 for clock in clocks)
    say(f"{len(taken)} random queries, count and first page: median {statistics.median(clocks):.1f} ms, {over} above 100 ms; the slowest:")
    for clock, query in sorted(taken, reverse=True)[:12]:
        say(f"    {clock:.0f} ms: {query}")


def measure_checks(session: Session, rounds: int) -> None:
    """Time the checks as their page asks for them."""
    for name in quality_checks.CHECKS:
        number = quality_checks.count(session, name)
        counted = times(rounds, lambda name=name: quality_checks.count(session, name))
        spent = times(rounds, lambda name=name: quality_checks.find(session, name, 20))
        say(f"check {name}: {number:,}, count {counted[0]:.0f} ms ({counted[1]:.0f}), find {spent[0]:.0f} ({spent[1]:.0f})")
    took = times(rounds, lambda: quality_checks.contradictions(session, 0, 20))
    say(f"check contradictions: a part in {took[0]:.0f} ms ({took[1]:.0f})")


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Make the store where it is not there, measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--captions", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, default=Path(tempfile.gettempdir()) / "million-captions")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--random", type=int, default=200, help="random queries")
    parser.add_argument("--only", choices=("queries", "pages"))
    options = parser.parse_args()
    os.environ["WORKBENCH_HOME"] = str(options.home)
    engines = open_store(read_settings(options.home)).engines
    with transaction(engines.reader) as session:
        empty = images.count(session) == 0
    if empty:
        make(engines.writer, options.captions)
    if options.only != "pages":
        with transaction(engines.reader) as session:
            measure_queries(session, options.rounds)
            measure_random(session, options.random, options.rounds)
            measure_checks(session, options.rounds)
    if options.only != "queries":
        turning_pages.measure(options.home, 2 * options.rounds, say)


if __name__ == "__main__":
    main()
