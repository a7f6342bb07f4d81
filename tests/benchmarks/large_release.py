"""A store from which N items can be released, made by bulk statements and the same each time; its pictures are real files.

    with large_release.store(folder, items=100_000) as (engines, media):
        release_id = large_release.released(engines, media)

Every image is small, has one description and is in color, but for every tenth: a gray one, whose two colorizations were compared by
raters (some of them simulated) in one study, and of which a rule accepted the first. A third of the images have masks for one to four
mentions. Every fiftieth is a near duplicate of the one before it; every hundredth shares the source of its scene with two others.
"""

import hashlib
import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
from sqlalchemy import Connection, insert, select

from db.enums import CaptionLevel, CaptionStatus, DuplicateKind, Origin, RatingMethod, RegionOrigin, ReviewKind, StudyStatus, Verdict
from db.models import (
    Caption,
    Checkpoint,
    Colorization,
    Duplicate,
    Grounding,
    Image,
    Mention,
    MentionColor,
    Rater,
    Rating,
    Region,
    Release,
    Review,
    Stimulus,
    Study,
    Trial,
    refresh_search,
)
from db.session import Engines, transaction
from workbench import releases
from workbench.imaging import masks
from workbench.open_store import open_store
from workbench.settings import read_settings
from workbench.store import MediaStore, batches

__all__ = ["released", "store"]

TABLES = (Image, Caption, Mention, MentionColor, Region, Grounding, Duplicate, Colorization, Review, Trial, Stimulus, Rating)
HEIGHT, WIDTH = 72, 96
BATCH = 2000
GRAY_EVERY, NEAR_EVERY, SCENE_EVERY = 10, 50, 100
RATERS, VOTES = 20, 3
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
COLORS = {"red": (190, 40, 40), "green": (40, 140, 60), "blue": (40, 80, 190), "yellow": (225, 200, 50), "brown": (120, 80, 40)}
NOUNS = ("cup", "car", "house", "bird", "kite", "boat", "chair", "flower")
LICENSES = ("CC BY 4.0", "CC0 1.0", None)
RAMP = np.linspace(40, 210, WIDTH)[None, :, None] * np.linspace(0.7, 1.1, HEIGHT)[:, None, None]
QUARTERS = [(slice(8, 34), slice(8, 44)), (slice(8, 34), slice(52, 88)), (slice(38, 64), slice(8, 44)), (slice(38, 64), slice(52, 88))]
"""Where up to four things stand in a picture."""


@contextmanager
def store(folder: Path, items: int) -> Iterator[tuple[Engines, MediaStore]]:
    """The store of `items` releasable items in a folder, made there unless a made one lies in it already."""
    made = open_store(read_settings(folder))
    with made.reading() as session:
        made_id = session.scalar(select(Image.id).where(Image.id == items)) is not None
    if not made_id:
        _fill(made.engines, folder / "media", items)
    yield made.engines, made.media
    made.close()


def released(engines: Engines, media: MediaStore, name: str = "large") -> int:
    """The id of the release of all items, made unless it is there."""
    with transaction(engines.reader) as session:
        made_id = session.scalar(select(Release.id).where(Release.name == name))
    if made_id is not None:
        return made_id
    with transaction(engines.writer) as session:
        return releases.create(session, media, name=name, author="bench").id


def _fill(engines: Engines, files: Path, items: int) -> None:
    for number in range(256):
        (files / f"{number:02x}").mkdir(parents=True, exist_ok=True)
    with engines.writer.begin() as connection:
        _prepare(connection)
    for numbers in batches(range(1, items + 1), BATCH):
        rows: dict[Any, list[dict[str, Any]]] = {table: [] for table in TABLES}
        for number in numbers:
            _item(rows, files, number, random.Random(number))
        with engines.writer.begin() as connection:
            for table, records in rows.items():
                if records:
                    connection.execute(insert(table.__table__), records)
            refresh_search(connection)


def _prepare(connection: Connection) -> None:
    raters = [{"id": key, "pseudonym": f"rater-{key:02}", "simulated": key > RATERS - 5} for key in range(1, RATERS + 1)]
    study = {
        "id": 1, "name": "first against second", "question": "Which fits the description?", "method": RatingMethod.PAIR,
        "status": StudyStatus.CLOSED, "seed": 0, "votes_per_trial": VOTES, "design": {}, "opened_at": BEGAN,
    }  # fmt: skip
    connection.execute(insert(Checkpoint.__table__), [{"name": "mini", "location": "embedded:mini", "digest": "1" * 64, "note": ""}])
    connection.execute(insert(Rater.__table__), raters)
    connection.execute(insert(Study.__table__), [study])


def _item(rows: dict[Any, list], files: Path, number: int, chance: random.Random) -> None:
    things = [(chance.choice(NOUNS), chance.choice(tuple(COLORS))) for _ in range(chance.randint(1, 4))]
    picture, gray = _picture(number, things), number % GRAY_EVERY == 0
    key, digest = _write(files, picture if not gray else np.repeat(picture.mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2))
    rows[Image].append(
        {
            "id": number, "sha256": digest, "pixel_hash": digest[::-1], "phash": chance.getrandbits(63), "media_key": key,
            "upright_key": key, "file_name": f"album-{number // 500:04}/IMG_{number:07}.png", "source": f"album {number % 7}",
            "format": "PNG", "width": WIDTH, "height": HEIGHT, "bit_depth": 8, "has_reference": not gray, "mean_lightness": 50.0,
            "colorfulness": 0.0 if gray else 30.0, "license": LICENSES[number % 3], "created_at": BEGAN + timedelta(seconds=number),
            "attributes": {"scene_source": f"scene {number // (3 * SCENE_EVERY)}"} if number % SCENE_EVERY == 1 else {},
        }
    )  # fmt: skip
    if number % NEAR_EVERY == 0:
        rows[Duplicate].append({"image_id": number, "original_id": number - 1, "kind": DuplicateKind.NEAR, "distance": 4})
    text = _describe(rows, number, things, masked=number % 3 == 0)
    if gray:
        _color(rows, files, number, picture, text, chance)


