"""Outputs of the model: what is still to be made, what is there, and what it was made from."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, CaptionStatus
from db.models import Caption, Checkpoint, Colorization, Image
from workbench.errors import InvalidInputError
from workbench.regions import grounded_regions
from workbench.search import ids_of_images, parse
from workbench.store import MediaStore, batches, events, require, snapshots

Regions = Sequence[tuple[Any, Mapping[str, Any]]]

_WITH_IMAGE = select(Caption.id, Caption.image_id, Caption.text, Image.sha256).join(Image, Image.id == Caption.image_id)


@dataclass(frozen=True)
class Request:
    """A colorization that is wanted: the row it will have, and all that its pixels depend on."""

    image_id: int
    caption_id: int
    seed: int
    key: str
    caption_text: str = ""
    regions: tuple[tuple[tuple[int, int], dict[str, Any]], ...] = field(default=(), repr=False)
    """((start, end) in the caption, mask as COCO RLE) of its grounded phrases; of pending ones empty where instances are off."""


def input_key(
    image_sha256: str, caption_text: str, regions: Regions, checkpoint_digest: str, settings: Mapping[str, Any], seed: int
) -> str:
    """The name of one colorization: a SHA-256 over everything that its pixels depend on.

    `regions` are (phrase or span, mask as COCO RLE); their order does not matter, that of settings neither.
    """
    depends_on = {
        "image": image_sha256,
        "caption": caption_text,
        "regions": sorted(_canonical([phrase, mask["size"], mask["counts"]]) for phrase, mask in regions),
        "checkpoint": checkpoint_digest,
        "settings": dict(settings),
        "seed": seed,
    }
    return hashlib.sha256(_canonical(depends_on).encode()).hexdigest()


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def pending(
    session: Session,
    *,
    query: str = "",
    levels: Iterable[CaptionLevel | str] | None = None,
    checkpoint_id: int,
    settings: Mapping[str, Any],
    seeds: Sequence[int] = (0,),
    limit: int | None = None,
) -> list[Request]:
    """The colorizations of accepted captions that are not there yet, in the order of captions, then seeds.

    `query` picks images; without `levels` every level is wanted; without `limit` all are listed. Asking again after they are
    stored gives none. Raises NotFoundError for an unknown checkpoint, InvalidInputError for a bad query, level or seed.
    """
    missing: list[Request] = []
    for request in _missing(session, _captions(session, query, levels), checkpoint_id, settings, seeds):
        missing.append(request)
        if limit is not None and len(missing) >= limit:
            break
    return missing


def _captions(session: Session, query: str, levels: Iterable[CaptionLevel | str] | None) -> Select:
    statement = _WITH_IMAGE.where(Caption.status == CaptionStatus.ACCEPTED, Image.id.in_(ids_of_images(session, parse(query))))
    if levels is not None:
        statement = statement.where(Caption.level.in_([_level(level) for level in levels]))
    return statement.order_by(Caption.id)


def _level(level: CaptionLevel | str) -> CaptionLevel:
    try:
        return CaptionLevel(level)
    except ValueError:
        raise InvalidInputError(f'There is no level "{level}"; there are {", ".join(CaptionLevel)}.') from None


def _missing(
    session: Session, captions: Select, checkpoint_id: int, settings: Mapping[str, Any], seeds: Sequence[int]
) -> Iterator[Request]:
    checkpoint = require(session, Checkpoint, checkpoint_id)
    if not seeds or min(seeds) < 0:
        raise InvalidInputError(f"Name one seed or more, each 0 or above; got {list(seeds)}.")
    with_instances = settings.get("instances", True)
    for captions_of_batch in batches(session.execute(captions)):
        regions = grounded_regions(session, [row.id for row in captions_of_batch]) if with_instances else {}
        requests = [
            _request(row, seed, regions.get(row.id, []), checkpoint.digest, settings)
            for row in captions_of_batch
            for seed in dict.fromkeys(seeds)
        ]
        stored = stored_keys(session, [request.key for request in requests])
        yield from (request for request in requests if request.key not in stored)


def planned(session: Session, pairs: Sequence[tuple[int, int]], *, checkpoint_digest: str, settings: Mapping[str, Any]) -> list[Request]:
    """The requests of (caption, seed) as captions and masks stand now, in the order given; a caption that is gone has none.

    Each has the regions of its grounded phrases, by which its result is judged where instances are off.
    """
    ids = list(dict.fromkeys(caption_id for caption_id, _ in pairs))
    rows = {row.id: row for some in batches(ids) for row in session.execute(_WITH_IMAGE.where(Caption.id.in_(some)))}
    regions = grounded_regions(session, ids)
    kept = [(rows[caption_id], seed) for caption_id, seed in pairs if caption_id in rows]
    return [_request(row, seed, regions.get(row.id, []), checkpoint_digest, settings) for row, seed in kept]


def _request(
    row: Row, seed: int, grounded: Sequence[tuple[tuple[int, int], dict[str, Any]]], checkpoint_digest: str, settings: Mapping[str, Any]
) -> Request:
    """The request of a row of `_WITH_IMAGE`; its key depends on masks only where they guide."""
    guiding = grounded if settings.get("instances", True) else []
    key = input_key(row.sha256, row.text, guiding, checkpoint_digest, settings, seed)
    return Request(row.image_id, row.id, seed, key, row.text, tuple(grounded))


def stored_keys(session: Session, keys: Sequence[str]) -> set[str]:
    """Those of the keys whose colorization is there."""
    return {key for batch in batches(keys) for key in session.scalars(select(Colorization.key).where(Colorization.key.in_(batch)))}


def store(
    session: Session,
    media: MediaStore,
    request: Request,
    png: bytes,
    *,
    checkpoint_id: int,
    settings: Mapping[str, Any],
    seconds: float,
    adherence: float | None = None,
    facts: Mapping[str, Any] | None = None,
    run_id: int | None = None,
    actor: str | None = None,
    batch_id: str | None = None,
) -> Colorization:
    """Keep one output (an encoded PNG); where its key is there already, the row that is there is returned and nothing is added.

    `actor` is the person who keeps it; None: the job, or the model.
    Raises InvalidInputError where `png` is no PNG file.
    """
    existing = session.scalar(select(Colorization).where(Colorization.key == request.key))
    if existing is not None:
        return existing
    if not png.startswith(b"\x89PNG\r\n\x1a\n"):
        raise InvalidInputError(f"The colorization of image {request.image_id} is no PNG file; encode it as PNG before storing it.")
    row = Colorization(
        key=request.key,
        image_id=request.image_id,
        caption_id=request.caption_id,
        checkpoint_id=checkpoint_id,
        caption_text=request.caption_text,
        settings=dict(settings),
        seed=request.seed,
        media_key=media.put(png, ".png"),
        seconds=seconds,
        adherence=adherence,
        facts=dict(facts or {}),
        run_id=run_id,
    )
    return _insert(session, row, actor or ("job:colorize_images" if run_id is not None else "model"), batch_id)


def _insert(session: Session, row: Colorization, actor: str, batch_id: str | None) -> Colorization:
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        # Another worker was faster: on PostgreSQL two writers can get here with the same key.
        existing = session.scalar(select(Colorization).where(Colorization.key == row.key))
        if existing is None:
            raise
        return existing
    after = snapshots.snapshot(session, "colorization", row.id)
    named = {"actor": actor, "action": "create", "subject": "colorization", "subject_id": row.id}
    events.record(session, **named, before=None, after=after, batch_id=batch_id, run_id=row.run_id)
    return row


def get(session: Session, colorization_id: int) -> Colorization:
    """The colorization with an id; raises NotFoundError."""
    return require(session, Colorization, colorization_id)


def of_image(session: Session, image_id: int) -> list[Colorization]:
    """All colorizations of an image, oldest first."""
    return list(session.scalars(select(Colorization).where(Colorization.image_id == image_id).order_by(Colorization.id)))


def newest(session: Session, limit: int = 12) -> list[Colorization]:
    """The last colorizations that were made, newest first."""
    return list(session.scalars(select(Colorization).order_by(Colorization.id.desc()).limit(limit)))


def find(
    session: Session,
    *,
    query: str = "",
    image_id: int | None = None,
    caption_id: int | None = None,
    checkpoint_id: int | None = None,
    after_id: int | None = None,
    limit: int = 60,
) -> list[Colorization]:
    """A page of colorizations in the order of their ids, from after `after_id` on; `query` picks their images."""
    statement = select(Colorization).order_by(Colorization.id).limit(limit)
    for column, value in (
        (Colorization.image_id, image_id),
        (Colorization.caption_id, caption_id),
        (Colorization.checkpoint_id, checkpoint_id),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if after_id is not None:
        statement = statement.where(Colorization.id > after_id)
    if query.strip():
        statement = statement.where(Colorization.image_id.in_(ids_of_images(session, parse(query))))
    return list(session.scalars(statement))


def counts(session: Session) -> dict[str, int]:
    """How many colorizations there are, and of how many images and captions."""
    total, images, captions = session.execute(
        select(func.count(Colorization.id), func.count(Colorization.image_id.distinct()), func.count(Colorization.caption_id.distinct()))
    ).one()
    return {"colorizations": total, "images": images, "captions": captions}
