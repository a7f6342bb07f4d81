"""`like:12`, the images most like one, by the features of an image classifier that the workers compute; and places on the map of these.

The vectors of a store are read once a process and brought up to date before each search: only what came or went is read again.
"""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Image, PictureFeatures
from workbench.errors import InvalidInputError, NotFoundError
from workbench.imaging.vector_index import VectorIndex
from workbench.search.grammar import And, Node, Not, Or, Term
from workbench.store import batches

MOST = 120
"""Images that `like:` finds, the image itself among them."""
MANY = 5000
"""From so many new vectors on the whole table is read."""


@dataclass
class _Kept:
    """The index of one store."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    index: VectorIndex = field(default_factory=VectorIndex)


_kept: dict[str, _Kept] = {}


def most_like(session: Session, image_id: int, most: int = MOST) -> list[tuple[int, float]]:
    """The images most like one, itself first, with their likeness in [-1, 1].

    Raises NotFoundError for an unknown image, InvalidInputError where it has no features yet.
    """
    if session.get(Image, image_id) is None:
        raise NotFoundError(f"There is no image {image_id}.")
    kept = _kept.setdefault(str(session.get_bind().engine.url), _Kept())
    with kept.lock:
        _catch_up(session, kept.index)
        own = kept.index.vector_of(image_id)
        if own is None:
            raise InvalidInputError(
                f"Image {image_id} has no features to be compared by yet; compute them in the Library (Map), or run "
                "`workbench images features --wait`."
            )
        nearest = kept.index.nearest(own, most)
    return [(image_id, 1.0), *((key, likeness) for key, likeness in nearest if key != image_id)][:most]


def without_features(session: Session) -> int:
    """How many images have no features yet."""
    images = session.execute(select(func.count(Image.id))).scalar_one()
    return images - session.execute(select(func.count()).select_from(PictureFeatures)).scalar_one()


def _catch_up(session: Session, index: VectorIndex) -> None:
    number = session.execute(select(func.count()).select_from(PictureFeatures)).scalar_one()
    newest = session.scalar(select(func.max(PictureFeatures.image_id))) or 0
    if number == len(index) and newest == index.ids.max(initial=0):
        return
    stored_ids = np.array(session.scalars(select(PictureFeatures.image_id)).all(), np.int64)
    index.keep(stored_ids)
    fresh = np.setdiff1d(stored_ids, index.ids).tolist()
    columns = select(PictureFeatures.image_id, PictureFeatures.vector)
    if len(fresh) > MANY:
        known = set(index.ids.tolist())
        rows = [(key, vector) for key, vector in session.execute(columns) if key not in known]
    else:
        pieces = (session.execute(columns.where(PictureFeatures.image_id.in_(some))) for some in batches(fresh))
        rows = [(key, vector) for piece in pieces for key, vector in piece]
    index.add(rows)


def resolved(session: Session, node: Node) -> Node:
    """A query with the images that `like:` means in its place, by their ids."""
    match node:
        case Not(inner):
            return Not(resolved(session, inner))
        case And(nodes):
            return And(tuple(resolved(session, inner) for inner in nodes))
        case Or(nodes):
            return Or(tuple(resolved(session, inner) for inner in nodes))
        case Term("like", values):
            image_ids = dict.fromkeys(key for value in values for key, _likeness in most_like(session, value))
            return Term("id", tuple((key, key) for key in image_ids))
    return node


def in_order(session: Session, node: Node) -> list[int] | None:
    """The images of the one `like:` that a query asks for beside other things, most like first; None where it asks for none or several."""
    examples = list(_asked(node))
    return [key for key, _likeness in most_like(session, examples[0])] if len(examples) == 1 else None


def _asked(node: Node) -> Iterator[int]:
    """The images of `like:` that everything found must be like."""
    match node:
        case Term("like", (value,)):
            yield value
        case And(nodes):
            for inner in nodes:
                yield from _asked(inner)
