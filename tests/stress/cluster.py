"""Workers on three hosts, media on S3, the store on PostgreSQL: what becomes of the work of a host whose link is cut.

    python -m tests.stress.cluster [--photos 200] [--no-colors]      as root: it makes network namespaces (iproute2)

Three network namespaces with veth pairs on one bridge stand for three machines; each has a home and a worker of its own. On the bridge's
address are a PostgreSQL server and one that speaks S3. While an import and a colorize run are at work, the link of the host that has
them is cut; told is how long until another one went on. Later the link comes back, and the cut-off worker meets what was done without it.
At last a worker is asked to stop in the middle of an import. Everything must be there once. Ends by itself; status 1 where it is not.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from db.enums import RunStatus
from db.models import Caption, Colorization, Image
from tests.postgres import cluster, database
from tests.s3_server import KEYS, serving
from tests.stress import small_store
from workbench.open_store import Store, open_store
from workbench.settings import read_settings

BRIDGE, HERE, NETWORK = "wbcluster", "10.231.7.1", "10.231.7.0/24"
HOSTS = ("alpha", "beta", "gamma")
BUCKET = "workbench"
MOST_SECONDS = 60.0
"""Until the work of a host that was cut off goes on elsewhere."""
LONGEST_SECONDS = 600
COLORS = {"checkpoint": small_store.CHECKPOINT, "seeds": list(range(6))}


def ip(*words: str) -> None:
    """Call iproute2."""
    subprocess.run(["ip", *words], check=True)


@contextmanager
def network() -> Iterator[None]:
    """A bridge with a namespace for each host on it; taken away at the end, and before it where a killed run has left it."""
    _take_away()
    ip("link", "add", BRIDGE, "type", "bridge")
    try:
        ip("addr", "add", f"{HERE}/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for number, host in enumerate(HOSTS, 11):
            ip("netns", "add", f"wb-{host}")
            ip("link", "add", f"wb-{host}", "type", "veth", "peer", "name", "eth0", "netns", f"wb-{host}")
            ip("link", "set", f"wb-{host}", "master", BRIDGE, "up")
            ip("-n", f"wb-{host}", "addr", "add", f"10.231.7.{number}/24", "dev", "eth0")
            ip("-n", f"wb-{host}", "link", "set", "eth0", "up")
            ip("-n", f"wb-{host}", "link", "set", "lo", "up")
        yield
    finally:
        _take_away()


def _take_away() -> None:
    for host in HOSTS:
        subprocess.run(["ip", "netns", "del", f"wb-{host}"], check=False, stderr=subprocess.DEVNULL)
    subprocess.run(["ip", "link", "del", BRIDGE], check=False, stderr=subprocess.DEVNULL)


def link(host: str, state: str) -> None:
    """Cut a host's link (down), or mend it (up)."""
    ip("link", "set", f"wb-{host}", state)


@contextmanager
def media_server() -> Iterator[None]:
    """A server of media on the bridge's address, and what the environment says of it."""
    import boto3

    with serving(HERE) as address:
        os.environ |= KEYS | {"AWS_ENDPOINT_URL": address, "WORKBENCH_MEDIA_URL": f"s3://{BUCKET}/media"}
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield


@contextmanager
def workers(folder: Path) -> Iterator[dict[str, subprocess.Popen]]:
    """A worker on each host, in a home of its own; stopped at the end."""
    started = {}
    for host in HOSTS:
        command = ["ip", "netns", "exec", f"wb-{host}", sys.executable, "-m", "pipelines", "work", "--home", str(folder / host)]
        with (folder / f"{host}.log").open("wb") as log:
            started[host] = subprocess.Popen([*command, "--name", host], stdout=log, stderr=log, start_new_session=True)
    try:
        yield started
    finally:
        for child in started.values():
            child.terminate()
        for child in started.values():
            try:
                child.wait(120)
            except subprocess.TimeoutExpired:
                child.kill()


def wait(store: Store, run_id: int, met, what: str):
    """The run once a condition holds of it."""
    small_store.until(lambda: met(small_store.state_of(store, run_id)), LONGEST_SECONDS, what)
    return small_store.state_of(store, run_id)


def under_way(run) -> bool:
    """Whether some of a run is done, and not all."""
    return run.status is RunStatus.RUNNING and run.executor is not None and run.done > 0


def ended(run) -> bool:
    """Whether a run is over."""
    return run.status not in (RunStatus.QUEUED, RunStatus.RUNNING)


