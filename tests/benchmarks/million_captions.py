"""A store of a million captions, made by bulk statements and the same each time.

Images come in albums with a source, some with tags, masks, a gray original, a near duplicate. Captions are put together from objects
(few of them often, most of them seldom) with and without colors, so that their mentions are known without being read; their levels,
origins and states are spread as in a store in use. No pixels: the pictures' files do not exist.
"""

import hashlib
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, Engine, insert, text

from db.enums import CaptionLevel, CaptionStatus, DuplicateKind, Origin, RegionOrigin
from db.models import (
    Caption,
    Colorization,
    Duplicate,
    Event,
    Grounding,
    Image,
    ImageTag,
    Mention,
    MentionColor,
    Region,
    Review,
    refresh_search,
)
from db.models.checkpoint import Checkpoint
from db.models.search import OPTIMIZE
from workbench.imaging import masks

__all__ = ["make", "words_and_mentions"]

PER_IMAGE = 4
WIDE = 32
"""Numbers that a caption has for its mentions."""
BATCH = 4000
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
COLORS = dict(
    zip(
        ("white", "black", "red", "blue", "green", "brown", "yellow", "gray", "orange", "pink", "purple"),
        (20, 18, 14, 12, 11, 9, 6, 4, 3, 2, 1),
        strict=True,
    )
)
COMMON = (
    "person", "man", "woman", "table", "street", "dog", "cat", "tree", "car", "sign", "field", "plate", "shirt", "bus", "train", "bench",
    "boat", "horse", "sky", "grass", "building", "wall", "chair", "bed", "bird", "kite", "giraffe", "elephant", "zebra", "clock", "pizza",
    "cake", "laptop", "phone", "umbrella", "bear", "sheep", "cow", "sofa", "lamp", "window", "door", "road", "beach", "wave", "snow",
)  # fmt: skip
RARE = [f"{first}{last}" for first in ("moor", "stone", "glass", "river", "cloud", "harbor", "copper", "winter") for last in
        ("house", "wheel", "bridge", "lantern", "garden", "fountain", "tower", "mill", "boat", "post", "fence", "kettle")]  # fmt: skip
JOINTS = ("next to", "on top of", "in front of", "near", "with", "behind", "under", "beside")
OPENINGS = ("", "", "", "there is ", "a photo of ", "we see ")
ENDINGS = ("", "", "", " at night", " in the morning light", " on a quiet afternoon", ", seen from above", " while it rains")
MASK = masks.encode(np.pad(np.ones((90, 100), bool), ((0, 390), (0, 540))))
TAGS = {"night": 0.03, "outdoor": 0.35, "portrait": 0.1, "checked": 0.2, "odd": 0.0004}


