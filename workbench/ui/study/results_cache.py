"""Results, and what is made of them, computed beside the page, once for each state of the votes; the page waits and stays usable."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Any

import streamlit as st

from db.session import transaction
from workbench.reports.results_version import state_of
from workbench.ui.app import context

if TYPE_CHECKING:
    from workbench.analysis.results import Results  # loads scipy.stats; the thread beside does that

__all__ = ["if_ready", "made", "results", "state"]

KEPT = 12
"""Results and reports that stay in memory."""
PATIENCE_SECONDS, LOOK_SECONDS = 0.4, 0.2

_beside = ThreadPoolExecutor(1, "results")
"""One at a time: more would only take the processor from each other, and from raters."""
_kept: OrderedDict[Hashable, Future[Any]] = OrderedDict()
_lock = Lock()


def results(study_id: int, votes: int, question: str = "") -> "Results":
    """A study's results, on one of its further questions where one is named; `votes` are told while the page waits.

    Raises what computing them raises.
    """
    return made((*state(study_id), question), _computing(study_id, question), f"Computing the results of {votes:,} votes")


def if_ready(study_id: int) -> "Results | None":
    """A study's results where they are there already; None, and they are begun, where they are not. Raises what computing them raises."""
    future = _ask((*state(study_id), ""), _computing(study_id))
    return future.result() if future.done() else None


def _computing(study_id: int, question: str = "") -> Callable[[], "Results"]:
    engines = context.engines()

    def compute() -> "Results":
        from workbench.rating.results import study_results  # here: it loads scipy.stats, which the page itself does not need

        with transaction(engines.reader) as session:
            return study_results(session, study_id, question=question)

    return compute


def state(study_id: int) -> tuple[Any, ...]:
    """What a study's results depend on, in this store."""
    with context.reading() as session:
        return (context.settings().database_url, study_id, *state_of(session, study_id))


def made(key: Hashable, make: Callable[[], Any], what: str) -> Any:
    """What `make` returns, made beside and kept under a key; `what` is being done is told while the page waits."""
    future, place, began = _ask(key, make), st.empty(), time.monotonic()
    while not future.done():
        waited = time.monotonic() - began
        if waited > PATIENCE_SECONDS:
            # Every word is a moment at which Streamlit can leave this run for whatever was clicked meanwhile.
            place.caption(f"{what}: {waited:.0f} s")
        time.sleep(LOOK_SECONDS if waited > PATIENCE_SECONDS else 0.02)
    place.empty()
    return future.result()


def _ask(key: Hashable, make: Callable[[], Any]) -> Future[Any]:
    """What is being made, or was, under a key; what failed is tried again."""
    with _lock:
        kept = _kept.get(key)
        if kept is None or (kept.done() and kept.exception()):
            _kept[key] = _beside.submit(make)
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
        return _kept[key]
