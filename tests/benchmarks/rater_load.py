"""Many raters at once over HTTP against one real server: every answer known before it is sent, and looked for in the store afterwards.

Every rater is a client of its own that behaves as the page does: it loads the pictures of a trial and those named for the next, thinks,
sends its answer, and waits for the reply, which brings the next trial.
"""

import asyncio
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httpx
import numpy as np
from sqlalchemy import select

from db.enums import TrialKind
from db.models import Rating, Trial
from tests.e2e.serving import served
from tests.pictures import png
from tests.stores import insert_caption, insert_checkpoint
from workbench import colorizations, images, studies
from workbench.open_store import open_store
from workbench.rating import screening, vision_tests
from workbench.settings import read_settings
from workbench.studies import build, design_io, raters

SIDE = (256, 192)
SETTINGS = {"steps": 8, "guidance": 4.0, "instances": True}
DESIGN = """\
name: load
question: Which picture matches the description better?
method: pair
votes_per_trial: {votes}
seed: 1
design: {{trials_per_rater: {regular}, training: 0, least_viewing_ms: 0}}
stimuli: {{between: [checkpoint]}}
"""


@dataclass
class Outcome:
    """What the raters met, and what the store holds."""

    raters: int
    trials: int
    seconds: list[float] = field(default_factory=list)
    """From sending a vote to having the next trial, one for each vote."""
    sent: int = 0
    stored: int = 0
    lost: int = 0
    double: int = 0
    mistaken: int = 0
    """Votes with another rater, another choice or another time than was sent."""
    over_asked: int = 0
    """Trials that got more votes than the design asks for."""
    checks: int = 0
    """Gold and trap trials among the votes."""
    wall: float = 0.0

    @property
    def median_ms(self) -> float:
        return 1000 * median(self.seconds)

    @property
    def p95_ms(self) -> float:
        return 1000 * float(np.quantile(self.seconds, 0.95))


@dataclass
class Rater:
    """A client, and everything that it sent: the trial's name, the place that it chose, the seconds that it told."""

    token: str
    id: int
    plate_set: int
    answers: list[tuple[str, int | str, float]] = field(default_factory=list)
    loaded: set[str] = field(default_factory=set)