def cut(store: Store, name: str, run_id: int) -> float:
    """Cut the link of the host that has the run, in the middle; the seconds until another one went on with it."""
    run = wait(store, run_id, lambda run: under_way(run) or ended(run), f"{name} to begin")
    if ended(run):
        raise RuntimeError(f"{name} ended before it could be cut: {run.message}")
    host = run.executor
    link(host, "down")
    began, done = time.monotonic(), small_store.state_of(store, run_id).done
    after = wait(store, run_id, lambda run: run.executor not in (None, host), f"{name} to be taken over")
    taken_over = time.monotonic() - began
    wait(store, run_id, lambda run: run.done > done or ended(run), f"{name} to go on")
    gone_on = time.monotonic() - began
    told = f"{after.executor} had it after {taken_over:.1f} s, and more after {gone_on:.1f} s"
    say(f"{name}: {host} was cut off at {done} of {run.total}; {told}")
    time.sleep(5)
    link(host, "up")
    return taken_over


def drain(store: Store, run_id: int, running: dict[str, subprocess.Popen]) -> float:
    """Ask the worker that has the run to stop, in the middle; the seconds until its process was gone."""
    run = wait(store, run_id, under_way, "an import to begin")
    began = time.monotonic()
    running[run.executor].send_signal(signal.SIGTERM)
    status = running[run.executor].wait(LONGEST_SECONDS)
    seconds = time.monotonic() - began
    say(f"drain: {run.executor} was asked to stop at {run.done} of {run.total}; it was gone after {seconds:.1f} s, status {status}")
    return seconds


def wrong(store: Store, photos: int, run_ids: dict[str, int]) -> list[str]:
    """What was lost or doubled."""
    problems = []
    for name, run_id in run_ids.items():
        run = small_store.state_of(store, run_id)
        if run.status is not RunStatus.DONE or run.failed:
            problems.append(f"{name}: {run.status.value}, {run.failed} failed: {run.message}")
    imports = [run_id for name, run_id in run_ids.items() if name != "colorize"]
    with store.reading() as session:
        names = Counter(session.scalars(select(Image.file_name).where(Image.run_id.in_(imports))))
        texts = session.scalar(select(func.count(Caption.id)).where(Caption.run_id.in_(imports)))
        made = Counter(session.execute(select(Colorization.caption_id, Colorization.seed)).all())
    if len(names) != photos * len(imports) or names.total() != len(names) or texts != len(names):
        problems.append(f"{names.total()} images under {len(names)} names with {texts} captions; wanted {photos * len(imports)}")
    wanted = small_store.CAPTIONS * len(COLORS["seeds"]) if "colorize" in run_ids else 0
    if made.total() != wanted or len(made) != wanted:
        problems.append(f"{made.total()} colorizations of {len(made)} captions and seeds; wanted {wanted}")
    found = small_store.doctor(store)
    say(f"images {names.total()}, captions {texts}, colorizations {made.total()}; doctor --deep: {found or 'clean'}")
    return problems + ([found] if found else [])


def say(sentence: str) -> None:
    """Tell at once."""
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def walk(folder: Path, photos: int, colors: bool) -> bool:
    """All of it; whether nothing was lost and nobody waited too long."""
    store = small_store.made(folder / "curator") if colors else open_store(read_settings(folder / "curator"))
    run_ids, waited = {}, []
    with workers(folder) as running:
        if colors:  # before the imports: what is colored are the captions of the small store
            run_ids["colorize"] = small_store.ask(store, "colorize_images", **COLORS)
            waited.append(cut(store, "colorize", run_ids["colorize"]))
            wait(store, run_ids["colorize"], ended, "the colorizations")
        first = small_store.photos(folder / "photos-1", 0, photos)
        run_ids["import"] = small_store.ask(store, "import_images", paths=[str(first)])
        waited.append(cut(store, "import", run_ids["import"]))
        wait(store, run_ids["import"], ended, "the import")
        second = small_store.photos(folder / "photos-2", photos, photos)
        run_ids["second import"] = small_store.ask(store, "import_images", paths=[str(second)])
        drain(store, run_ids["second import"], running)
        wait(store, run_ids["second import"], ended, "the second import")
    problems = wrong(store, photos, run_ids)
    store.close()
    for problem in problems:
        say(f"wrong: {problem}")
    return not problems and max(waited) <= MOST_SECONDS


def main() -> int:
    """Build the machines, let them work, and take them away."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--no-colors", action="store_true", help="imports alone: workers need no torch then")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by way of what takes the machines away
    with (
        tempfile.TemporaryDirectory(prefix="cluster-") as name,
        network(),
        cluster(HERE, NETWORK) as server,
        database(server) as store_url,
        database(server) as jobs_url,
        media_server(),
    ):
        os.environ |= {"WORKBENCH_DATABASE_URL": store_url, "WORKBENCH_JOBS_URL": jobs_url}
        return int(not walk(Path(name), options.photos, not options.no_colors))


if __name__ == "__main__":
    sys.exit(main())
