"""A store with one study of as many votes as are asked for, made by bulk statements and the same each time. No pixels.

The votes are those of `simulated_studies`: five systems, raters of whom one in ten does not look, images with captions at three
levels and one to four instances, and ten trials with a known answer for everybody.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, insert, text

from db.enums import CaptionLevel, CaptionStatus, Origin, RatingMethod, RegionOrigin, StudyStatus, TrialKind
from db.models import Caption, Grounding, Image, Invitation, Mention, Rater, Rating, Region, Stimulus, Study, Trial
from tests.workbench.simulated_studies import World, simulate

__all__ = ["NAME", "make"]

NAME = "large"
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
VOTES_A_RATER, VOTES_A_TRIAL = 500, 20
CHECKS = 10
LEVELS = (CaptionLevel.COMPLETE, CaptionLevel.PARTIAL, CaptionLevel.SCARCE)


def world_of(votes: int) -> World:
    """Raters of 500 votes each (fewer where there are fewer than 10,000 in all), and images for 20 votes a trial."""
    raters = max(20, votes // VOTES_A_RATER)
    images = max(20, votes // VOTES_A_TRIAL // 10)
    return World(raters=raters, trials=votes // raters, images=images, ties=0.1, checks=CHECKS)


def make(engine: Engine, votes: int, seed: int = 0) -> None:
    """Fill an empty store at the newest schema with one open study of so many votes."""
    world = world_of(votes)
    drawn = simulate(world, seed)
    systems = sorted({name for vote in drawn.votes for name in vote.shown})
    pairs = [(a, b) for place, a in enumerate(systems) for b in systems[place + 1 :]]
    trial_of = {(image, *pair): image * len(pairs) + place for image in range(world.images) for place, pair in enumerate(pairs)}
    with engine.begin() as connection:
        _images(connection, world.images)
        study = {
            "id": 1, "name": NAME, "question": "Which picture matches the description better?", "method": RatingMethod.PAIR,
            "status": StudyStatus.OPEN, "seed": seed, "votes_per_trial": VOTES_A_TRIAL, "design": {"ties": True}, "opened_at": BEGAN,
        }  # fmt: skip
        connection.execute(insert(Study.__table__), [study])
        _trials(connection, trial_of, world.images)
        raters = sorted(drawn.checks)
        connection.execute(insert(Rater.__table__), [{"id": place, "pseudonym": name} for place, name in enumerate(raters, 1)])
        invitations = [{"study_id": 1, "rater_id": place, "token_hash": str(place), "cohort": f"cohort {place % 2 + 1}",
                        "consented_at": BEGAN, "screening": {}} for place in range(1, len(raters) + 1)]  # fmt: skip
        connection.execute(insert(Invitation.__table__), invitations)
        rows = _votes(drawn.votes, raters, trial_of), _checks(drawn.checks, raters, len(trial_of))
        for records in rows:
            connection.execute(insert(Rating.__table__), list(records))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _images(connection: Connection, count: int) -> None:
    rows: dict[Any, list[dict[str, Any]]] = {Image: [], Caption: [], Mention: [], Region: [], Grounding: []}
    for number in range(1, count + 1):
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        key = f"{digest[:2]}/{digest}.png"
        rows[Image].append(
            {
                "id": number, "sha256": digest, "pixel_hash": digest[::-1], "phash": number, "media_key": key, "upright_key": key,
                "file_name": f"{number}.png", "source": "drawn", "format": "PNG", "width": 640, "height": 480, "bit_depth": 8,
                "has_reference": True, "colorfulness": 30.0, "mean_lightness": 50.0, "license": None, "attributes": {},
            }
        )  # fmt: skip
        level = LEVELS[number % 3]
        rows[Caption].append(
            {
                "id": number, "image_id": number, "text": f"a cup on a table {number}", "level": level, "computed_level": level,
                "status": CaptionStatus.ACCEPTED, "text_origin": Origin.HUMAN, "level_origin": Origin.RULE, "author": "ann",
            }
        )  # fmt: skip
        for place in range(number % 4 + 1):
            key = 4 * number + place
            rows[Mention].append({"id": key, "caption_id": number, "object": "cup", "start": place, "end": place + 1, "colorable": True})
            rows[Region].append(
                {
                    "id": key, "image_id": number, "mask": {"size": [480, 640], "counts": "0"}, "mask_hash": str(place), "box_x": 0,
                    "box_y": 0, "box_width": 9, "box_height": 9, "area_px": 81, "label": "cup", "origin": RegionOrigin.HUMAN,
                    "author": "ann",
                }
            )  # fmt: skip
            rows[Grounding].append({"mention_id": key, "region_id": key, "origin": Origin.HUMAN})
    for table, records in rows.items():
        connection.execute(insert(table.__table__), records)


def _trials(connection: Connection, trial_of: dict[tuple, int], images: int) -> None:
    """The regular trials, whose ids are their positions plus one, and after them those with a known answer."""
    trials, stimuli = [], []
    gold = {(number % images, "right", "wrong", number): len(trial_of) + number for number in range(CHECKS)}
    for (image, first, second, *_), position in (trial_of | gold).items():
        kind = TrialKind.REGULAR if position < len(trial_of) else TrialKind.GOLD
        trials.append(
            {
                "id": position + 1, "study_id": 1, "position": position, "image_id": image + 1, "caption_id": image + 1,
                "caption_text": f"a cup on a table {image + 1}", "kind": kind,
            }
        )  # fmt: skip
        for place, system in enumerate((first, second)):
            stimuli.append(
                {
                    "id": 2 * position + place + 1, "trial_id": position + 1, "position": place, "system": system,
                    "media_key": f"c/{position}-{place}.png", "is_answer": None if kind is TrialKind.REGULAR else system == "right",
                }
            )  # fmt: skip
    connection.execute(insert(Trial.__table__), trials)
    connection.execute(insert(Stimulus.__table__), stimuli)


def _votes(votes: Iterable[Any], raters: list[str], trial_of: dict[tuple, int]) -> Iterable[dict[str, Any]]:
    places = {name: place for place, name in enumerate(raters, 1)}
    for number, vote in enumerate(votes):
        first, second = sorted(vote.shown)
        position = trial_of[vote.image, first, second]
        of_system = {first: 2 * position + 1, second: 2 * position + 2}
        yield _rating(
            position,
            places[vote.rater],
            None if vote.winner is None else of_system[vote.winner],
            [of_system[name] for name in vote.shown],
            vote.seconds,
            number,
        )


def _checks(checks: dict[str, tuple[int, int]], raters: list[str], regular: int) -> Iterable[dict[str, Any]]:
    draw = np.random.default_rng(1)
    for place, name in enumerate(raters, 1):
        for number in range(CHECKS):
            position = regular + number
            right, wrong = 2 * position + 1, 2 * position + 2
            order = [right, wrong] if draw.random() < 0.5 else [wrong, right]
            yield _rating(position, place, right if number < checks[name][0] else wrong, order, 2.0, number)


def _rating(position: int, rater: int, chosen: int | None, order: list[int], seconds: float, number: int) -> dict[str, Any]:
    moment = BEGAN + timedelta(seconds=number)
    return {
        "trial_id": position + 1, "rater_id": rater, "stimulus_id": chosen, "is_tie": chosen is None, "seconds": seconds,
        "shown_at": moment, "rated_at": moment + timedelta(seconds=seconds), "shown_order": order,
    }  # fmt: skip