def make_store(home: Path, count: int, regular: int, votes: int) -> list[Rater]:
    """A store with an open study that has work for so many raters."""
    store = open_store(read_settings(home))
    media = store.media
    with store.writing() as session:
        checkpoints = [insert_checkpoint(session, name) for name in ("one", "two", "three", "four")]
        pairs = len(checkpoints) * (len(checkpoints) - 1) // 2
        for number in range(-(-count * regular // (votes * pairs)) + 2):
            content = png(number, width=SIDE[0], height=SIDE[1])
            image = images.import_file(session, media, content, file_name=f"{number}.png", source="load").image
            insert_caption(session, image)
        for seed, checkpoint in enumerate(checkpoints, 1):
            for request in colorizations.pending(session, checkpoint_id=checkpoint.id, settings=SETTINGS):
                content = png(1000 * seed + request.image_id, width=SIDE[0], height=SIDE[1])
                colorizations.store(session, media, request, content, checkpoint_id=checkpoint.id, settings=SETTINGS, seconds=0.1)
        design = design_io.read(DESIGN.format(votes=votes, regular=regular))
        study = build.draft(session, media, design, author="load").study
        studies.open_study(session, study.id, actor="load")
        invited = raters.invite(session, study.id, count)
        rows = {row.rater_id: row for row, _ in raters.invitations(session, study.id)}
        made = [Rater(token, rater.id, screening.plate_set(study, rows[rater.id])) for rater, token in invited]
    store.close()
    return made


async def _rate_all(client: httpx.AsyncClient, rater: Rater, outcome: Outcome, think: float) -> None:
    chance = random.Random(rater.id)

    async def post(path: str, **body) -> dict:
        answer = await client.post(f"/r/{rater.token}/{path}", json=body)
        answer.raise_for_status()
        return answer.json()

    async def look(paths: list[str]) -> None:
        for path in paths:
            if path not in rater.loaded:
                rater.loaded.add(path)
                (await client.get(f"/r/{rater.token}/{path}")).raise_for_status()

    await asyncio.sleep(think * chance.random())
    (await client.get(f"/r/{rater.token}")).raise_for_status()
    await post("consent", agreed=True)
    await post("display", **{name: vision_tests.field_count(name, rater.plate_set) for name in vision_tests.FIELDS})
    told = await post("vision", answers=[plate.digit for plate in vision_tests.plates_of(rater.plate_set)])
    while told["step"] == "trial":
        trial = told["trial"]
        await look([*trial["pictures"], trial["source"]])
        ahead = asyncio.create_task(look(told["preload"]))
        seconds = think * chance.uniform(0.5, 1.5)
        await asyncio.sleep(seconds)
        await ahead
        choice = chance.choice([0, 1, "tie"])
        rater.answers.append((trial["name"], choice, round(seconds, 6)))
        began = time.perf_counter()
        told = await post("vote", trial=trial["name"], choice=choice, seconds=round(seconds, 6))
        outcome.seconds.append(time.perf_counter() - began)


async def _all(address: str, people: list[Rater], outcome: Outcome, think: float) -> None:
    limits = httpx.Limits(max_connections=2 * len(people), max_keepalive_connections=2 * len(people))
    async with httpx.AsyncClient(base_url=address, timeout=60, limits=limits, trust_env=False) as client:
        await asyncio.gather(*(_rate_all(client, rater, outcome, think) for rater in people))


def run(home: Path, *, count: int, regular: int, votes: int, think: float) -> Outcome:
    """Let so many raters answer so many regular trials each, with the checks that their dozens bring, and compare with the store."""
    people = make_store(home, count, regular, votes)
    outcome = Outcome(count, regular)
    with served(home) as address:
        began = time.perf_counter()
        asyncio.run(_all(address, people, outcome, think))
        outcome.wall = time.perf_counter() - began
    compare(home, people, votes, outcome)
    return outcome


def compare(home: Path, people: list[Rater], votes: int, outcome: Outcome) -> None:
    """Count in the outcome what the store has of the answers that were sent, and what nobody sent."""
    from db.models import Assignment

    store = open_store(read_settings(home))
    with store.reading() as session:
        stored: dict[tuple[int, str], list[Rating]] = {}
        by_trial: dict[int, int] = {}
        rows = select(Rating, Assignment, Trial.kind).join(
            Assignment, (Assignment.trial_id == Rating.trial_id) & (Assignment.rater_id == Rating.rater_id)
        )
        for rating, dealt, kind in session.execute(rows.join(Trial, Trial.id == Rating.trial_id)):
            stored.setdefault((rating.rater_id, dealt.name), []).append(rating)
            outcome.checks += kind is not TrialKind.REGULAR
            if kind is TrialKind.REGULAR:
                by_trial[rating.trial_id] = by_trial.get(rating.trial_id, 0) + 1
    store.close()
    outcome.stored = sum(map(len, stored.values()))
    outcome.over_asked = sum(count > votes for count in by_trial.values())
    for rater in people:
        for name, choice, seconds in rater.answers:
            outcome.sent += 1
            ratings = stored.pop((rater.id, name), [])
            outcome.lost += not ratings
            outcome.double += len(ratings) > 1
            outcome.mistaken += any(not _same(rating, choice, seconds) for rating in ratings)
    outcome.mistaken += sum(map(len, stored.values()))  # what nobody sent


def _same(rating: Rating, choice: int | str, seconds: float) -> bool:
    chosen = rating.is_tie if choice == "tie" else rating.stimulus_id == rating.shown_order[choice]
    return chosen and rating.seconds == seconds
