"""A store of N images and 3 N captions, made by bulk statements as imports would leave it, and gone on with where it was cut short.

The first 50,000 images are tiny PNGs of their own (24 × 16 pixels) with their true hashes, in albums of import runs; perceptual hashes are
drawn, so that only the recorded pairs are near duplicates. The others are copies of these (`million_copies`). Captions and their mentions
come from the pool of `million_captions`, put together and not read; levels, origins and states are spread as in a store in use. A tenth
as many items as images can be released by `tag:chosen`. Rows and events are those of an import of files with captions. The search index
is made at the end, from the store's own statements.
"""

import hashlib
import json
import random
import sqlite3
import struct
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from db.enums import CaptionLevel, CaptionStatus, DuplicateKind, Origin, RegionOrigin, ReviewKind, RunStatus, Verdict
from db.models.search import CAPTION_ROWS, IMAGE_ROWS, OPTIMIZE, SQLITE, drop_search
from db.tokens import count_tokens
from tests.benchmarks.million_captions import words_and_mentions
from tests.stress.million_copies import ALBUM, BASE, PER_IMAGE, WIDE, copy_base
from workbench.imaging import masks, pixel_hash
from workbench.open_store import Store, open_store
from workbench.settings import read_settings

__all__ = ["CHOSEN", "filled"]

BATCH = 5_000
HEIGHT, WIDTH = 16, 24
POOL = 30_000
"""Different texts and their mentions; a number at the end keeps those of one image apart."""
CHOSEN = "tag:chosen"
TAGS = {"night": 0.03, "outdoor": 0.35, "portrait": 0.1, "checked": 0.2, "odd": 0.0004, "chosen": 0.0427}
LICENSES = ("CC BY 4.0", "CC0 1.0", None)
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
BOX = {"box_x": 2, "box_y": 2, "box_width": 10, "box_height": 8, "area_px": 80}
MASK = masks.encode(np.pad(np.ones((8, 10), bool), ((2, 6), (2, 12))))
MASK_JSON, MASK_HASH = json.dumps(MASK, sort_keys=True), masks.mask_hash(MASK)
QUICK = ("synchronous=OFF", "cache_size=-1000000", "temp_store=MEMORY", "wal_autocheckpoint=50000")
"""While it is filled: a power cut would cost the store, which can be made again."""

Rows = dict[str, list[dict[str, Any]]]


def filled(home: Path, images: int, say: Callable[[str], None]) -> Store:
    """The store of so many images in a folder, filled as far as it is not."""
    store = open_store(read_settings(home))
    connection = sqlite3.connect(home / "workbench.sqlite", isolation_level=None)
    for pragma in QUICK:
        connection.execute(f"PRAGMA {pragma}")
    [(there,)] = connection.execute("SELECT coalesce(max(id), 0) FROM image")
    if there < images:
        with store.engines.writer.begin() as schema:
            drop_search(schema)
        _fill(connection, home / "media", there, min(images, BASE), say)
        for shift in range(max(there, BASE), images, BASE):
            copy_base(connection, shift, min(BASE, images - shift))
            say(f"{min(shift + BASE, images):,} images")
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'search_insert_review'").fetchone():
        _index(connection, images, say)
    connection.close()
    return store


