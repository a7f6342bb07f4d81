"""How long another writer waits while a job is at work, on SQLite.

    python -m tests.stress.lock_waits [--pictures 300]
    python -m tests.stress.lock_waits --items 100000 [--folder DIR]      a store of so many items, made by bulk statements

A second process asks for the write lock every 10 ms and gives it back at once; told are its longest and its median wait under each job.
Ends by itself; status 1 where a wait was longer than a second.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pipelines.worker.engine import execute
from pipelines.worker.job import JobContext
from tests.pictures import png
from tests.stores import colorize, insert_checkpoint
from workbench import releases, runs, studies
from workbench.open_store import Store, open_store
from workbench.settings import read_settings
from workbench.store import events
from workbench.studies import build, design_io

MOST_SECONDS = 1.0
WATCH = """
import json, sys, time
from db.session import connect
writer, waits = connect("sqlite:///" + sys.argv[1]).writer, []
writer.connect().close()
sys.stdout.write("ready\\n"); sys.stdout.flush()
end = []
import threading
threading.Thread(target=lambda: (sys.stdin.read(), end.append(1)), daemon=True).start()
while not end:
    start = time.perf_counter()
    with writer.begin():
        waits.append(time.perf_counter() - start)
    time.sleep(0.01)
waits.sort()
print(json.dumps({"longest": waits[-1], "median": waits[len(waits) // 2], "asked": len(waits)}))
"""


@contextmanager
def watched(store: Store, told: dict[str, dict], name: str) -> Iterator[None]:
    """Watch over the write lock while a job is at work."""
    place = str(store.settings.home / "workbench.sqlite")
    child = subprocess.Popen([sys.executable, "-c", WATCH, place], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    child.stdout.readline()
    yield
    told[name] = json.loads(child.communicate()[0])


def carry_out(store: Store, job: str, **parameters: object) -> int:
    """Carry a job out in this process; the run's id."""
    with store.writing() as session:
        run = runs.create(session, job, parameters, requested_by="stress")
        runs.start(session, run.id)
    execute(JobContext(store, run.id, run.job, run.parameters, run.requested_by))
    return run.id


def small_store(folder: Path, count: int) -> dict[str, dict]:
    """Watch the jobs on a store of so many real pictures."""
    told: dict[str, dict] = {}
    (folder / "photos").mkdir()
    for number in range(count):
        (folder / "photos" / f"{number}.png").write_bytes(png(number))
        (folder / "photos" / f"{number}.txt").write_text("a red cup on a brown table\na cup on a table\n")
    store = open_store(read_settings(folder / "home"))
    with watched(store, told, "import"):
        run_id = carry_out(store, "import_images", paths=[str(folder / "photos")])
    with store.writing() as session:
        for checkpoint in ("one", "two"):
            colorize(session, store.media, insert_checkpoint(session, checkpoint))
    study(store, told, "checkpoint")
    release(store, told)
    with watched(store, told, "thumbnails"):
        carry_out(store, "thumbnails")
    with watched(store, told, "level captions"):
        carry_out(store, "level_captions")
    with watched(store, told, "rollback"), store.writing() as session:
        events.rollback(session, events.batch_of_run(run_id + 2), actor="stress")
    store.close()
    return told


def study(store: Store, told: dict[str, dict], between: str) -> None:
    """Watch a study of everything being made."""
    design = design_io.read(f"name: s\nquestion: Which?\nmethod: pair\nstimuli: {{between: [{between}]}}\n")
    with watched(store, told, "studies create"):
        with store.reading() as session:
            pictured = build.picture(session, store.media, design)
        made = studies.enter(design, pictured, author="stress", writing=store.writing, reading=store.reading)
    told["studies create"]["of"] = f"{made.trials:,} trials"


def release(store: Store, told: dict[str, dict]) -> None:
    """Watch a release of everything being made."""
    with (
        watched(store, told, "releases create"),
        store.reading() as looking,
        releases.prepared(looking, store.media, name="set", author="stress") as ready,
    ):
        releases.enter(ready, writing=store.writing, reading=store.reading)
        items = len(ready.items)
    told["releases create"]["of"] = f"{items:,} items"


def tell(job: str, waits: dict) -> None:
    """One line of what others waited under a job."""
    times = f"longest {waits['longest'] * 1000:8.1f} ms  median {waits['median'] * 1000:6.2f} ms  of {waits['asked']:,} waits"
    sys.stdout.write(f"{job:18} {times}  {waits.get('of', '')}".rstrip() + "\n")
    sys.stdout.flush()


def main() -> int:
    """Watch each job; status 1 where somebody waited for longer than MOST_SECONDS."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=300)
    parser.add_argument("--items", type=int, help="watch over a store of so many items instead")
    parser.add_argument("--folder", type=Path, help="where the store of --items is made and left, to be copied each time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="waits-") as name:
        if options.items:
            from tests.stress.large_jobs import watch  # imports this module

            told = watch(options.folder or Path(name), options.items)
        else:
            told = small_store(Path(name), options.pictures)
            for job, waits in told.items():
                tell(job, waits)
    return int(max(waits["longest"] for waits in told.values()) > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
