"""Photos into the store: what is measured of a file, and how it becomes a row.

`prepare` works on bytes alone, so that it can run on many files at once and outside of any transaction; `store` writes.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.base import now
from db.enums import DuplicateKind
from db.models import Duplicate, Image
from workbench.imaging import SUFFIXES, NearIndex, lab_of_rgb, pixel_hash, png_of
from workbench.imaging.decode import decode
from workbench.imaging.perceptual_hash import perceptual_hash
from workbench.store import MediaStore, events, insert_keyed

__all__ = ["COLOR_CHROMA", "ImportOutcome", "Prepared", "keep", "near_index", "prepare", "store"]

COLOR_CHROMA = 4.0
"""A picture has color where the 99th percentile of its CIELAB chroma C*ab reaches this.

Measured on 452 photos: gray ones saved as RGB JPEG (quality 30 to 95) stay below 0.01, with noise of ±2 levels in each channel below
1.2; color photos begin at 6.4. The just noticeable difference is about 2.3 (Mahy, Van Eycken and Oosterlinck 1994).
"""
SAMPLE = 1 << 15
"""Pixels, about, from which colors are measured: a regular grid over the picture."""
NEAREST = 20
"""Near duplicates recorded for one image; a burst of a thousand frames needs no million pairs."""

SCENE_SOURCE = "scene_source"
"""The attribute of an image that names what its scene was composed from: a name or a list of names; an image is named by its SHA-256."""


@dataclass(frozen=True)
class Prepared:
    """A file that could be read, measured and ready to be stored."""

    file_name: str
    content: bytes
    rendition: bytes | None
    """The upright sRGB PNG; None where the original is one itself."""
    columns: dict[str, Any] = field(default_factory=dict)
    """What the image's row says of it: hashes, format, size, depth, colors, attributes."""
    license: str | None = None


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
    license: str | None = None,  # noqa: A002  (the column's name)
    attributes: dict[str, Any] | None = None,
) -> Prepared:
    """Decode and measure a file; raises UnreadableFileError with the reason."""
    decoded = decode(content)
    pixels = decoded.pixels
    height, width = pixels.shape[:2]
    columns = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "pixel_hash": pixel_hash(pixels),
        "phash": perceptual_hash(pixels),
        "format": decoded.format,
        "width": width,
        "height": height,
        "bit_depth": decoded.bit_depth,
        "attributes": decoded.attributes | (attributes or {}),
        **_colors(pixels),
    }
    return Prepared(file_name, content, None if decoded.is_upright_srgb else png_of(pixels, compress_level=3), columns, license)


def near_index(session: Session) -> NearIndex:
    """The perceptual hashes of all images in the store; keep it over an import instead of reading it for every file."""
    rows = session.execute(select(Image.id, Image.phash).order_by(Image.id)).all()
    return NearIndex([row.id for row in rows], [row.phash for row in rows])


def keep(media: MediaStore, prepared: Prepared) -> tuple[str, str]:
    """Keep a file and its rendition; return their keys. What is kept already costs nothing."""
    key = media.put(prepared.content, SUFFIXES[prepared.columns["format"]])
    return key, key if prepared.rendition is None else media.put(prepared.rendition, ".png")


def store(
    session: Session,
    media: MediaStore,
    batch: Sequence[Prepared],
    *,
    source: str,
    index: NearIndex,
    actor: str,
    run_id: int | None = None,
    batch_id: str | None = None,
) -> list[ImportOutcome]:
    """Keep prepared files and add their rows, with their near duplicates; the same file or pixels again are not added twice."""
    common = {"source": source, "run_id": run_id, "created_at": now()}
    try:
        with session.begin_nested():
            rows, ids, there = _insert(session, media, batch, common)
    except IntegrityError:  # on PostgreSQL another worker may have stored one just now; it is there the second time
        rows, ids, there = _insert(session, media, batch, common)
    near = {key: _near_rows(index, key, row["phash"]) for key, row in zip(ids, rows, strict=True)}
    pairs = [pair for found in near.values() for pair in found]
    if pairs:
        session.execute(insert(Duplicate), pairs)
    created = ((key, None, {"id": key, **row, "duplicate": near[key]}) for key, row in zip(ids, rows, strict=True))
    events.record_many(session, created, actor=actor, action="create", subject="image", batch_id=batch_id, run_id=run_id)
    there |= {row["pixel_hash"]: key for key, row in zip(ids, rows, strict=True)}
    return _outcomes(session, batch, there, near)


