"""The order in which pictures teach most: first those of whose colors the prior is least sure, passing over what is like one before it.

How far the heads of the color prior are apart says of a picture that its like was rarely seen (`lcad.models.prior_doubt`). By doubt alone a
batch would be many pictures of one kind; so what is like a picture that is known or taken waits until all others are taken.
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from workbench.images import features

Vector = NDArray[np.floating]

LIKE = 0.6
"""Scalar product of features from which on two pictures are like each other.

Of 0.9, 0.8, 0.7 and 0.6 it was chosen on 120 scenes of things on photos and on the demo's 89 pictures, where a quarter so taken named 1.12
and 1.13 times the pairs of a thing and a color that a random quarter names; on 110 other scenes it was 1.02.
"""


@dataclass(frozen=True, eq=False)
class Seen:
    """What is known of a picture: its features (F,) of length 1, and how unsure the color prior is of it, in Lab units."""

    vector: Vector | None = None
    doubt: float | None = None


def seen(session: Session, image_ids: Sequence[int]) -> dict[int, Seen]:
    """What is known of images, each of them."""
    vectors, doubts = features.vectors_of(session, image_ids), features.doubts_of(session, image_ids)
    return {key: Seen(vectors.get(key), doubts.get(key)) for key in image_ids}


def ranks(values: Mapping[int, float]) -> dict[int, float]:
    """For each value the share of all that lie below it, in [0, 1]; of equals half lie below."""
    every = np.sort(np.array(list(values.values()), float))
    places = {key: np.searchsorted(every, value, "left") + np.searchsorted(every, value, "right") for key, value in values.items()}
    return {key: float(place) / (2 * len(every)) for key, place in places.items()}


def doubted_first(pictures: Sequence[Seen], known: Sequence[Seen], count: int, chance: random.Random) -> tuple[list[int], list[float]]:
    """The places of `count` pictures in the order in which to take them, and the worth of each picture, in [0, 1], by place.

    The worth is the rank of the doubt, a half where that is not known, and one more for what is like nothing before it, halved. Pictures
    without features are worth nothing and come last; equals come in the order of chance.
    """
    unsure = ranks({place: one.doubt for place, one in enumerate(pictures) if one.doubt is not None and one.vector is not None})
    shuffled = chance.sample(range(len(pictures)), len(pictures))
    order = sorted((place for place in shuffled if pictures[place].vector is not None), key=lambda place: -unsure.get(place, 0.5))
    vectors = np.array([pictures[place].vector for place in order])
    before = np.array([one.vector for one in known if one.vector is not None])
    apart = {order[number] for number in _apart(vectors, before, count)} if order else set()
    worth = [0.0] * len(pictures)
    for place in order:
        worth[place] = (unsure.get(place, 0.5) + (place in apart)) / 2
    waiting = [place for place in order if place not in apart]
    without = [place for place in shuffled if pictures[place].vector is None]
    return [*(place for place in order if place in apart), *waiting, *without][:count], worth


def _apart(vectors: Vector, known: Vector, count: int) -> list[int]:
    """The first `count` of vectors (N, F), in their order, that are like none of known (M, F) nor one before; fewer where that is all."""
    likeness = (vectors @ known.T).max(1) if len(known) else np.full(len(vectors), -1.0)
    taken: list[int] = []
    for number in range(len(vectors)):
        if len(taken) == count:
            break
        if likeness[number] < LIKE:
            taken.append(number)
            likeness = np.maximum(likeness, vectors @ vectors[number])
    return taken
