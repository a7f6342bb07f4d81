"""A full disk, and a folder that cannot be written to, during each job: a sentence, and after that is over the run goes on to its end.

    python -m tests.stress.full_disk [--seed 0] [--only import,export] [--megabytes 96]

The store lies on a small disk in memory of its own, so this needs the right to mount one (root). While a worker, kept alive as
`workbench up` does, carries a run out, the disk is filled up to a random rest, or the folder that the job writes to is made read-only; then
there is room again, and the run, resumed where it has failed, must come to its whole end, and `workbench doctor --deep` find nothing.
Ends by itself; status 1 where a sentence was missing or something lost.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from db.enums import RunStatus
from pipelines.worker.child_processes import KeptAlive, stop
from tests.stress import small_store
from tests.stress.worker_kills import JOBS, wrong_release
from workbench import runs
from workbench.open_store import Store

PATIENCE_SECONDS, LONGEST_SECONDS = 40.0, 300.0
"""How long a sentence may take to come, and a run to end."""
WRITES = {"colorize": "media", "export": "exports", "retrain": "trainings", "import": "media"}
"""The folder of the home that each job writes to."""
REST_KILOBYTES = (0, 4, 30, 100, 300)
SENTENCES = {"full": "no space left", "read-only": "cannot be written"}


def call(*command: object) -> None:
    """Run a command; raises CalledProcessError where it fails."""
    subprocess.run(list(map(str, command)), check=True, capture_output=True)


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A disk of its own in memory, mounted on a folder."""
    folder.mkdir()
    call("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", folder)
    try:
        yield
    finally:
        call("umount", "--lazy", folder)


@contextmanager
def full(home: Path, rest_kilobytes: int) -> Iterator[None]:
    """The disk, filled but for a rest."""
    ballast = home / "ballast"
    with ballast.open("wb") as stream:
        free = os.statvfs(home).f_bavail * os.statvfs(home).f_frsize - (rest_kilobytes << 10)
        os.posix_fallocate(stream.fileno(), 0, max(free, 1))
    try:
        yield
    finally:
        ballast.unlink()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """A folder that cannot be written to."""
    folder.mkdir(exist_ok=True)
    call("mount", "--bind", folder, folder)
    call("mount", "-o", "remount,bind,ro", folder)
    try:
        yield
    finally:
        call("umount", folder)


class Trouble:
    """One job under one trouble after another."""

    def __init__(self, store: Store, chance: random.Random):
        self.store, self.chance = store, chance
        self.problems: list[str] = []

    def job(self, kind: str, trouble: str, number: int) -> str:
        """Carry a run out through a trouble; what it said meanwhile."""
        run_id = JOBS[kind].ask(self.store, number)
        home = self.store.settings.home
        rest = self.chance.choice(REST_KILOBYTES)
        in_trouble = full(home, rest) if trouble == "full" else read_only(home / WRITES[kind])
        kept = KeptAlive("The worker", lambda: small_store.worker(self.store))
        try:
            self._until(kept, run_id, {*runs.ENDED, RunStatus.RUNNING}, "a worker at")
            with in_trouble:
                said = self._meanwhile(run_id, kept)
            self._to_its_end(run_id, kept)
        finally:
            stop([kept.child], seconds=60)
        run = small_store.state_of(self.store, run_id)
        wrong = JOBS[kind].wrong(self.store, run, number) if run.status is RunStatus.DONE else f"{run.status.value}: {run.message}"
        if wrong:
            self.problems.append(f"{kind}, {trouble}: {wrong}")
        if said and SENTENCES[trouble] not in said and not said.startswith("done"):
            self.problems.append(f"{kind}, {trouble}: it said: {said}")
        said = said or f"said nothing; its log ends: {self._log_end()}"
        return f"{rest} KB left: {said}" if trouble == "full" else said

    def _log_end(self) -> str:
        lines = (self.store.settings.home / "worker.log").read_text(errors="replace").splitlines()
        return next((line for line in reversed(lines) if "Error" in line or "full" in line), "")[:300]

    def _until(self, kept: KeptAlive, run_id: int, states: set[RunStatus], what: str) -> None:
        def has_come() -> bool:
            kept.look()
            return self._state(run_id) in states

        small_store.until(has_come, LONGEST_SECONDS, f"{what} run {run_id}")

    def _state(self, run_id: int) -> RunStatus:
        return small_store.state_of(self.store, run_id).status

    def _meanwhile(self, run_id: int, kept: KeptAlive) -> str:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            kept.look()
            run = small_store.state_of(self.store, run_id)
            if run.status in runs.ENDED:
                return f"{run.status.value}: {run.message}"
            time.sleep(0.1)
        return ""

    def _to_its_end(self, run_id: int, kept: KeptAlive) -> None:
        if self._state(run_id) is RunStatus.FAILED:
            small_store.resume(self.store, run_id)

        self._until(kept, run_id, set(runs.ENDED), "the end of")

    def release(self, trouble: str, number: int) -> str:
        """Make a release by its command through a trouble."""
        home = self.store.settings.home
        command = [sys.executable, "-m", "pipelines", "releases", "create", f"release-{number}", "--home", str(home)]
        small_store.describe(self.store, number)  # something new to freeze
        with full(home, 0) if trouble == "full" else read_only(home / "media"):
            said = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_SECONDS).stderr.strip()
        if "Traceback" in said or SENTENCES[trouble] not in said:
            self.problems.append(f"release, {trouble}: it said: {said[-500:]}")
        again = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_SECONDS)
        if wrong := wrong_release(self.store, number) if again.returncode == 0 else again.stderr:
            self.problems.append(f"release, {trouble}: {wrong}")
        return said


def main() -> int:
    """Bring every job into trouble; status 1 where one said nothing, or did not come to its whole end."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help=f"of {', '.join((*JOBS, 'release'))}")
    parser.add_argument("--megabytes", type=int, default=96)
    options = parser.parse_args()
    chosen = [kind for kind in (*JOBS, "release") if not options.only or kind in options.only.split(",")]
    with tempfile.TemporaryDirectory(prefix="full-disk-", ignore_cleanup_errors=True) as name:
        disk = Path(name) / "disk"
        with small_disk(disk, options.megabytes):
            store = small_store.made(disk / "home")
            troubles, number = Trouble(store, random.Random(options.seed)), 0
            for kind in chosen:
                for trouble in SENTENCES:
                    number += 1
                    said = troubles.job(kind, trouble, number) if kind in JOBS else troubles.release(trouble, number)
                    if damage := small_store.doctor(store):
                        troubles.problems.append(f"{kind}, {trouble}: {damage}")
                    sys.stdout.write(f"{kind:9} {trouble:9} {said or 'waited until there was room'}\n")
                    sys.stdout.flush()
            store.close()
    print("\n".join(troubles.problems) or "every run came to its whole end; doctor --deep clean")  # noqa: T201
    return int(bool(troubles.problems))


if __name__ == "__main__":
    sys.exit(main())