def _picture(number: int, things: list[tuple[str, str]]) -> np.ndarray:
    """The colored things before a ramp (H, W, 3) uint8; no two numbers give the same."""
    pixels = np.repeat(RAMP, 3, axis=2).astype(np.uint8)
    for (_, color), quarter in zip(things, QUARTERS, strict=False):
        pixels[quarter] = (np.array(COLORS[color]) * (0.6 + RAMP[quarter] / 400)).clip(0, 255).astype(np.uint8)
    pixels[0, :4] = [[number >> shift & 255] * 3 for shift in (0, 8, 16, 24)]
    return pixels


def _write(files: Path, pixels: np.ndarray) -> tuple[str, str]:
    """Put a picture where the media store looks for it, without its syncing; return the key and the SHA-256."""
    encoded = io.BytesIO()
    PIL.Image.fromarray(pixels).save(encoded, "PNG", compress_level=1)
    digest = hashlib.sha256(encoded.getvalue()).hexdigest()
    key = f"{digest[:2]}/{digest}.png"
    (files / key).write_bytes(encoded.getvalue())
    return key, digest


def _describe(rows: dict[Any, list], number: int, things: list[tuple[str, str]], masked: bool) -> str:
    level = tuple(CaptionLevel)[number % 3]
    words, spans = "", []
    for place, (noun, color) in enumerate(things):
        said = color if level is CaptionLevel.COMPLETE or (level is CaptionLevel.PARTIAL and place == 0) else ""
        words += " beside " if place else ""
        phrase = f"a {said} {noun}" if said else f"a {noun}"
        spans.append((noun, said, len(words), len(words) + len(phrase)))
        words += phrase
    rows[Caption].append(
        {
            "id": number, "image_id": number, "text": words, "level": level, "computed_level": level, "author": "ann",
            "status": CaptionStatus.ACCEPTED, "text_origin": Origin.HUMAN, "level_origin": Origin.RULE, "created_at": BEGAN,
            "updated_at": BEGAN,
        }
    )  # fmt: skip
    for place, (noun, said, start, end) in enumerate(spans):
        key = number * 4 + place
        rows[Mention].append({"id": key, "caption_id": number, "object": noun, "start": start, "end": end, "colorable": True})
        if said:
            rows[MentionColor].append({"mention_id": key, "color": said, "position": 0})
        if masked:
            rows[Region].append(MASKS[place] | {"id": key, "image_id": number, "label": noun, "created_at": BEGAN})
            rows[Grounding].append({"mention_id": key, "region_id": key, "origin": Origin.HUMAN, "created_at": BEGAN})
    return words


def _mask(quarter: tuple[slice, slice]) -> dict[str, Any]:
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[quarter] = True
    rle = masks.encode(mask)
    x, y, width, height = masks.box(rle)
    box = {"box_x": x, "box_y": y, "box_width": width, "box_height": height, "area_px": masks.area(rle)}
    return {"mask": rle, "mask_hash": masks.mask_hash(rle), **box, "origin": RegionOrigin.HUMAN, "score": None, "author": "ann"}


MASKS = [_mask(quarter) for quarter in QUARTERS]


def _color(rows: dict[Any, list], files: Path, number: int, picture: np.ndarray, text: str, chance: random.Random) -> None:
    """Two colorizations of a gray image, the votes on them, and the verdict of a rule on the first."""
    stimuli = (2 * number, 2 * number + 1)
    rows[Trial].append({"id": number, "study_id": 1, "position": number, "image_id": number, "caption_id": number, "caption_text": text})
    for seed, key in enumerate(stimuli):
        pixels = np.roll(picture, seed, axis=2)
        media_key, digest = _write(files, pixels)
        rows[Colorization].append(
            {
                "id": key, "key": digest, "image_id": number, "caption_id": number, "checkpoint_id": 1, "caption_text": text,
                "settings": {"steps": 8}, "seed": seed, "media_key": media_key, "seconds": 0.5, "adherence": 0.9 - 0.4 * seed,
                "facts": {}, "created_at": BEGAN,
            }
        )  # fmt: skip
        system = f"mini seed {seed}"
        rows[Stimulus].append(
            {"id": key, "trial_id": number, "position": seed, "system": system, "colorization_id": key, "media_key": media_key}
        )
    rows[Review].append(
        {"colorization_id": stimuli[0], "kind": ReviewKind.RULE, "reviewer": "adherence", "verdict": Verdict.ACCEPT, "reason": ""}
    )
    for rater in chance.sample(range(1, RATERS + 1), VOTES):
        chosen = stimuli[chance.random() < 0.3]
        rows[Rating].append({"trial_id": number, "rater_id": rater, "stimulus_id": chosen, "is_tie": False, "seconds": 2.0})
