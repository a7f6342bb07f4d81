"""What an image classifier makes of images, kept small and placed on a map where like lies beside like; and the color prior's doubt."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from db.models import Image, PictureFeatures, PriorDoubt
from workbench.imaging.vector_index import pack, unpack
from workbench.store import batches

SIDE = 1000.0
"""The map's width and height."""


@dataclass(frozen=True)
class Placed:
    """An image on the map."""

    image_id: int
    x: float
    y: float


def lacking(session: Session, image_ids: Sequence[int], network: str) -> list[int]:
    """Those of the images that have no features of this network, in their order."""
    with_features: set[int] = set()
    for some in batches(image_ids):
        own = select(PictureFeatures.image_id).where(PictureFeatures.image_id.in_(some), PictureFeatures.network == network)
        with_features |= set(session.scalars(own))
    return [key for key in image_ids if key not in with_features]


def keep(session: Session, vectors_by_image: Mapping[int, NDArray[np.floating]], network: str) -> None:
    """Keep the vectors of images, in place of those of another network; images that are gone by now are left out."""
    for some in batches(vectors_by_image):
        known_ids = set(session.scalars(select(Image.id).where(Image.id.in_(some))))
        session.execute(delete(PictureFeatures).where(PictureFeatures.image_id.in_(some)))
        rows = [{"image_id": key, "network": network, "vector": pack(vectors_by_image[key])} for key in some if key in known_ids]
        if rows:
            session.execute(insert(PictureFeatures), rows)


def vectors(session: Session, network: str) -> tuple[list[int], NDArray[np.float32]]:
    """The ids (N,) of all images with features of a network, and their vectors (N, F)."""
    rows = select(PictureFeatures.image_id, PictureFeatures.vector).where(PictureFeatures.network == network)
    pairs = session.execute(rows.order_by(PictureFeatures.image_id)).all()
    return [key for key, _ in pairs], np.array([unpack(vector) for _, vector in pairs], np.float32)


def vectors_of(session: Session, image_ids: Sequence[int]) -> dict[int, NDArray[np.float32]]:
    """The vectors (F,) of images, for those that have one; of one network only: the one that most of them are of."""
    found: dict[str, dict[int, NDArray[np.float32]]] = defaultdict(dict)
    columns = select(PictureFeatures.image_id, PictureFeatures.network, PictureFeatures.vector)
    for some in batches(image_ids):
        for key, network, vector in session.execute(columns.where(PictureFeatures.image_id.in_(some))):
            found[network][key] = unpack(vector).astype(np.float32)
    return max(found.values(), key=len, default={})


def undoubted(session: Session, image_ids: Sequence[int], prior: str) -> list[int]:
    """Those of the images of which it is not known how unsure this prior is, in their order."""
    known: set[int] = set()
    for some in batches(image_ids):
        known |= set(session.scalars(select(PriorDoubt.image_id).where(PriorDoubt.image_id.in_(some), PriorDoubt.prior == prior)))
    return [key for key in image_ids if key not in known]


def keep_doubts(session: Session, doubts_by_image: Mapping[int, float], prior: str) -> None:
    """Keep how unsure a prior is of images, in place of what another one was; images that are gone by now are left out."""
    for some in batches(doubts_by_image):
        known_ids = set(session.scalars(select(Image.id).where(Image.id.in_(some))))
        session.execute(delete(PriorDoubt).where(PriorDoubt.image_id.in_(some)))
        rows = [{"image_id": key, "prior": prior, "doubt": doubts_by_image[key]} for key in some if key in known_ids]
        if rows:
            session.execute(insert(PriorDoubt), rows)


def doubts_of(session: Session, image_ids: Sequence[int]) -> dict[int, float]:
    """How unsure the color prior is of images, for those of which it is known; what an earlier prior was counts until it is renewed."""
    known: dict[int, float] = {}
    for some in batches(image_ids):
        known |= dict(session.execute(select(PriorDoubt.image_id, PriorDoubt.doubt).where(PriorDoubt.image_id.in_(some))).all())
    return known


def place(session: Session, image_ids: Sequence[int], places: NDArray[np.floating]) -> None:
    """Put images on the map, at places (N, 2) in [0, SIDE]."""
    table = PictureFeatures.__table__
    statement = update(table).where(table.c.image_id == bindparam("key")).values(map_x=bindparam("x"), map_y=bindparam("y"))
    rows = [{"key": key, "x": float(x), "y": float(y)} for key, (x, y) in zip(image_ids, places, strict=True)]
    for some in batches(rows, 5000):
        session.connection().execute(statement, some)


def placed(session: Session, most: int) -> list[Placed]:
    """The images on the map; of more than `most` a part, taken at even steps through the library."""
    on_map = select(PictureFeatures.image_id).where(PictureFeatures.map_x.is_not(None)).order_by(PictureFeatures.image_id)
    keys = list(session.scalars(on_map))
    step = max(1, -(-len(keys) // most))
    places: list[Placed] = []
    for some in batches(keys[::step]):
        rows = select(PictureFeatures.image_id, PictureFeatures.map_x, PictureFeatures.map_y).where(PictureFeatures.image_id.in_(some))
        places += [Placed(key, x or 0.0, y or 0.0) for key, x, y in session.execute(rows.order_by(PictureFeatures.image_id))]
    return places
