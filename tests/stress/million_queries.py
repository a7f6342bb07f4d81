"""What the pages of a large store ask for, timed: each by the functions that the page itself calls, in one reading transaction."""

import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from db.enums import CaptionLevel
from db.models import Image
from tests.benchmarks.bench_captions import ALONE, TOGETHER
from workbench import captions, colorizations, images, overview, suggestions
from workbench.captions import completions as words_of_captions
from workbench.captions import history, spelling
from workbench.open_store import Store
from workbench.regions import quality_checks
from workbench.reviews import queue
from workbench.search.completions import completions
from workbench.store import events, kept_numbers

PAGE = 60
LONGEST_SECONDS = 60
ORDERED = ("sort:longest", "sort:adherence", "sort:newest", "color:red sort:longest", "tag:night sort:adherence")
Asked = Callable[[Session], object]


@dataclass(frozen=True)
class Taken:
    """How long something took: the first time and the median of the others, in milliseconds; None where it was broken off.

    `processor` is the median of what the thread itself took, and `best` the shortest time: other work of the machine is in neither.
    """

    group: str
    name: str
    first: float | None
    median: float | None
    processor: float | None = None
    best: float | None = None


def measured(store: Store, rounds: int) -> Iterator[Taken]:
    """Everything that pages ask for, one after the other."""
    with store.reading() as session:
        most = session.query(Image.id).order_by(Image.id.desc()).limit(1).scalar()
    for group, name, asked in [*_searches(most), *_pages(most)]:
        yield _timed(store, group, name, asked, rounds)


def _timed(store: Store, group: str, name: str, asked: Asked, rounds: int) -> Taken:
    times, processor = [], []
    for _ in range(1 + rounds):
        with store.reading() as session:
            connection = session.connection().connection.driver_connection
            watch = threading.Timer(LONGEST_SECONDS, connection.interrupt)
            watch.start()
            began, spent = time.perf_counter(), time.thread_time()
            try:
                asked(session)
            except OperationalError as broken_off:
                if "interrupted" not in str(broken_off):
                    raise
                return Taken(group, name, times[0] if times else None, None)
            finally:
                watch.cancel()
            times.append(1000 * (time.perf_counter() - began))
            processor.append(1000 * (time.thread_time() - spent))
        if times[0] > 30_000:
            break
    return Taken(group, name, times[0], statistics.median(times[1:] or times), statistics.median(processor[1:] or processor), min(times))


def _searches(most: int) -> Iterator[tuple[str, str, Asked]]:
    """The Library's queries: the count, the first page, the page after it, one far in."""
    for query in (*ALONE, *TOGETHER):
        name = query or "(all)"
        yield "images, count", name, lambda session, query=query: images.count(session, query)
        yield "images, first page", name, lambda session, query=query: _page(session, query, None)
        yield "images, deep page", name, lambda session, query=query: _page(session, query, most // 10)
        yield "captions, count", name, lambda session, query=query: captions.count(session, query)
        yield "captions, first page", name, lambda session, query=query: captions.find(session, query, limit=PAGE)
    for query in ORDERED:
        yield "images, in an order", query, lambda session, query=query: _page(session, query, None)


def _page(session: Session, query: str, after_id: int | None) -> list[Image]:
    return images.find(session, query, after_id=after_id, limit=PAGE + 1, newest_first=True)


def _anew(count: Asked, session: Session) -> object:
    kept_numbers.forget()
    return count(session)


def _pages(most: int) -> Iterator[tuple[str, str, Asked]]:
    """What the other pages ask for."""
    yield "home, anew", "counts", lambda session: _anew(overview.counts, session)
    yield "home, anew", "captions by level", lambda session: _anew(captions.counts_by_level, session)
    yield "home", "counts", overview.counts
    yield "home", "captions by level", captions.counts_by_level
    yield "home", "verdicts", queue.counts
    yield "home", "newest colorizations", lambda session: colorizations.newest(session, 300)
    yield "field", "what a query may name", completions
    yield "field", "words of captions", words_of_captions.words
    yield "field", "known nouns", spelling.vocabulary
    for query in ("", "status:proposed", "NOT has:caption", "level:partial color:red", "has:mask"):
        yield "walk", query or "(all)", lambda session, query=query: images.ids(session, query)
    yield "caption", "history of an image", lambda session: history.of_image(session, most // 2)
    yield "caption", "last change of an image", lambda session: history.last_change(session, most // 2)
    yield "inspector", "history of an image", lambda session: events.history(session, "image", most // 2)
    yield "edits", "recent batches", history.recent
    yield "colorize", "rows of a page", lambda session: colorizations.find(session, query="tag:outdoor", limit=60)
    for order in queue.ORDERS:
        yield "review", f"queue, {order}", lambda session, order=order: queue.waiting_ids(session, order=order)
    yield "review", "how many wait", queue.count_waiting
    yield "review", "queue of a query", lambda session: queue.waiting_ids(session, query="color:red")
    for kind in suggestions.KINDS:
        yield "suggestions", kind, lambda session, kind=kind: suggestions.suggest(session, kind)
    for name in quality_checks.CHECKS:
        yield "checks", f"{name}, count", lambda session, name=name: quality_checks.count(session, name)
        yield "checks", f"{name}, first page", lambda session, name=name: quality_checks.find(session, name, 12)
        yield "checks", f"{name}, far in", lambda session, name=name: quality_checks.find(session, name, 12, 10_000)
    yield "checks", "contradictions", lambda session: quality_checks.contradictions(session, 0, 12)
    for level in CaptionLevel:
        yield "api", f"captions of a level, {level}", lambda session, level=level: captions.find(session, f"level:{level}", limit=1000)