def make(engine: Engine, captions: int) -> None:
    """Fill an empty store at the newest schema with `captions` captions, four to an image; then let the database look at its indexes."""
    chance = random.Random(20260101)
    with engine.begin() as connection:
        connection.execute(insert(Checkpoint.__table__), [{"name": "mini", "location": "package:mini", "digest": "1" * 64, "note": ""}])
    for start in range(0, captions // PER_IMAGE, BATCH):
        with engine.begin() as connection:
            _write(connection, list(_images(chance, range(start + 1, min(start + BATCH, captions // PER_IMAGE) + 1))), chance)
            refresh_search(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in OPTIMIZE if engine.dialect.name == "sqlite" else ():
            connection.execute(text(statement))
        connection.execute(text("ANALYZE"))


def _images(chance: random.Random, numbers: range) -> Iterator[dict[str, Any]]:
    for number in numbers:
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        yield {
            "id": number, "sha256": digest, "pixel_hash": digest[::-1], "phash": chance.getrandbits(63),
            "media_key": f"{digest[:2]}/{digest}.jpg",
            "upright_key": f"{digest[:2]}/{digest}.png", "file_name": f"album-{number // 500:04}/IMG_{number:07}.jpg",
            "source": f"album {number // 25000}", "format": "JPEG", "width": 640, "height": 480, "bit_depth": 8,
            "has_reference": chance.random() > 0.06, "colorfulness": 40 * chance.random(), "mean_lightness": 20 + 60 * chance.random(),
            "license": None, "attributes": {}, "created_at": BEGAN + timedelta(seconds=number),
        }  # fmt: skip


def _write(connection: Connection, images: list[dict[str, Any]], chance: random.Random) -> None:
    """Images, and all that belongs to them."""
    rows: dict[Any, list[dict[str, Any]]] = {
        table: [] for table in (Caption, Mention, MentionColor, ImageTag, Region, Grounding, Duplicate, Event, Colorization, Review)
    }
    for image in images:
        number = image["id"]
        rows[ImageTag] += [{"image_id": number, "tag": tag} for tag, share in TAGS.items() if chance.random() < share]
        if number % 50 == 0:
            rows[Duplicate].append({"image_id": number, "original_id": number - 1, "kind": DuplicateKind.NEAR, "distance": 3})
        masked = chance.random() < 0.3
        for place in range(PER_IMAGE):
            _describe(rows, (number - 1) * PER_IMAGE + place + 1, image, masked and place == 0, chance)
    connection.execute(insert(Image.__table__), images)
    for table, records in rows.items():
        if records:
            connection.execute(insert(table.__table__), records)


def _describe(rows: dict[Any, list], key: int, image: dict[str, Any], masked: bool, chance: random.Random) -> None:
    words, mentions = words_and_mentions(chance, key)
    said = sum(bool(color) for _, color, _, _ in mentions)
    level = CaptionLevel.SCARCE if not said else CaptionLevel.COMPLETE if said == len(mentions) else CaptionLevel.PARTIAL
    moment = image["created_at"]
    caption = {
        "id": key, "image_id": image["id"], "text": words, "level": level, "computed_level": level,
        "status": chance.choices(tuple(CaptionStatus), (15, 83, 2))[0],
        "text_origin": chance.choices(tuple(Origin), (30, 25, 5, 40))[0], "level_origin": Origin.RULE, "derived_from_id": None,
        "author": "ann", "created_at": moment, "updated_at": moment,
    }  # fmt: skip
    rows[Caption].append(caption)
    rows[Event].append(
        {
            "actor": "ann",
            "action": "create",
            "subject": "caption",
            "subject_id": str(key),
            "before": None,
            "after": {"id": key, "text": words},
        }
    )
    for place, (noun, color, start, end) in enumerate(mentions):
        mention = key * WIDE + place
        rows[Mention].append({"id": mention, "caption_id": key, "object": noun, "start": start, "end": end, "colorable": True})
        if color:
            rows[MentionColor].append({"mention_id": mention, "color": color, "position": 0})
    if masked:
        rows[Region].append(_region(image["id"]))
        rows[Grounding].append({"mention_id": key * WIDE, "region_id": image["id"], "origin": Origin.MODEL, "created_at": moment})
        if image["id"] % 4 == 0:
            rows[Colorization].append(_colorization(key, image, words))
        if image["id"] % 40 == 0:
            rows[Review].append({"colorization_id": key, "reviewer": "ann", "verdict": "accept", "reason": ""})


def words_and_mentions(chance: random.Random, key: int) -> tuple[str, list[tuple[str, str, int, int]]]:
    """A text that no other caption has, and its mentions: (object, color or nothing, start, end)."""
    colored = chance.choice((0.0, 0.5, 0.5, 1.0))
    words, mentions = chance.choice(OPENINGS), []
    for place in range(chance.choices((1, 2, 3, 4, 18), (10, 40, 35, 14.5, 0.5))[0]):
        noun = COMMON[min(int(chance.expovariate(0.09)), len(COMMON) - 1)] if chance.random() < 0.97 else chance.choice(RARE)
        color = chance.choices(tuple(COLORS), tuple(COLORS.values()))[0] if chance.random() < colored else ""
        words += f" {chance.choice(JOINTS)} " if place else ""
        phrase = f"a {color} {noun}" if color else f"a {noun}"
        mentions.append((noun, color, len(words), len(words) + len(phrase)))
        words += phrase
    return f"{words}{chance.choice(ENDINGS)} {key % PER_IMAGE + 1}", mentions


def _region(number: int) -> dict[str, Any]:
    return {
        "id": number, "image_id": number, "mask": MASK, "mask_hash": "m", "box_x": 0, "box_y": 0,
        "box_width": 100, "box_height": 90, "area_px": 9000, "label": "thing", "origin": RegionOrigin.SAM, "score": 0.9, "author": "sam",
    }  # fmt: skip


def _colorization(key: int, image: dict[str, Any], words: str) -> dict[str, Any]:
    return {
        "id": key, "key": f"{key:064}", "image_id": image["id"], "caption_id": key, "checkpoint_id": 1,
        "caption_text": words, "settings": {},
        "seed": 0, "media_key": f"c/{key}.png", "seconds": 1.0, "adherence": 0.8, "facts": {},
    }  # fmt: skip
