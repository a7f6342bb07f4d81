"""Photos into the store: what is measured of a file, and how it becomes a row.

`prepare` works on bytes alone, so that it can run on many files at once and outside of any transaction; `store` writes.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.base import now
from db.enums import DuplicateKind
from db.models import Duplicate, Image, Landmarks
from workbench.images.credits import Credit
from workbench.imaging import SUFFIXES, NearIndex
from workbench.imaging.crop_index import descriptions_of, kept_keys
from workbench.imaging.decoding_process import measure_apart
from workbench.store import MediaStore, batches, events, insert_keyed

NEAREST = 20
"""Near duplicates recorded for one image; a burst of a thousand frames needs no million pairs."""

SCENE_SOURCE = "scene_source"
"""The attribute of an image that names what its scene was composed from: a name or a list of names; an image is named by its SHA-256."""

COCO_ID = "coco_id"
"""The attribute of an image that holds its number in the COCO file that it came with."""


@dataclass(frozen=True)
class Prepared:
    """A file that could be read, measured and ready to be stored; once it is kept, its keys stand in for its bytes."""

    file_name: str
    content: bytes
    rendition: bytes | None
    """The upright sRGB PNG; None where the original is one itself."""
    columns: dict[str, Any] = field(default_factory=dict)
    """What the image's row says of it: hashes, format, size, depth, colors, attributes."""
    credit: Credit = field(default_factory=Credit)
    thumbnails: dict[str, bytes] = field(default_factory=dict)
    """WebP files by kind, made from the same decoding."""
    landmarks: bytes = b""
    media_key: str = ""
    upright_key: str = ""


@dataclass(frozen=True)
class Likenesses:
    """Which images up to the id `newest` resemble pictures with some perceptual hashes: (image id, bits), nearest first."""

    newest: int
    of: Mapping[int, list[tuple[int, int]]]


@dataclass(frozen=True)
class ImportOutcome:
    """What became of a file: `added`, or `exact_duplicate` of the image that is there."""

    image: Image
    status: str
    duplicate_of: int | None = None
    near: int = 0
    """How many near duplicates were found."""


def prepare(
    content: bytes,
    file_name: str,
    *,
    credit: Credit = Credit(),
    attributes: dict[str, Any] | None = None,
) -> Prepared:
    """Decode and measure a file, once and in a process of its own; raises UnreadableFileError with the reason."""
    measured = measure_apart(content)
    columns = {
        "sha256": hashlib.sha256(content).hexdigest(),
        **measured.columns,
        "attributes": measured.columns["attributes"] | (attributes or {}),
    }
    return Prepared(file_name, content, measured.rendition, columns, credit, measured.thumbnails, measured.landmarks)


def keep(media: MediaStore, prepared: Prepared) -> Prepared:
    """Keep a file and its rendition: the same with their keys and without their bytes. What is kept already costs nothing."""
    key = media.put(prepared.content, SUFFIXES[prepared.columns["format"]], digest=prepared.columns["sha256"])
    upright_key = key if prepared.rendition is None else media.put(prepared.rendition, ".png")
    return replace(prepared, content=b"", rendition=None, media_key=key, upright_key=upright_key)


def near_index(session: Session) -> NearIndex:
    """The perceptual hashes of all images in the store; an import keeps it and lets it `catch_up`."""
    index = NearIndex()
    catch_up(session, index)
    return index


def catch_up(session: Session, index: NearIndex) -> None:
    """Add the images that are newer than those of the index, so that no stored hash is read twice."""
    rows = session.execute(select(Image.id, Image.phash).where(Image.id > index.newest).order_by(Image.id))
    for image_id, phash in rows:
        index.add(image_id, phash)


def likenesses(index: NearIndex, batch: Sequence[Prepared]) -> Likenesses:
    """The stored images that the files of a batch resemble; to be called before the transaction that stores the batch."""
    return Likenesses(index.newest, {entry.columns["phash"]: index.near(entry.columns["phash"])[:NEAREST] for entry in batch})


def store(
    session: Session,
    batch: Sequence[Prepared],
    *,
    source: str,
    near: Likenesses,
    actor: str,
    run_id: int | None = None,
    batch_id: str | None = None,
) -> list[ImportOutcome]:
    """Add the rows of kept files, with their near duplicates; the same file or pixels again are not added twice.

    `source` is that of files whose own credit names none.
    """
    common = {"source": source, "run_id": run_id, "created_at": now()}
    try:
        with session.begin_nested():
            rows, ids, existing = _insert(session, batch, common)
    except IntegrityError:  # on PostgreSQL another worker may have stored one just now; it is there the second time
        rows, ids, existing = _insert(session, batch, common)
    pairs = _near_rows(session, near, dict(zip(ids, (row["phash"] for row in rows), strict=True)))
    if any(pairs.values()):
        session.execute(insert(Duplicate), [pair for of_one in pairs.values() for pair in of_one])
    created = ((key, None, {"id": key, **row, "duplicate": pairs[key]}) for key, row in zip(ids, rows, strict=True))
    events.record_many(session, created, actor=actor, action="create", subject="image", batch_id=batch_id, run_id=run_id)
    existing |= {row["pixel_hash"]: key for key, row in zip(ids, rows, strict=True)}
    return _outcomes(session, batch, existing, pairs)


