"""Photos into the store: what is measured of a file, and how it becomes a row.

`prepare` works on bytes alone, so that it can run on many files at once and outside of any transaction; `store` writes.
"""

import hashlib
import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray
from sqlalchemy import or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.enums import DuplicateKind
from db.models import Duplicate, Image
from workbench import events
from workbench.colors import lab_of_rgb
from workbench.decoding import SUFFIXES, decode
from workbench.likeness import NearIndex, perceptual_hash, pixel_hash
from workbench.media import MediaStore

__all__ = ["COLOR_CHROMA", "ImportOutcome", "Prepared", "near_index", "prepare", "store"]

COLOR_CHROMA = 4.0
"""A picture has color where the 99th percentile of its CIELAB chroma C*ab reaches this.

Measured on 452 photos: gray ones saved as RGB JPEG (quality 30 to 95) stay below 0.01, with noise of ±2 levels in each channel below
1.2; color photos begin at 6.4. The just noticeable difference is about 2.3 (Mahy, Van Eycken and Oosterlinck 1994).
"""
SAMPLE = 1 << 18
"""Pixels, about, from which colors are measured: a regular grid over the picture."""
NEAREST = 20
"""Near duplicates recorded for one image; a burst of a thousand frames needs no million pairs."""


@dataclass(frozen=True)
class Prepared:
    """A file that could be read, measured and ready to be stored."""

    file_name: str
    content: bytes
    rendition: bytes | None
    """The upright sRGB PNG; None where the original is one itself."""
    columns: dict[str, Any] = field(default_factory=dict)
    """What the image's row says of it: hashes, format, size, depth, colors, attributes."""


@dataclass(frozen=True)
class ImportOutcome:
    """What became of a file: `added`, or `exact_duplicate` of the image that is there."""

    image: Image
    status: str
    duplicate_of: int | None = None
    near: int = 0
    """How many near duplicates were found."""


def prepare(content: bytes, file_name: str) -> Prepared:
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
        "attributes": decoded.attributes,
        **_colors(pixels),
    }
    return Prepared(file_name, content, None if decoded.is_upright_srgb else _png(pixels), columns)


def near_index(session: Session) -> NearIndex:
    """The perceptual hashes of all images in the store; keep it over an import instead of reading it for every file."""
    rows = session.execute(select(Image.id, Image.phash).order_by(Image.id)).all()
    return NearIndex([row.id for row in rows], [row.phash for row in rows])


def store(
    session: Session,
    media: MediaStore,
    prepared: Prepared,
    *,
    source: str,
    index: NearIndex,
    license: str | None = None,  # noqa: A002  (the column's name)
    attributes: dict[str, Any] | None = None,
    actor: str = "import",
    run_id: int | None = None,
    batch_id: str | None = None,
) -> ImportOutcome:
    """Keep a prepared file and add its row, with its near duplicates; the same file or pixels again are not added twice."""
    there = _same(session, prepared)
    if there is not None:
        return ImportOutcome(there, "exact_duplicate", there.id)
    key = media.put(prepared.content, SUFFIXES[prepared.columns["format"]])
    image = Image(
        **prepared.columns | {"attributes": prepared.columns["attributes"] | (attributes or {})},
        media_key=key,
        upright_key=key if prepared.rendition is None else media.put(prepared.rendition, ".png"),
        file_name=prepared.file_name,
        source=source,
        license=license,
        run_id=run_id,
    )
    try:
        with session.begin_nested():
            session.add(image)
    except IntegrityError:  # on PostgreSQL another worker may have stored it just now
        there = _same(session, prepared)
        if there is None:
            raise
        return ImportOutcome(there, "exact_duplicate", there.id)
    near = index.near(image.phash)[:NEAREST]
    for original_id, bits in near:
        session.add(Duplicate(image_id=image.id, original_id=original_id, kind=DuplicateKind.NEAR, distance=bits))
    index.add(image.id, image.phash)
    session.flush()
    events.record(
        session,
        actor=actor,
        action="create",
        subject="image",
        subject_id=image.id,
        before=None,
        after=events.snapshot(session, "image", image.id),
        batch_id=batch_id,
        run_id=run_id,
    )
    return ImportOutcome(image, "added", near=len(near))


def _same(session: Session, prepared: Prepared) -> Image | None:
    columns = prepared.columns
    same = or_(Image.sha256 == columns["sha256"], Image.pixel_hash == columns["pixel_hash"])
    return session.scalars(select(Image).where(same).order_by(Image.id).limit(1)).first()


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


def _png(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()
