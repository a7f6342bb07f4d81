"""What scenes are composed of: regions that show one whole object, photos to stand behind them, and who goes with whom.

Parts of different splits never meet in one scene, so that none leaks: only what is bound to training is used.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import RegionOrigin, Split
from db.models import Caption, Grounding, Image, Mention, Region
from workbench import levels
from workbench.errors import InvalidInputError
from workbench.imaging import masks
from workbench.releases import leak_gate
from workbench.search import ids_of_images, parse
from workbench.store import Opening, batches

SOURCE = "composed"
"""The source under which scenes stand in the store; nothing is composed of them again."""
SURE = (RegionOrigin.HUMAN, RegionOrigin.SAM, RegionOrigin.COMPOSED, RegionOrigin.IMPORTED)
LEAST_SHARE, LARGEST_SHARE = 0.002, 0.5
"""Of its picture that a cut-out covers: less shows too little of it, more is rather a place than a thing."""
LEAST_SOLIDITY = 0.75
"""Of its convex hull that a cut-out fills: less is mostly what others leave of it."""


@dataclass(frozen=True)
class Pick:
    """The parts of one scene: its number, the image behind it, and regions with their names, each name once."""

    number: int
    backdrop: int
    parts: tuple[tuple[int, str], ...]

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "Pick":
        """The pick of a plan's JSON."""
        return cls(value["number"], value["backdrop"], tuple((region_id, name) for region_id, name in value["parts"]))


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
        parts = tuple((int(rng.choice(self.regions[name])), name) for name in chosen)
        return Pick(number, int(rng.choice(self.backdrops)), parts)


def settle(query: str, *, reading: Opening, writing: Opening) -> list[int]:
    """Bind the images in color of a query to splits where they are not bound yet; return those of training, ordered by content."""
    with reading() as session:
        statement = select(Image.id, Image.sha256).where(
            Image.id.in_(ids_of_images(session, parse(query))), Image.has_reference, Image.source != SOURCE
        )
        images = {row.sha256: row.id for row in session.execute(statement.order_by(Image.sha256))}
    splits = leak_gate.settle(dict.fromkeys(images, True), reading=reading, writing=writing)
    return [image_id for sha256, image_id in images.items() if splits.get(sha256) is Split.TRAIN]


def gather(session: Session, training: Sequence[int]) -> Sources:
    """What these images offer; raises InvalidInputError that says what is missing where nothing can be composed."""
    by_name: dict[str, list[int]] = defaultdict(list)
    for ids in batches(training):
        rows = session.execute(
            select(Region, Image.width, Image.height)
            .join(Image, Image.id == Region.image_id)
            .where(Region.image_id.in_(ids), Region.origin.in_(SURE))
            .order_by(Image.sha256, Region.mask_hash)
        ).all()
        said = _said(session, ids)
        for region, width, height in rows:
            name = _name(said[region.id], region.label)
            if name and _is_whole_object(region, width, height):
                by_name[name].append(region.id)
    if not by_name:
        raise InvalidInputError(
            f"None of the {len(training)} images in color that are bound to training has a sure mask of one whole object with a name. "
            "Draw masks on the Ground page, import them, or ground with segment-anything; proposals of GrabCut are too rough to cut out."
        )
    return Sources(training, dict(sorted(by_name.items())))


def _said(session: Session, image_ids: Iterable[int]) -> dict[int, list[tuple[str, str]]]:
    """By region the phrases that mean it, each with its object's noun."""
    said: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = session.execute(
        select(Grounding.region_id, Mention.object, Mention.start, Mention.end, Caption.text)
        .join(Mention, Mention.id == Grounding.mention_id)
        .join(Caption, Caption.id == Mention.caption_id)
        .where(Caption.image_id.in_(list(image_ids)))
    )
    for region_id, noun, start, end, text in rows:
        said[region_id].append((text[start:end], noun))
    return said


def _name(phrases: Sequence[tuple[str, str]], label: str) -> str:
    """What a region is called: the noun of which captions speak as of one thing ("a cup"), else its label; "" for none of both.

    A region that captions mention only as "hair" or "two cups" is no thing that "a" could stand before.
    """
    counted = Counter(noun for phrase, noun in phrases if phrase.lower().startswith(("a ", "an ")))
    if counted:
        return max(sorted(counted), key=counted.__getitem__)
    return "" if phrases or not label else _without_colors(label.lower())


@lru_cache(maxsize=4096)
def _without_colors(label: str) -> str:
    """A label as a noun that can take any color: "white flower" is a flower, "dining table" stays what it is."""
    mentions = levels.read_caption(f"a {label}").mentions
    if not any(mention.colors for mention in mentions):
        return label
    return mentions[0].object


def _is_whole_object(region: Region, width: int, height: int) -> bool:
    """Whether a region shows a thing that can stand elsewhere: neither a speck nor most of the picture, and nowhere cut off."""
    right, bottom = region.box_x + region.box_width, region.box_y + region.box_height
    inside = region.box_x > 0 and region.box_y > 0 and right < width and bottom < height
    if not inside or not LEAST_SHARE <= region.area_px / (width * height) <= LARGEST_SHARE:
        return False
    contours, _ = cv2.findContours(masks.decode(region.mask).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.convexHull(np.concatenate(contours))
    return region.area_px >= LEAST_SOLIDITY * cv2.contourArea(hull)
