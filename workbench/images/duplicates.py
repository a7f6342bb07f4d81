"""Near duplicates: images that look alike or are cut from one picture, of one image and as groups."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from db.enums import DuplicateKind
from db.models import Duplicate, Image, Landmarks

__all__ = ["Twin", "duplicate_groups", "duplicates_of", "uncompared"]


@dataclass(frozen=True)
class Twin:
    """An image that another one resembles, how, and in how many bits their perceptual hashes differ."""

    image_id: int
    kind: DuplicateKind
    distance: int


def duplicates_of(session: Session, image_id: int) -> list[Twin]:
    """The near duplicates of an image, nearest first, crops last."""
    columns = (Duplicate.image_id, Duplicate.original_id, Duplicate.kind, Duplicate.distance)
    rows = session.execute(select(*columns).where((Duplicate.image_id == image_id) | (Duplicate.original_id == image_id)))
    twins = [Twin(first if second == image_id else second, kind, bits) for first, second, kind, bits in rows]
    return sorted(twins, key=lambda twin: (twin.kind is DuplicateKind.CROP, twin.distance, twin.image_id))


def uncompared() -> Select:
    """The ids of images that were not compared with the others for crops, for they came before these were looked for, as a statement."""
    return select(Image.id).outerjoin(Landmarks, Landmarks.image_id == Image.id).where(Landmarks.image_id.is_(None)).order_by(Image.id)


def duplicate_groups(session: Session, image_ids: Iterable[int] | None = None) -> list[list[int]]:
    """Images that resemble each other, directly or through others, each group in the order of ids, the largest first.

    With `image_ids` those groups alone that hold one of them.
    """
    neighbors: dict[int, set[int]] = defaultdict(set)
    for first, second in session.execute(select(Duplicate.image_id, Duplicate.original_id)):
        neighbors[first].add(second)
        neighbors[second].add(first)
    groups, seen = [], set[int]()
    for start in sorted(neighbors):
        if start in seen:
            continue
        group, edge = {start}, [start]
        while edge:
            fresh = neighbors[edge.pop()] - group
            group |= fresh
            edge += fresh
        seen |= group
        groups.append(sorted(group))
    matching = None if image_ids is None else set(image_ids)
    kept = groups if matching is None else [group for group in groups if not matching.isdisjoint(group)]
    return sorted(kept, key=lambda group: (-len(group), group))
