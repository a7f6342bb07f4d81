"""`kill -9` of the front at random moments while people rate: every answer that was acknowledged is there once, as it was given.

    python -m tests.stress.web_kills [--kills 20] [--raters 12] [--seed 0]

Raters behave as the page does: an answer that is not acknowledged is sent again until it is. The process is killed, and started again at
its address. Ends by itself; status 1 where an answer was lost, doubled or changed, or `workbench doctor --deep` finds damage.
"""

import argparse
import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx

from tests.benchmarks import rater_load
from tests.benchmarks.rater_load import Outcome, Rater
from tests.e2e.serving import ROOT, free_port, wait_for_app
from tests.stress import small_store
from workbench.open_store import open_store
from workbench.rating import vision_tests
from workbench.settings import read_settings

TRIALS, VOTES = 36, 6
LONGEST_SECONDS = 1200.0


class Web:
    """The front, at one address however often it is killed; nothing is behind it."""

    def __init__(self, home: Path):
        self.home, self.port = home, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.child = self._started()

    def _started(self) -> subprocess.Popen:
        arguments = [sys.executable, "-m", "workbench.ui.front", "--port", str(self.port), "--socket", str(self.home.parent / "pages")]
        environment = os.environ | {"WORKBENCH_HOME": str(self.home)}
        with (self.home.parent / "app.log").open("ab") as log:
            child = subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        wait_for_app(child, f"{self.address}/r/page/page.css")
        return child

    def kill(self) -> None:
        """End it as a power cut would, and start it again."""
        self.stop()
        self.child = self._started()

    def stop(self) -> None:
        """End it."""
        self.child.kill()
        self.child.wait()


async def _insist(client: httpx.AsyncClient, method: str, path: str, **options) -> httpx.Response:
    """Ask until the server answers, as the page does."""
    while True:
        try:
            answer = await client.request(method, path, **options)
        except httpx.TransportError:
            await asyncio.sleep(0.4)
            continue
        if answer.status_code < 500:
            return answer.raise_for_status()
        await asyncio.sleep(0.4)


async def _rate(client: httpx.AsyncClient, rater: Rater, outcome: Outcome) -> None:
    chance = random.Random(rater.id)

    async def post(path: str, **body) -> dict:
        return (await _insist(client, "POST", f"/r/{rater.token}/{path}", json=body)).json()

    await post("consent", agreed=True)
    await post("display", **{name: vision_tests.field_count(name, rater.plate_set) for name in vision_tests.FIELDS})
    told = await post("vision", answers=[plate.digit for plate in vision_tests.plates_of(rater.plate_set)])
    while told["step"] in ("trial", "retry"):
        if told["step"] == "retry":
            told = (await _insist(client, "GET", f"/r/{rater.token}/next")).json()
            continue
        trial = told["trial"]
        for path in trial["pictures"]:
            await _insist(client, "GET", f"/r/{rater.token}/{path}")
        seconds = round(chance.uniform(0.1, 1.0), 6)
        await asyncio.sleep(seconds)
        choice = chance.choice([0, 1, "tie"])
        rater.answers.append((trial["name"], choice, seconds))
        told = await post("vote", trial=trial["name"], choice=choice, seconds=seconds)
        outcome.seconds.append(seconds)


async def _rate_and_kill(web: Web, people: list[Rater], outcome: Outcome, kills: int, chance: random.Random) -> int:
    limits = httpx.Limits(max_connections=2 * len(people))
    async with httpx.AsyncClient(base_url=web.address, timeout=60, limits=limits, trust_env=False) as client:
        rating = asyncio.gather(*(_rate(client, rater, outcome) for rater in people))
        done = 0
        while done < kills and not rating.done():
            await asyncio.sleep(chance.uniform(0.2, 4.0))
            await _in_thread(web.kill)
            done += 1
        await asyncio.wait_for(rating, LONGEST_SECONDS)
    return done


async def _in_thread(call: Callable[[], None]) -> None:
    await asyncio.get_running_loop().run_in_executor(None, call)


def main() -> int:
    """Rate and kill; status 1 where an acknowledged answer is not in the store once and as it was given."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--raters", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="web-kills-") as name:
        home = Path(name) / "home"
        home.mkdir()
        people = rater_load.make_store(home, options.raters, TRIALS, VOTES)
        outcome, web = Outcome(options.raters, TRIALS), Web(home)
        try:
            done = asyncio.run(_rate_and_kill(web, people, outcome, options.kills, random.Random(options.seed)))
        finally:
            web.stop()
        rater_load.compare(home, people, VOTES, outcome)
        store = open_store(read_settings(home))
        damage = small_store.doctor(store)
        store.close()
    print(f"{done} kills while {options.raters} raters gave {len(outcome.seconds)} answers, in {time.monotonic() - began:.0f} s")  # noqa: T201
    print(f"in the store {outcome.stored}; lost {outcome.lost}, double {outcome.double}, changed {outcome.mistaken}, ", end="")  # noqa: T201
    print(f"trials with more votes than asked for {outcome.over_asked}\n{damage or 'doctor --deep clean'}")  # noqa: T201
    return int(bool(outcome.lost or outcome.double or outcome.mistaken or damage or done < options.kills))


if __name__ == "__main__":
    sys.exit(main())