def _fill(connection: sqlite3.Connection, media: Path, there: int, images: int, say: Callable[[str], None]) -> None:
    for number in range(256):
        (media / f"{number:02x}").mkdir(parents=True, exist_ok=True)
    pool = _pool()
    if there == 0:
        checkpoint = {"id": 1, "name": "mini", "location": "embedded:mini", "digest": "1" * 64, "note": "", "facts": "{}"}
        _insert(connection, {"checkpoint": [checkpoint | {"created_at": _moment(0)}]})
    for start in range(there, images, BATCH):
        numbers = range(start + 1, min(start + BATCH, images) + 1)
        rows: Rows = {}
        for number in numbers:
            if number % ALBUM == 1:
                rows.setdefault("run", []).append(_run(number // ALBUM + 1, min(ALBUM, images - number + 1)))
            _image(rows, media, number, pool, random.Random(number))
        connection.execute("BEGIN IMMEDIATE")
        _insert(connection, rows)
        connection.execute("COMMIT")
        if numbers[-1] % 50_000 == 0:
            say(f"{numbers[-1]:,} images")


def _insert(connection: sqlite3.Connection, rows: Rows) -> None:
    for table, records in rows.items():
        names = ", ".join(f'"{name}"' for name in records[0])
        places = ", ".join("?" * len(records[0]))
        connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({places})", (tuple(record.values()) for record in records))


def _index(connection: sqlite3.Connection, images: int, say: Callable[[str], None]) -> None:
    """Make the search index; a part of it that a kill left is made anew.

    The store is not analyzed: the workbench does not analyze stores either, so queries must find their indexes without.
    """
    for kind in ("caption", "image"):
        connection.execute(f"DROP TABLE IF EXISTS {kind}_search")
        connection.execute(f"DROP TABLE IF EXISTS {kind}_search_stale")
        connection.execute(f"DROP VIEW IF EXISTS {kind}_search_facts")
    made = [statement for statement in SQLITE if not statement.startswith("CREATE TRIGGER")]
    for statement in made:
        connection.execute(statement)
    for start in range(0, images, 10 * BATCH):
        for statement, key, each in ((CAPTION_ROWS, "c.id", PER_IMAGE), (IMAGE_ROWS, "i.id", 1)):
            connection.execute(f"{statement} WHERE {key} > {start * each} AND {key} <= {(start + 10 * BATCH) * each} ORDER BY {key}")
        say(f"{min(start + 10 * BATCH, images):,} images indexed")
    for statement in (*OPTIMIZE, *(statement for statement in SQLITE if statement not in made)):
        connection.execute(statement)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _pool() -> list[tuple[str, list[tuple[str, str, int, int]], str, int]]:
    """Texts without their number, mentions, level and tokens with a number of one digit."""
    chance, pool = random.Random(20260101), []
    for _ in range(POOL):
        words, mentions = words_and_mentions(chance, 0)
        text = words.rpartition(" ")[0]
        said = sum(bool(color) for _, color, _, _ in mentions)
        level = CaptionLevel.SCARCE if not said else CaptionLevel.COMPLETE if said == len(mentions) else CaptionLevel.PARTIAL
        pool.append((text, mentions, level.value, count_tokens(f"{text} 1")))
    return pool


def _moment(number: int) -> str:
    return (BEGAN + timedelta(seconds=number)).isoformat(timespec="microseconds")


def _run(number: int, images: int) -> dict[str, Any]:
    moment = _moment(number * ALBUM)
    return {
        "id": number, "job": "import_images", "parameters": "{}", "status": RunStatus.DONE.value, "requested_by": "ann", "total": images,
        "done": images, "failed": 0, "skipped": 0, "message": "", "summary": json.dumps({"added": images}), "started_at": moment,
        "finished_at": moment, "created_at": moment,
    }  # fmt: skip


def _image(rows: Rows, media: Path, number: int, pool: list, chance: random.Random) -> None:
    """One image, its file, and all that belongs to it."""
    gray = chance.random() < 0.06
    pixels = _pixels(number, gray)
    content = _png(pixels)
    digest = hashlib.sha256(content).hexdigest()
    key = f"{digest[:2]}/{digest}.png"
    (media / key).write_bytes(content)
    run = (number - 1) // ALBUM + 1
    image = {
        "id": number, "sha256": digest, "pixel_hash": pixel_hash(pixels), "phash": chance.getrandbits(64) - (1 << 63), "media_key": key,
        "upright_key": key, "file_name": f"album-{number // 500:04}/IMG_{number:07}.png", "source": f"album {number // ALBUM}",
        "format": "PNG", "width": WIDTH, "height": HEIGHT, "bit_depth": 8, "has_reference": int(not gray),
        "colorfulness": 0.0 if gray else 40 * chance.random(), "mean_lightness": 20 + 60 * chance.random(),
        "license": LICENSES[number % 3], "author": None, "url": None, "attributes": "{}", "run_id": run, "created_at": _moment(number),
    }  # fmt: skip
    pairs = []
    if number % 50 == 0:
        pairs = [{"image_id": number, "original_id": number - 1, "kind": DuplicateKind.NEAR.value, "distance": 3}]
    rows.setdefault("image", []).append(image)
    if pairs:
        rows.setdefault("duplicate", []).extend(pairs)
    rows.setdefault("event", []).append(_event("image", number, image | {"attributes": {}, "duplicate": pairs}, run))
    for tag in (tag for tag, share in TAGS.items() if chance.random() < share):
        tagged = {"image_id": number, "tag": tag}
        rows.setdefault("image_tag", []).append(tagged)
        told = _event("image_tag", f"{number}:{tag}", tagged | {"created_at": image["created_at"]}, run)
        rows["event"].append(told | {"action": "tag", "after": json.dumps(tagged), "batch_id": f"{tag} {run}", "run_id": None})
    masked = chance.random() < 0.3
    for place in range(PER_IMAGE):
        _caption(rows, image, place, chance.choice(pool), masked and place == 0, chance)


def _event(subject: str, key: int | str, after: dict[str, Any], run: int) -> dict[str, Any]:
    return {
        "actor": "ann", "action": "create", "subject": subject, "subject_id": str(key), "before": None,
        "after": json.dumps(after, sort_keys=True, ensure_ascii=False), "batch_id": f"run-{run}", "run_id": run,
        "created_at": after["created_at"],
    }  # fmt: skip


def _pixels(number: int, gray: bool) -> np.ndarray:
    """(16, 24, 3) uint8: a slope in a hue of its own, and the number itself in the first row."""
    tint = np.array([number * 7 % 200, number * 13 % 200, number * 29 % 200] if not gray else [number % 200] * 3, np.uint8)
    pixels = SLOPE + tint
    pixels[0, :4] = [[number >> shift & 255] * 3 for shift in (0, 8, 16, 24)]
    return pixels


SLOPE = np.repeat((np.linspace(0, 50, WIDTH)[None, :] + np.zeros((HEIGHT, 1))).astype(np.uint8)[..., None], 3, axis=2)


def _png(pixels: np.ndarray) -> bytes:
    """The pixels as a PNG file, without what an encoder would try to make it smaller."""
    lines = np.zeros((HEIGHT, 1 + 3 * WIDTH), np.uint8)
    lines[:, 1:] = pixels.reshape(HEIGHT, -1)
    parts = [b"\x89PNG\r\n\x1a\n"]
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    for name, content in ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), 1)), (b"IEND", b"")):
        parts.append(struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content)))
    return b"".join(parts)


