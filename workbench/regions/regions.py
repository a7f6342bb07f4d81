"""Instances in images: adding a mask, correcting, removing, and what was done to it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import JSON, or_, select, type_coerce
from sqlalchemy.orm import Session

from db.enums import FoundBy, RegionOrigin
from db.models import Event, Grounding, Image, Mention, Region, Run
from workbench.errors import ConflictError, InvalidInputError, NotFoundError
from workbench.imaging import masks
from workbench.store import batches, events, require

CLICK = "correct_mask"
"""The job that carries out a person's click."""


@dataclass(frozen=True)
class RegionView:
    """A region and the mentions that mean it."""

    region: Region
    mentions: list[Mention]


def get(session: Session, region_id: int) -> Region:
    """The region with an id; raises NotFoundError."""
    return require(session, Region, region_id)


def add(
    session: Session,
    image_id: int,
    mask: NDArray[np.bool_],
    *,
    origin: RegionOrigin,
    found_by: FoundBy | None = None,
    label: str = "",
    score: float | None = None,
    author: str,
    run_id: int | None = None,
    batch_id: str | None = None,
) -> Region:
    """Store one instance mask (H, W) bool of the image's upright size; the same mask again returns the region that is there.

    Raises NotFoundError for an unknown image and InvalidInputError for an empty mask, a mask of another size or a score outside
    [0, 1].
    """
    rle = masks.encode(mask)
    return add_encoded(
        session, image_id, rle, origin=origin, found_by=found_by, label=label, score=score, author=author, run_id=run_id, batch_id=batch_id
    )


def add_encoded(
    session: Session,
    image_id: int,
    rle: masks.Rle,
    *,
    origin: RegionOrigin,
    found_by: FoundBy | None = None,
    label: str = "",
    score: float | None = None,
    author: str,
    run_id: int | None = None,
    batch_id: str | None = None,
) -> Region:
    """Store a mask as `add` does, from the encoding that `masks.encode` or `masks.canonical` gives."""
    _require_fitting(session, image_id, rle)
    if score is not None and not 0 <= score <= 1:
        raise InvalidInputError(f"A region's score lies in [0, 1]; this one is {score}.")
    digest = masks.mask_hash(rle)
    existing = session.scalar(select(Region).where(Region.image_id == image_id, Region.mask_hash == digest))
    if existing is not None:
        return existing
    x, y, width, height = masks.box(rle)
    region = Region(
        image_id=image_id,
        mask=rle,
        mask_hash=digest,
        box_x=x,
        box_y=y,
        box_width=width,
        box_height=height,
        area_px=masks.area(rle),
        label=label,
        origin=origin,
        found_by=found_by,
        score=score,
        author=author,
        run_id=run_id,
    )
    session.add(region)
    session.flush()
    named = {"actor": author, "action": "create", "subject": "region", "subject_id": region.id, "batch_id": batch_id, "run_id": run_id}
    events.record(session, before=None, after=events.snapshot(session, "region", region.id), **named)
    return region


def correct(
    session: Session,
    region_id: int,
    mask: NDArray[np.bool_],
    *,
    origin: RegionOrigin = RegionOrigin.HUMAN,
    found_by: FoundBy | None = None,
    actor: str,
    run_id: int | None = None,
) -> Region:
    """Give a region another mask (H, W) bool, as a person sees it; its groundings stay, and undo brings the mask before back.

    `origin` is what drew it for the person, and `run_id` the run of their click where a worker did.

    Raises NotFoundError for an unknown region, InvalidInputError for an empty mask or one of another size, and ConflictError where
    the image has a region with that very mask.
    """
    region = get(session, region_id)
    rle = masks.encode(mask)
    _require_fitting(session, region.image_id, rle)
    digest = masks.mask_hash(rle)
    existing = session.scalar(select(Region.id).where(Region.image_id == region.image_id, Region.mask_hash == digest))
    if existing is not None and existing != region_id:
        raise ConflictError(f"Region {existing} of this image has this very mask; link the phrase to it instead.")
    before = events.snapshot(session, "region", region_id)
    region.mask, region.mask_hash, region.area_px = rle, digest, masks.area(rle)
    region.box_x, region.box_y, region.box_width, region.box_height = masks.box(rle)
    region.origin, region.found_by, region.score, region.run_id = origin, found_by, None, run_id
    events.record_edit(session, before, actor=actor, action="correct", subject="region", subject_id=region_id, run_id=run_id)
    return region


