"""Images that are cuts of each other: their landmarks are kept, looked for among those of all others, and what is found is recorded.

index = crops.catch_up(session, CropIndex())                # the landmarks of the store, by what they are looked up with
pairs = crops.look(session, index, image_ids)               # no writing: candidates, then a comparison of each
crops.record(session, pairs, actor="me")                    # near duplicates of the kind `crop`

Not named by the room: it loads OpenCV, which the app does not need.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, insert, select, tuple_
from sqlalchemy.orm import Session

from db.enums import DuplicateKind
from db.models import Duplicate, Image, Landmarks, Run
from workbench.imaging import landmarks
from workbench.imaging.crop_index import CropIndex, kept_keys
from workbench.imaging.perceptual_hash import distance
from workbench.store import batches, events

__all__ = ["Pair", "catch_up", "keep", "like", "look", "newer_than_run", "record"]


@dataclass(frozen=True)
class Pair:
    """Two images of which one is a cut of the other, or both of a third picture; the earlier one first."""

    original_id: int
    image_id: int


def newer_than_run(run_id: int) -> Select:
    """The ids of images with landmarks that came after a run was asked for, as a statement."""
    began = select(Run.created_at).where(Run.id == run_id).scalar_subquery()
    return select(Landmarks.image_id).join(Image, Image.id == Landmarks.image_id).where(Image.created_at >= began)


def keep(session: Session, fresh: Mapping[int, landmarks.Landmarks]) -> None:
    """Keep the landmarks of images that have none."""
    existing = {key for some in batches(fresh) for key in session.scalars(select(Landmarks.image_id).where(Landmarks.image_id.in_(some)))}
    rows = [
        {"image_id": image_id, "keys": kept_keys(own.descriptions), "points": landmarks.pack(own)}
        for image_id, own in fresh.items()
        if image_id not in existing
    ]
    if rows:
        session.execute(insert(Landmarks), rows)


def catch_up(session: Session, index: CropIndex) -> CropIndex:
    """Add the images that are newer than those of the index; return it."""
    rows = select(Landmarks.image_id, Landmarks.keys).where(Landmarks.image_id > index.newest).order_by(Landmarks.image_id)
    for image_id, keys in session.execute(rows.execution_options(yield_per=2000)):
        index.add(image_id, keys)
    return index


def look(session: Session, index: CropIndex, image_ids: Iterable[int]) -> list[Pair]:
    """The pairs of these images with any of the index; to be called outside of a writing transaction, for comparing takes its time."""
    pairs: set[Pair] = set()
    for some in batches(image_ids, 32):
        own = _landmarks(session, some)
        candidates = {key: [other for other in index.candidates(own[key].descriptions) if other != key] for key in own}
        others = own | _landmarks(session, {other for of_one in candidates.values() for other in of_one} - own.keys())
        for key, named in candidates.items():
            cuts = (other for other in named if other in others and landmarks.compare(own[key], others[other]).is_crop)
            pairs |= {Pair(min(key, other), max(key, other)) for other in cuts}
    return sorted(pairs, key=lambda pair: (pair.image_id, pair.original_id))


def like(session: Session, index: CropIndex, packed: bytes) -> list[int]:
    """The images of the index that show the same as a picture from elsewhere, given by its packed landmarks."""
    own = landmarks.unpack(packed)
    others = _landmarks(session, index.candidates(own.descriptions))
    return sorted(key for key, other in others.items() if landmarks.compare(own, other).is_crop)


def record(session: Session, pairs: Sequence[Pair], *, actor: str, run_id: int | None = None, batch_id: str | None = None) -> int:
    """Record pairs as near duplicates; return how many were not known as such. An image that is gone by now is left out."""
    new = 0
    for some in batches(pairs):
        keys = {key for pair in some for key in (pair.image_id, pair.original_id)}
        hashes: dict[int, int] = dict(map(tuple, session.execute(select(Image.id, Image.phash).where(Image.id.in_(keys)))))
        both = tuple_(Duplicate.image_id, Duplicate.original_id)
        known = {tuple(row) for row in session.execute(select(Duplicate.image_id, Duplicate.original_id).where(both.in_(_ids(some))))}
        for pair in some:
            if (pair.image_id, pair.original_id) not in known and {pair.image_id, pair.original_id} <= hashes.keys():
                _record(session, pair, int(distance(hashes[pair.image_id], hashes[pair.original_id])), actor, run_id, batch_id)
                new += 1
    return new


def _record(session: Session, pair: Pair, bits: int, actor: str, run_id: int | None, batch_id: str | None) -> None:
    before = events.snapshot(session, "image", pair.image_id)
    row = {"image_id": pair.image_id, "original_id": pair.original_id, "kind": DuplicateKind.CROP, "distance": bits}
    session.execute(insert(Duplicate), [row])
    named = {"actor": actor, "action": "compare", "subject": "image", "subject_id": pair.image_id}
    events.record_edit(session, before, **named, run_id=run_id, batch_id=batch_id)


def _ids(pairs: Iterable[Pair]) -> list[tuple[int, int]]:
    return [(pair.image_id, pair.original_id) for pair in pairs]


def _landmarks(session: Session, image_ids: Iterable[int]) -> dict[int, landmarks.Landmarks]:
    """The landmarks of images that have them, by id."""
    by_image: dict[int, landmarks.Landmarks] = {}
    for some in batches(sorted(image_ids)):
        rows = session.execute(select(Landmarks.image_id, Landmarks.points).where(Landmarks.image_id.in_(some)))
        by_image |= {image_id: landmarks.unpack(points) for image_id, points in rows}
    return by_image
