"""The splits that images are bound to once and for all, and what ties images together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, aliased

from db.base import now
from db.models import Duplicate, Image, SplitAssignment
from workbench.images import SCENE_SOURCE
from workbench.releases.grouped_split import Bound
from workbench.store import batches


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
    known = set()
    for sha256, attributes in session.execute(select(Image.sha256, Image.attributes)):
        known.add(sha256)
        scene_sources = attributes.get(SCENE_SOURCE) or []
        names = [scene_sources] if isinstance(scene_sources, str) else scene_sources
        if names:
            sources[sha256] = [str(name) for name in names]
    parts = [(scene, name) for scene, names in sources.items() for name in names if name in known]
    return Ties([tuple(link) for link in links] + parts, sources)


def bound(session: Session) -> dict[str, Bound]:
    """The places that images have, by SHA-256, in the order in which they got them; those of one moment by their hash."""
    rows = session.execute(
        select(Image.sha256, SplitAssignment.group_key, SplitAssignment.split)
        .join(Image, Image.id == SplitAssignment.image_id)
        .order_by(SplitAssignment.assigned_at, Image.sha256)
    )
    return {sha256: Bound(group_key, split) for sha256, group_key, split in rows}


def bind(session: Session, placed: Mapping[str, Bound]) -> int:
    """Bind the images that have no place yet; return their number. Those that have one keep it."""
    moment = now()
    return sum(_bind_some(session, names, placed, moment) for names in batches(sorted(placed)))


def _bind_some(session: Session, names: Iterable[str], placed: Mapping[str, Bound], moment) -> int:
    free = select(Image.id, Image.sha256).outerjoin(SplitAssignment, SplitAssignment.image_id == Image.id)
    free = free.where(Image.sha256.in_(names), SplitAssignment.image_id.is_(None))
    rows = [
        {"image_id": image_id, "group_key": placed[sha256].group_key, "split": placed[sha256].split, "assigned_at": moment}
        for image_id, sha256 in session.execute(free.order_by(Image.id))
    ]
    if rows:
        session.execute(insert(SplitAssignment), rows)
    return len(rows)
