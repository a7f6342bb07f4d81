"""The raters of a full house: they vote over HTTP as their page does, and note what they met."""

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx

from tests.benchmarks.rater_load import Outcome, Rater
from workbench.rating import vision_tests


@dataclass
class House:
    """What happened beside the votes."""

    seconds: float
    """How long it is open."""
    until: float
    asked_again: Counter[str] = field(default_factory=Counter)
    """Answers to raters that were none, by status or error; the page asks again, and so do these."""
    drawn: list[float] = field(default_factory=list)
    """Seconds that a page took."""
    acts: list[float] = field(default_factory=list)
    """Seconds that a change by a curator took."""
    refused: Counter[str] = field(default_factory=Counter)
    locked: int = 0
    runs: Counter[str] = field(default_factory=Counter)
    cut_off: list[str] = field(default_factory=list)
    """What became of workers that were cut off."""
    slowest_takeover: float = 0.0
    """Seconds until another worker had what one that was cut off was at."""

    def is_open(self) -> bool:
        """Whether there is time left."""
        return time.monotonic() < self.until


@dataclass
class RatersPage:
    """What a rater's page does: asks until it is answered, loads each picture once."""

    client: httpx.AsyncClient
    rater: Rater
    house: House

    async def ask(self, method: str, path: str, **body: object) -> httpx.Response:
        """The answer to a request; asked again where there is none."""
        while True:
            try:
                answer = await self.client.request(method, f"/r/{self.rater.token}{path}", json=body or None)
                if answer.status_code < 500:
                    return answer.raise_for_status()
                self.house.asked_again[str(answer.status_code)] += 1
            except httpx.TransportError as error:
                self.house.asked_again[type(error).__name__] += 1
            await asyncio.sleep(0.4)

    async def look(self, paths: list[str]) -> None:
        """Load pictures."""
        for path in paths:
            if path not in self.rater.loaded:
                self.rater.loaded.add(path)
                await self.ask("GET", f"/{path}")

    async def begin(self) -> dict:
        """Come to the first trial."""
        await self.ask("GET", "")
        await self.ask("POST", "/consent", agreed=True)
        fields = {name: vision_tests.field_count(name, self.rater.plate_set) for name in vision_tests.FIELDS}
        await self.ask("POST", "/display", **fields)
        plates = vision_tests.plates_of(self.rater.plate_set)
        return (await self.ask("POST", "/vision", answers=[plate.digit for plate in plates])).json()


async def rate(page: RatersPage, outcome: Outcome, think: float) -> None:
    chance = random.Random(page.rater.id)
    await asyncio.sleep(think * chance.random())
    told = await page.begin()
    while told["step"] in ("trial", "retry") and page.house.is_open():
        if told["step"] == "retry":
            told = (await page.ask("GET", "/next")).json()
            continue
        trial = told["trial"]
        await page.look([*trial["pictures"], trial["source"]])
        ahead = asyncio.create_task(page.look(told["preload"]))
        seconds = round(think * chance.uniform(0.5, 1.5), 6)
        await asyncio.sleep(seconds)
        await ahead
        choice = chance.choice([0, 1, "tie"])
        page.rater.answers.append((trial["name"], choice, seconds))
        began = time.perf_counter()
        told = (await page.ask("POST", "/vote", trial=trial["name"], choice=choice, seconds=seconds)).json()
        outcome.seconds.append(time.perf_counter() - began)
