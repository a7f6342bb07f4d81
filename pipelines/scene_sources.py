"""What scenes are composed of: regions that show one whole object, photos to stand behind them, and who goes with whom.

Parts of different splits never meet in one scene, so that none leaks: only what is bound to training is used.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import RegionOrigin, Split
from db.models import Image, Region
from workbench import placement
from workbench.batches import batches
from workbench.errors import InvalidInputError
from workbench.query import image_filter, parse

SOURCE = "composed"
"""The source under which scenes stand in the store; nothing is composed of them again."""
SURE = (RegionOrigin.HUMAN, RegionOrigin.SAM, RegionOrigin.COMPOSED, RegionOrigin.IMPORTED)
LEAST_SHARE, LARGEST_SHARE = 0.002, 0.5
"""Of its picture that a cut-out covers: less shows too little of it, more is rather a place than a thing."""
MOST_BORDERS = 1
"""Sides of its picture at which a cut-out may be cut off."""


@dataclass(frozen=True)
class Pick:
    """The parts of one scene: its number, the image behind it, and regions of different names."""

    number: int
    backdrop: int
    regions: tuple[int, ...]

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "Pick":
        """The pick of a plan's JSON."""
        return cls(value["number"], value["backdrop"], tuple(value["regions"]))


@dataclass(frozen=True)
class Sources:
    """Ids of the images to stand behind, and of regions by what they are called; both in an order that only contents decide."""

    backdrops: Sequence[int]
    regions: Mapping[str, Sequence[int]]

    def pick(self, seed: int, number: int, most_objects: int) -> Pick:
        """Scene `number` of a seed: two objects or more of different names, where there are so many."""
        rng = np.random.default_rng([seed, number])
        names = list(self.regions)
        count = min(len(names), int(rng.integers(min(2, most_objects), most_objects + 1)))
        chosen = [names[i] for i in rng.permutation(len(names))[:count]]
        regions = tuple(int(rng.choice(self.regions[name])) for name in chosen)
        return Pick(number, int(rng.choice(self.backdrops)), regions)


def gather(session: Session, query: str) -> Sources:
    """What the images of a query offer; binds them to splits where they are not bound yet.

    Raises InvalidInputError that says what is missing where nothing can be composed.
    """
    wanted = select(Image.id, Image.sha256).where(image_filter(parse(query)), Image.has_reference.is_(True), Image.source != SOURCE)
    images = {row.sha256: row.id for row in session.execute(wanted.order_by(Image.sha256))}
    splits = placement.settle(session, dict.fromkeys(images, True))
    training = [image_id for sha256, image_id in images.items() if splits.get(sha256) is Split.TRAIN]
    found: dict[str, list[int]] = defaultdict(list)
    for ids in batches(training):
        rows = session.execute(
            select(Region, Image.width, Image.height)
            .join(Image, Image.id == Region.image_id)
            .where(Region.image_id.in_(ids), Region.origin.in_(SURE), Region.label != "")
            .order_by(Image.sha256, Region.mask_hash)
        )
        for region, width, height in rows:
            if _is_whole_object(region, width, height):
                found[region.label.lower()].append(region.id)
    if not found:
        raise InvalidInputError(
            f"None of the {len(training)} images in color that are bound to training has a sure mask of one whole object with a name. "
            "Draw masks on the Ground page, import them, or ground with segment-anything; proposals of GrabCut are too rough to cut out."
        )
    return Sources(training, dict(sorted(found.items())))


def _is_whole_object(region: Region, width: int, height: int) -> bool:
    """Whether a region shows a thing that can stand elsewhere: neither a speck nor most of the picture, and hardly cut off."""
    right, bottom = region.box_x + region.box_width, region.box_y + region.box_height
    borders = [region.box_x <= 0, region.box_y <= 0, right >= width, bottom >= height]
    return LEAST_SHARE <= region.area_px / (width * height) <= LARGEST_SHARE and sum(borders) <= MOST_BORDERS