def _caption(rows: Rows, image: dict[str, Any], place: int, entry: tuple, masked: bool, chance: random.Random) -> None:
    """A caption of an image with its mentions and, where it is masked, what hangs on the first of them."""
    text, mentions, level, tokens = entry
    key, moment = (image["id"] - 1) * PER_IMAGE + place + 1, image["created_at"]
    origin = chance.choices(tuple(Origin), (30, 25, 5, 40))[0].value
    caption = {
        "id": key, "image_id": image["id"], "text": f"{text} {place + 1}", "tokens": tokens, "level": level, "computed_level": level,
        "status": chance.choices(tuple(CaptionStatus), (15, 83, 2))[0].value, "text_origin": origin, "level_origin": Origin.RULE.value,
        "derived_from_id": None, "author": "ann", "run_id": image["run_id"], "created_at": moment, "updated_at": moment,
    }  # fmt: skip
    spans = [
        {"id": key * WIDE + at, "caption_id": key, "object": noun, "start": start, "end": end, "colorable": 1}
        for at, (noun, _color, start, end) in enumerate(mentions)
    ]
    colors = [{"mention_id": key * WIDE + at, "color": color, "position": 0} for at, (_, color, _, _) in enumerate(mentions) if color]
    rows.setdefault("caption", []).append(caption)
    rows.setdefault("mention", []).extend(spans)
    if colors:
        rows.setdefault("mention_color", []).extend(colors)
    parts = {"mention": spans, "mention_color": colors, "grounding": []}
    rows["event"].append(_event("caption", key, caption | parts, image["run_id"]))
    if masked:
        _mask(rows, image, caption, mentions[0][0])


def _mask(rows: Rows, image: dict[str, Any], caption: dict[str, Any], noun: str) -> None:
    """A mask on the first mention; of every fourth such image a colorization, of every fortieth a verdict on it."""
    number, moment = image["id"], image["created_at"]
    by_person = number % 2 == 0
    region = {"id": number, "image_id": number, "mask": MASK_JSON, "mask_hash": MASK_HASH, **BOX, "label": noun}
    origin = RegionOrigin.HUMAN if by_person else RegionOrigin.SAM
    region |= {"origin": origin.value, "score": None if by_person else 0.9, "author": "ann", "created_at": moment}
    grounding = {"mention_id": caption["id"] * WIDE, "region_id": number, "origin": Origin.HUMAN.value, "created_at": moment}
    rows.setdefault("region", []).append(region)
    rows.setdefault("grounding", []).append(grounding)
    if number % 4 == 0:
        rows.setdefault("colorization", []).append(
            {
                "id": number, "key": f"{number:064}", "image_id": number, "caption_id": caption["id"], "checkpoint_id": 1,
                "caption_text": caption["text"], "settings": json.dumps({"steps": 8}), "seed": 0, "media_key": image["upright_key"],
                "seconds": 1.0, "adherence": number % 101 / 100, "facts": "{}", "created_at": moment,
            }
        )  # fmt: skip
    if number % 40 == 0:
        review = {"colorization_id": number, "kind": ReviewKind.PERSON.value, "reviewer": "ann", "verdict": Verdict.ACCEPT.value}
        rows.setdefault("review", []).append(review | {"reason": "", "created_at": moment})
