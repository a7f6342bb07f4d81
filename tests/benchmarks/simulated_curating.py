"""What nobody has reviewed and what a simulated curator makes of it: faults of captions and masks, and verdicts with errors.

    color      a caption names a wrong color of a thing
    exchanged  two things have each other's mask
    shifted    a mask lies beside its thing

Faults are made and verdicts given through the store's own services, so that its history says of each what it was.
"""

import random
import re
from collections.abc import Mapping, Sequence

import numpy as np
from sqlalchemy.orm import Session

from db.enums import Origin
from pipelines.composing.recoloring import COLORS
from workbench import captions, regions
from workbench.imaging import masks
from workbench.levels import read_caption

FAULTS = ("color", "exchanged", "shifted")
AUTHOR, CURATOR = "careless source", "simulated curator"
SHIFT = 0.25
"""Part of the picture's sides by which a mask is shifted, there and down."""


def make_faulty(session: Session, caption_ids: Sequence[int], rate: float, seed: int) -> dict[int, str]:
    """Make a share of captions faulty, each in one of the ways that it can be; the fault by caption."""
    chance = random.Random(seed)
    drawn = chance.sample(sorted(caption_ids), round(rate * len(caption_ids)))
    return {caption_id: _make_faulty(session, caption_id, chance) for caption_id in drawn}


def _make_faulty(session: Session, caption_id: int, chance: random.Random) -> str:
    caption = captions.get(session, caption_id)
    meant = [view for view in regions.of_image(session, caption.image_id) if view.mentions]
    fault = chance.choice(FAULTS if len(meant) > 1 else ("color", "shifted"))
    if fault == "color":
        captions.edit(session, caption_id, with_wrong_color(caption.text, chance), actor=AUTHOR)
    elif fault == "exchanged":
        _exchange(session, meant, chance)
    else:
        _shift(session, meant, chance)
    return fault


def with_wrong_color(text: str, chance: random.Random) -> str:
    """A caption in which one color word became another; ValueError where it has none."""
    colored = [mention for mention in read_caption(text).mentions if mention.color_spans]
    if not colored:
        raise ValueError(f"no thing of {text!r} has a color")
    mention = chance.choice(colored)
    basic = sorted({color.basic for color in COLORS.values()} - set(mention.colors))
    others = [word for word in basic if word[0] not in "aeiou"]
    start, end = mention.color_spans[0]
    return re.sub(r"(?i)\b(a)n(?= [^aeiou])", r"\1", text[:start] + chance.choice(others) + text[end:])


def _exchange(session: Session, views: Sequence[regions.RegionView], chance: random.Random) -> None:
    """Let what means one of two things mean the other, and the other way round."""
    first, second = chance.sample([(view.region.id, [mention.id for mention in view.mentions]) for view in views], 2)
    for (own, mentions), (other, _) in ((first, second), (second, first)):
        for mention_id in mentions:
            regions.unground(session, mention_id, own, actor=AUTHOR)
            regions.ground(session, mention_id, other, origin=Origin.IMPORTED, actor=AUTHOR)


def _shift(session: Session, views: Sequence[regions.RegionView], chance: random.Random) -> None:
    """Move one mask by a quarter of the picture along both axes; what leaves the picture comes in on the other side."""
    region = chance.choice(views).region
    mask = masks.decode(region.mask)
    by = [chance.choice((-1, 1)) * round(SHIFT * side) for side in mask.shape]
    regions.correct(session, region.id, np.roll(mask, by, (0, 1)), actor=AUTHOR)


def verdicts(caption_ids: Sequence[int], faults: Mapping[int, str], sensitivity: float, specificity: float, seed: int) -> dict[int, bool]:
    """Whether a curator accepts each caption, who finds so many of the faults and lets so many of the others pass."""
    chance = random.Random(seed)
    return {key: chance.random() < (1 - sensitivity if key in faults else specificity) for key in sorted(caption_ids)}


def give(session: Session, accepted: Mapping[int, bool]) -> None:
    """Give the verdicts: accept captions, or set them aside."""
    captions.accept(session, [key for key, passes in accepted.items() if passes], actor=CURATOR)
    captions.drop(session, [key for key, passes in accepted.items() if not passes], actor=CURATOR)