def _insert(
    session: Session, batch: Sequence[Prepared], common: dict[str, Any]
) -> tuple[list[dict[str, Any]], Sequence[int], dict[str, int]]:
    """Insert what is new; return its rows, their ids, and the ids of what was there by pixel hash."""
    fresh, existing = _sorted_out(session, batch)
    rows = [common | _row(prepared) for prepared in fresh]
    ids = insert_keyed(session, Image.__table__, rows, ("sha256",))
    kept = [_landmark_row(key, prepared.landmarks) for key, prepared in zip(ids, fresh, strict=True) if prepared.landmarks]
    if kept:
        session.execute(insert(Landmarks), kept)
    return rows, ids, existing


def _sorted_out(session: Session, batch: Sequence[Prepared]) -> tuple[list[Prepared], dict[str, int]]:
    """What of a batch is new, once each, and the ids of the rest by pixel hash."""
    existing: dict[str, int] = {}
    for column in ("sha256", "pixel_hash"):
        known = {prepared.columns[column]: prepared.columns["pixel_hash"] for prepared in batch}
        attribute = getattr(Image, column)
        rows = session.execute(select(attribute, Image.id).where(attribute.in_(known)).order_by(Image.id.desc()))
        existing |= {known[value]: key for value, key in rows}
    fresh = {prepared.columns["pixel_hash"]: prepared for prepared in reversed(batch) if prepared.columns["pixel_hash"] not in existing}
    return list(reversed(fresh.values())), existing


def _row(prepared: Prepared) -> dict[str, Any]:
    if not prepared.media_key:
        raise ValueError(f"expected a file that `keep` was called for, got {prepared.file_name}")
    return prepared.columns | {
        "file_name": prepared.file_name,
        **{"author": None, "license": None, "url": None},
        **{name: value for name, value in prepared.credit.said.items() if value or name != "source"},
        "media_key": prepared.media_key,
        "upright_key": prepared.upright_key,
    }


def _landmark_row(image_id: int, packed: bytes) -> dict[str, Any]:
    return {"image_id": image_id, "keys": kept_keys(descriptions_of(packed)), "points": packed}


def _near_rows(session: Session, near: Likenesses, phashes: Mapping[int, int]) -> dict[int, list[dict[str, Any]]]:
    """The rows of near duplicates by the id of each new image: those found before, and among those stored since and beside it."""
    if not phashes:
        return {}
    later = NearIndex()
    stored_since = select(Image.id, Image.phash).where(Image.id > near.newest, Image.id.not_in(phashes)).order_by(Image.id)
    for image_id, phash in session.execute(stored_since):
        later.add(image_id, phash)
    present = _present(session, {key for phash in phashes.values() for key, _bits in near.of[phash]})
    near_rows: dict[int, list[dict[str, Any]]] = {}
    for image_id, phash in phashes.items():
        candidates = [*(pair for pair in near.of[phash] if pair[0] in present), *later.near(phash)]
        nearest = sorted(candidates, key=lambda pair: (pair[1], pair[0]))[:NEAREST]
        rows = [{"image_id": image_id, "original_id": key, "kind": DuplicateKind.NEAR, "distance": bits} for key, bits in nearest]
        near_rows[image_id] = sorted(rows, key=lambda row: row["original_id"])
        later.add(image_id, phash)
    return near_rows


def _present(session: Session, image_ids: set[int]) -> set[int]:
    """Those of the images that are still in the store: one may have been taken back since it was looked up."""
    return {key for some in batches(sorted(image_ids)) for key in session.scalars(select(Image.id).where(Image.id.in_(some)))}


def _outcomes(
    session: Session, batch: Sequence[Prepared], existing: dict[str, int], near: dict[int, list[dict[str, Any]]]
) -> list[ImportOutcome]:
    rows = session.scalars(select(Image).where(Image.id.in_(set(existing.values()))))
    images = {image.id: image for image in rows}
    outcomes, told = [], set()
    for prepared in batch:
        key = existing[prepared.columns["pixel_hash"]]
        if key in near and key not in told:
            outcomes.append(ImportOutcome(images[key], "added", near=len(near[key])))
            told.add(key)
        else:
            outcomes.append(ImportOutcome(images[key], "exact_duplicate", key))
    return outcomes
