"""The splits that images are bound to once and for all, and what ties images together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, cast, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, aliased

from db.base import now
from db.models import Duplicate, Image, Release, ReleaseItem, SplitAssignment
from workbench.errors import ConflictError
from workbench.images import SCENE_SOURCE
from workbench.releases.grouped_split import Bound
from workbench.store import batches, values_among


@dataclass(frozen=True)
class Ties:
    """What may not be torn apart, by the images' SHA-256."""

    links: list[tuple[str, str]]
    sources: dict[str, list[str]]


def ties(session: Session) -> Ties:
    """All near and exact duplicates of the store, and the sources of composed scenes.

    A source that is the SHA-256 of an image is that image: a scene and what it was composed from are linked.
    """
    image, original = aliased(Image), aliased(Image)
    links = session.execute(
        select(original.sha256, image.sha256)
        .select_from(Duplicate)
        .join(image, image.id == Duplicate.image_id)
        .join(original, original.id == Duplicate.original_id)
    )
    sources: dict[str, list[str]] = {}
    composed = select(Image.sha256, Image.attributes).where(cast(Image.attributes, Text).contains(f'"{SCENE_SOURCE}"', autoescape=True))
    for sha256, attributes in session.execute(composed):
        scene_sources = attributes.get(SCENE_SOURCE) or []
        names = [scene_sources] if isinstance(scene_sources, str) else scene_sources
        if names:
            sources[sha256] = [str(name) for name in names]
    known = values_among(session, select(Image.sha256), Image.sha256, (name for names in sources.values() for name in names))
    parts = [(scene, name) for scene, names in sources.items() for name in names if name in known]
    return Ties([tuple(link) for link in links] + parts, sources)


def bound(session: Session) -> dict[str, Bound]:
    """The places that images have for good, by SHA-256, in the order in which they got them; those of one moment by their hash."""
    rows = session.execute(
        select(Image.sha256, SplitAssignment.group_key, SplitAssignment.split)
        .join(Image, Image.id == SplitAssignment.image_id)
        .where(SplitAssignment.bound_by.is_(None) | SplitAssignment.bound_by.not_in(_being_entered()))
        .order_by(SplitAssignment.assigned_at, Image.sha256)
    )
    return {sha256: Bound(group_key, split) for sha256, group_key, split in rows}


def bind(session: Session, placed: Mapping[str, Bound], release_id: int | None = None) -> None:
    """Bind the images, by SHA-256, that have no place yet, in the name of a release or of nobody; those that have one keep it.

    Raises ConflictError where one has a place in another split, or is gone.
    """
    moment = now()
    for names in batches(sorted(placed)):
        _bind_some(session, {name: placed[name] for name in names}, moment, release_id)


def _being_entered() -> Select[Any]:
    return select(Release.id).where(Release.entering_at.is_not(None))


def _bind_some(session: Session, placed: Mapping[str, Bound], moment: datetime, release_id: int | None) -> None:
    ids = dict(session.execute(select(Image.sha256, Image.id).where(Image.sha256.in_(placed))).all())
    of_others = SplitAssignment.bound_by.in_(_being_entered()), SplitAssignment.bound_by != release_id
    claimed = update(SplitAssignment).where(SplitAssignment.image_id.in_(ids.values()), *of_others)
    session.connection().execute(claimed.values(bound_by=release_id))
    rows = [
        {"image_id": image_id, "group_key": placed[sha256].group_key, "split": placed[sha256].split}
        for sha256, image_id in sorted(ids.items(), key=lambda pair: pair[1])
    ]
    if rows:
        dialect = {"sqlite": sqlite, "postgresql": postgresql}[session.connection().dialect.name]
        common = {"assigned_at": moment, "bound_by": release_id}
        session.execute(dialect.insert(SplitAssignment).on_conflict_do_nothing(), [row | common for row in rows])
    has = select(Image.sha256, SplitAssignment.split).join(Image, Image.id == SplitAssignment.image_id)
    splits = dict(session.execute(has.where(SplitAssignment.image_id.in_(ids.values()))).all())
    for sha256, place in placed.items():
        if splits.get(sha256) is not place.split:
            where = f"was bound to {splits[sha256]} by another release" if sha256 in splits else "was removed"
            raise ConflictError(f"Image {sha256[:12]} {where} just now; try again, and this will fit in.")


def unbind_some(session: Session, release_id: int, most: int) -> int:
    """Take back so many places that a release, which never became whole, gave to images; return how many it still had, `most` at most.

    An image that is also in another release keeps its place, in that one's name.
    """
    own = select(SplitAssignment.image_id).where(SplitAssignment.bound_by == release_id).order_by(SplitAssignment.image_id)
    ids = list(session.scalars(own.limit(most).with_for_update()))
    of_others = ReleaseItem.image_id.in_(ids), ReleaseItem.release_id != release_id
    heirs = select(ReleaseItem.image_id, func.min(ReleaseItem.release_id)).where(*of_others).group_by(ReleaseItem.image_id)
    for image_id, heir in session.execute(heirs).all():
        kept = update(SplitAssignment).where(SplitAssignment.image_id == image_id)
        session.connection().execute(kept.values(bound_by=heir))
    left = SplitAssignment.image_id.in_(ids), SplitAssignment.bound_by == release_id
    session.connection().execute(delete(SplitAssignment).where(*left))
    return len(ids)
