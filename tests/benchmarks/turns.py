"""Timing several procedures in one run, a step of each in turn, so that a change of the machine's load falls on all of them alike."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

Result = TypeVar("Result")
Pause = Callable[[], None]


@dataclass
class Turns:
    """What one procedure returned, and the wall-clock and processor seconds of each of its turns."""

    result: object = None
    seconds: list[float] = field(default_factory=list)
    processor_seconds: list[float] = field(default_factory=list)


def in_turns(procedures: Mapping[str, Callable[[Pause], Result]]) -> dict[str, Turns]:
    """Run procedures side by side, only one of them at any moment; each is called with a function that hands over to the next.

    Every procedure has a thread of its own. Processor seconds are the process's, so they hold however many others compete.
    An exception in one of them is raised here after the others have ended.
    """
    gates = {name: threading.Semaphore(0) for name in procedures}
    handed_back = threading.Semaphore(0)
    turns = {name: Turns() for name in procedures}

    def pause_of(name: str) -> Pause:
        def pause() -> None:
            handed_back.release()
            gates[name].acquire()

        return pause

    def live(name: str) -> None:
        gates[name].acquire()
        try:
            turns[name].result = procedures[name](pause_of(name))
        finally:
            handed_back.release()

    with ThreadPoolExecutor(len(procedures)) as threads:
        futures = {name: threads.submit(live, name) for name in procedures}
        while running := [name for name, future in futures.items() if not future.done()]:
            for name in running:
                started, processor = time.perf_counter(), time.process_time()
                gates[name].release()
                handed_back.acquire()
                turns[name].seconds.append(time.perf_counter() - started)
                turns[name].processor_seconds.append(time.process_time() - processor)
            time.sleep(0.001)  # lets a thread that has just handed back its last turn end
        for future in futures.values():
            future.result()
    return turns