def _insert(
    session: Session, media: MediaStore, batch: Sequence[Prepared], common: dict[str, Any]
) -> tuple[list[dict[str, Any]], Sequence[int], dict[str, int]]:
    """Insert what is new; return its rows, their ids, and the ids of what was there by pixel hash."""
    fresh, there = _sorted_out(session, batch)
    rows = [_row(media, prepared) | common for prepared in fresh]
    return rows, insert_keyed(session, Image.__table__, rows, ("sha256",)), there


def _sorted_out(session: Session, batch: Sequence[Prepared]) -> tuple[list[Prepared], dict[str, int]]:
    """What of a batch is new, once each, and the ids of the rest by pixel hash."""
    there: dict[str, int] = {}
    for column in ("sha256", "pixel_hash"):
        known = {prepared.columns[column]: prepared.columns["pixel_hash"] for prepared in batch}
        attribute = getattr(Image, column)
        rows = session.execute(select(attribute, Image.id).where(attribute.in_(known)).order_by(Image.id.desc()))
        there |= {known[value]: key for value, key in rows}
    fresh = {prepared.columns["pixel_hash"]: prepared for prepared in reversed(batch) if prepared.columns["pixel_hash"] not in there}
    return list(reversed(fresh.values())), there


def _row(media: MediaStore, prepared: Prepared) -> dict[str, Any]:
    key, upright_key = keep(media, prepared)
    return prepared.columns | {
        "file_name": prepared.file_name,
        "license": prepared.license,
        "media_key": key,
        "upright_key": upright_key,
    }


def _near_rows(index: NearIndex, image_id: int, phash: int) -> list[dict[str, Any]]:
    """The rows of an image's nearest likenesses among those before it, which it joins."""
    near = index.near(phash)[:NEAREST]
    index.add(image_id, phash)
    rows = [{"image_id": image_id, "original_id": key, "kind": DuplicateKind.NEAR, "distance": bits} for key, bits in near]
    return sorted(rows, key=lambda row: row["original_id"])


def _outcomes(
    session: Session, batch: Sequence[Prepared], there: dict[str, int], near: dict[int, list[dict[str, Any]]]
) -> list[ImportOutcome]:
    found = session.scalars(select(Image).where(Image.id.in_(set(there.values()))))
    images = {image.id: image for image in found}
    outcomes, told = [], set()
    for prepared in batch:
        key = there[prepared.columns["pixel_hash"]]
        if key in near and key not in told:
            outcomes.append(ImportOutcome(images[key], "added", near=len(near[key])))
            told.add(key)
        else:
            outcomes.append(ImportOutcome(images[key], "exact_duplicate", key))
    return outcomes


def _colors(pixels: NDArray[np.uint8]) -> dict[str, Any]:
    """Whether there is color, Hasler and Süsstrunk's colorfulness M3 (2003), and mean L*, from a regular grid of pixels."""
    step = max(1, int(np.sqrt(pixels.shape[0] * pixels.shape[1] / SAMPLE)))
    grid = pixels[::step, ::step]
    lab = lab_of_rgb(grid)
    red, green, blue = np.moveaxis(grid.astype(np.float64), -1, 0)
    opponents = np.stack([red - green, (red + green) / 2 - blue])
    spread, mean = opponents.std(axis=(1, 2)), opponents.mean(axis=(1, 2))
    return {
        "has_reference": bool(np.percentile(np.hypot(lab[..., 1], lab[..., 2]), 99) >= COLOR_CHROMA),
        "colorfulness": float(np.hypot(*spread) + 0.3 * np.hypot(*mean)),
        "mean_lightness": float(np.clip(lab[..., 0].mean(), 0, 100)),
    }
