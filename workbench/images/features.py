"""What an image classifier makes of images: kept small, and placed on a map where like lies beside like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from db.models import Image, PictureFeatures
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