def remove(session: Session, region_id: int, *, actor: str, batch_id: str | None = None) -> None:
    """Delete a region with its groundings; undo brings both back."""
    region = get(session, region_id)
    before = events.snapshot(session, "region", region.id)
    session.delete(region)
    session.flush()
    events.record(
        session, actor=actor, action="delete", subject="region", subject_id=region_id, before=before, after=None, batch_id=batch_id
    )


def of_image(session: Session, image_id: int) -> list[RegionView]:
    """The regions of an image, largest first, with the mentions that mean them."""
    regions = session.scalars(select(Region).where(Region.image_id == image_id).order_by(Region.area_px.desc(), Region.id)).all()
    pairs = session.execute(
        select(Grounding.region_id, Mention)
        .join(Mention, Mention.id == Grounding.mention_id)
        .join(Region, Region.id == Grounding.region_id)
        .where(Region.image_id == image_id)
        .order_by(Mention.id)
    ).all()
    return [RegionView(region, [mention for region_id, mention in pairs if region_id == region.id]) for region in regions]


def last_change(session: Session, image_id: int) -> Event | None:
    """The newest change that a person made to an image's regions or their groundings and that still stands.

    A run's changes are none, but those of clicks that a worker carried out are. Removed regions count too; None where nothing is
    left to undo.
    """
    ids = {str(region_id) for region_id in session.scalars(select(Region.id).where(Region.image_id == image_id))}
    told = or_(*(type_coerce(record, JSON)["image_id"].as_integer() == image_id for record in (Event.before, Event.after)))
    ids |= set(session.scalars(select(Event.subject_id).where(Event.subject == "region", told)))
    if not ids:
        return None
    ours = (Event.subject == "region") & Event.subject_id.in_(ids)
    tied = (Event.subject == "grounding") & or_(*(Event.subject_id.endswith(f":{region_id}") for region_id in ids))
    by_person = Event.run_id.is_(None) | (Run.job == CLICK)
    stands = by_person, Event.undone_by_id.is_(None), Event.action != events.UNDO
    told = select(Event).outerjoin(Run, Run.id == Event.run_id)
    return session.scalar(told.where(ours | tied, *stands).order_by(Event.id.desc()).limit(1))


def _require_fitting(session: Session, image_id: int, rle: masks.Rle) -> None:
    size = session.execute(select(Image.height, Image.width).where(Image.id == image_id)).first()
    if size is None:
        raise NotFoundError(f"There is no image {image_id}.")
    height, width = rle["size"]
    if (height, width) != tuple(size):
        raise InvalidInputError(f"The mask has {width} × {height} pixels, but image {image_id} has {size.width} × {size.height}.")
    if not masks.area(rle):
        raise InvalidInputError("The mask is empty; mark at least one pixel.")


def ways_of_finding(session: Session, caption_ids: Sequence[int]) -> dict[int, dict[tuple[int, int], FoundBy]]:
    """By caption, what said where the objects of its automatic masks are, by the span [start, end) of their phrases.

    A phrase of several masks that were found in different ways, and one where that was not recorded, is left out.
    """
    ways: dict[int, dict[tuple[int, int], set[FoundBy | None]]] = {}
    for batch in batches(caption_ids):
        rows = session.execute(
            select(Mention.caption_id, Mention.start, Mention.end, Region.found_by)
            .join(Grounding, Grounding.mention_id == Mention.id)
            .join(Region, Region.id == Grounding.region_id)
            .where(Mention.caption_id.in_(batch))
        )
        for caption_id, start, end, way in rows:
            ways.setdefault(caption_id, {}).setdefault((start, end), set()).add(way)
    return {
        caption_id: {span: way for span, own_ways in spans.items() if len(own_ways) == 1 and (way := next(iter(own_ways))) is not None}
        for caption_id, spans in ways.items()
    }


def origins_by_caption(session: Session, caption_ids: Sequence[int]) -> dict[int, set[RegionOrigin]]:
    """By caption, what drew the masks of its grounded phrases."""
    origins: dict[int, set[RegionOrigin]] = {}
    for batch in batches(caption_ids):
        rows = session.execute(
            select(Mention.caption_id, Region.origin)
            .join(Grounding, Grounding.mention_id == Mention.id)
            .join(Region, Region.id == Grounding.region_id)
            .where(Mention.caption_id.in_(batch))
            .distinct()
        )
        for caption_id, origin in rows:
            origins.setdefault(caption_id, set()).add(origin)
    return origins
