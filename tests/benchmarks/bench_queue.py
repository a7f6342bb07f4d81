"""How many runs and batches a second the queue carries out, on SQLite, with one worker and a job that does nothing.

python -m tests.benchmarks.bench_queue [--runs 100] [--batches 10] [--json]
"""

import argparse
import json
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import SimpleNamespace

from pipelines.worker import engine
from pipelines.worker.job import Plan, StepResult
from pipelines.worker.process import Rhythm, Worker
from workbench import runs
from workbench.open_store import open_store
from workbench.settings import read_settings


def measure(folder: Path, count: int, batches: int) -> dict[str, float]:
    """Ask for `count` runs of `batches` batches and wait until all are done."""
    store = open_store(read_settings(folder))
    nothing = SimpleNamespace(
        plan=lambda _context: Plan(list(range(batches)), batches),
        step=lambda _context, _batch: StepResult(done=1),
        finish=lambda _context, _findings: {},
    )
    engine.load_job = lambda _name: nothing
    with store.writing() as session:
        for _ in range(count):
            last = runs.create(session, "thumbnails", {}, requested_by="benchmark").id
    worker = Worker(store, ["files"], rhythm=Rhythm(poll=0.05))
    thread = threading.Thread(target=worker.run)
    started = time.monotonic()
    thread.start()
    while True:
        with store.reading() as session:
            done = runs.get(session, last).status in runs.ENDED and not runs.listing(session, status="running", limit=1)
        if done:
            break
        time.sleep(0.05)
    seconds = time.monotonic() - started
    worker.stop()
    thread.join()
    store.close()
    return {"runs": count, "batches": batches, "seconds": round(seconds, 2), "batches_a_second": round(count * batches / seconds, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--batches", type=int, default=25)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measured = measure(Path(folder), options.runs, options.batches)
    line = json.dumps(measured) if options.json else f"queue: {measured['batches_a_second']} batches a second ({measured})"
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
