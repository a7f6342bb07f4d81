"""Quality checks of a store: originals and captions that a curator should look at before anything is trained on them.

Each check is a query with a reason for every finding; nothing is changed. Those of CHECKS are counted and paged at once. Two take their
time with many captions and are asked for a part at a time: `contradictions` holds all captions of an image against each other, and
`unseen_colors` reads the original's pixels in the masks of the mentions.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Select, and_, func, null, select, true
from sqlalchemy.orm import Session

from db.enums import CaptionStatus, RegionOrigin
from db.models import Caption, Duplicate, Grounding, Image, Mention, MentionColor, Region
from db.tokens import MOST_TOKENS, count_tokens, first_lost
from workbench import images
from workbench.errors import NotFoundError
from workbench.imaging import BASIC_TERMS, lab_of_rgb, masks, names_of_colors
from workbench.search import ids_of_captions, parse
from workbench.store import MediaStore

NEAR_GRAY = 12.0
"""Colorfulness (Hasler and Süsstrunk's M3) below which an original hardly has color: 15 counts as slightly colorful."""
LEAST_SEEN, LEAST_OF_SEVERAL = 0.1, 0.03
"""Of a mask's pixels, how many must show a color for it to be seen: the only one that is said of a thing, one of several.

Of 60 garments of photos with masks by hand, named by looking, 1 was accused; of all other terms said of them 0.64 were found.
"""
IMAGES_AT_A_TIME = 5_000
"""Images whose captions are held against each other in one go."""
TRUSTED = (RegionOrigin.HUMAN, RegionOrigin.COMPOSED)
"""Masks that a person drew or confirmed, or that are exact because the picture was made with them."""
MOST_PIXELS = 4096
"""Pixels of a mask that are looked at, evenly spread."""
ALIKE = {
    "gray": {"black", "white"}, "white": {"gray"}, "black": {"gray"}, "brown": {"orange", "red", "black"},
    "orange": {"brown", "red", "yellow"},
    "red": {"brown", "pink", "orange"}, "pink": {"red", "purple"}, "purple": {"pink", "blue"}, "blue": {"purple"}, "yellow": {"orange"},
}  # fmt: skip
"""Terms that the eye takes for each other under shadow and light, beside the term itself."""


@dataclass(frozen=True)
class Finding:
    """An image, the caption in question where there is one, and why it should be looked at."""

    image_id: int
    caption_id: int | None
    reason: str
    other_id: int | None = None
    """Another image that the finding is about."""


@dataclass(frozen=True)
class Check:
    """What is looked for and why; `page` is where its findings are worked off."""

    title: str
    why: str
    page: str
    query: Callable[[Session], Select]
    """Rows (image id, caption id or None, reason) in the order of the images, without a limit."""


def _near_gray(_session: Session) -> Select:
    dull = Image.has_reference == true(), Image.colorfulness < NEAR_GRAY
    return select(Image.id, null(), Image.colorfulness).where(*dull).order_by(Image.colorfulness, Image.id)


def _accepted(session: Session, query: str) -> Select:
    among = Caption.id.in_(ids_of_captions(session, parse(f"({query}) status:accepted")))
    return select(Caption.image_id, Caption.id, Caption.text).where(among).order_by(Caption.image_id, Caption.id)


def _truncated(session: Session) -> Select:
    return _accepted(session, f"tokens:>{MOST_TOKENS}")


def _colorless(session: Session) -> Select:
    return _accepted(session, f"level:complete NOT color:{','.join(BASIC_TERMS)}")


def _contradictions(after_id: int, last_id: int) -> Select:
    """Objects to which several captions of their image give colors, but no color that all of them give, of a range of images.

    Objects that some caption of the image colors twice are left out, for there it may be two things.
    """
    colored = (
        select(Caption.image_id, Mention.object, Mention.caption_id, Mention.id.label("mention_id"), MentionColor.color)
        .join(Mention, Mention.caption_id == Caption.id)
        .join(MentionColor, MentionColor.mention_id == Mention.id)
        .where(Caption.status == CaptionStatus.ACCEPTED, Caption.image_id > after_id, Caption.image_id <= last_id)
        .cte("colored")
    )
    captions_of = func.count(colored.c.caption_id.distinct())
    thing = colored.c.image_id, colored.c.object
    told = select(*thing, captions_of.label("captions")).group_by(*thing)
    told = told.having(captions_of > 1, func.count(colored.c.mention_id.distinct()) == captions_of).subquery()
    colors_given = select(*thing, captions_of.label("captions")).group_by(*thing, colored.c.color).subquery()
    most = select(colors_given.c.image_id, colors_given.c.object, func.max(colors_given.c.captions).label("captions"))
    most = most.group_by(colors_given.c.image_id, colors_given.c.object).subquery()
    same = and_(most.c.image_id == told.c.image_id, most.c.object == told.c.object)
    disagreeing = select(told.c.image_id, told.c.object).join(most, same).where(most.c.captions < told.c.captions)
    return disagreeing.order_by(told.c.image_id, told.c.object)


def _duplicates(_session: Session) -> Select:
    return select(Duplicate.image_id, null(), Duplicate.original_id).order_by(Duplicate.image_id, Duplicate.original_id)


CHECKS = {
    "near-gray": Check("Originals with hardly any color", "Nearly gray originals are poor targets.", "library", _near_gray),
    "truncated": Check("Captions that are cut", "CLIP reads 77 tokens; the end of these is not read.", "caption", _truncated),
    "colorless": Check("Complete captions without a color", "Their level does not fit their words.", "caption", _colorless),
    "duplicates": Check("Images that look alike", "Near duplicates share a split; one of them is often enough.", "library", _duplicates),
}
"""The checks that read the store alone, by name."""

REASONS: dict[str, Callable[[Any], str]] = {
    "near-gray": lambda value: f"Colorfulness {value:.0f}",
    "truncated": lambda text: f"{count_tokens(text)} tokens; not read: “{text[first_lost(text) :]}”",
    "colorless": lambda _text: "Marked complete, but it names no color",
    "duplicates": lambda original: f"Looks like image {original}",
}


def _check(name: str) -> Check:
    if name not in CHECKS:
        raise NotFoundError(f"There is no check {name!r}; there are {', '.join(CHECKS)}.")
    return CHECKS[name]


def count(session: Session, name: str) -> int:
    """How much a check finds; raises NotFoundError for an unknown check."""
    return session.scalar(select(func.count()).select_from(_check(name).query(session).order_by(None).subquery())) or 0


def find(session: Session, name: str, limit: int = 50, offset: int = 0) -> list[Finding]:
    """What a check finds, in its order; raises NotFoundError for an unknown check."""
    rows = session.execute(_check(name).query(session).limit(limit).offset(offset)).all()
    others = name == "duplicates"
    return [Finding(image_id, caption_id, REASONS[name](value), value if others else None) for image_id, caption_id, value in rows]


def contradictions(session: Session, after_id: int = 0, limit: int = 50) -> tuple[list[Finding], int | None]:
    """Objects on whose color the captions of their image do not agree, of the next IMAGES_AT_A_TIME images at most.

    Returns about `limit` findings and the id of the last image looked at, None when there was none left.
    """
    ahead = select(Image.id).where(Image.id > after_id).order_by(Image.id).limit(IMAGES_AT_A_TIME).subquery()
    last_id = session.scalar(select(func.max(ahead.c.id)))
    if last_id is None:
        return [], None
    rows = session.execute(_contradictions(after_id, last_id).limit(limit + 1)).all()
    if len(rows) > limit:  # the last image may have more, so it begins the next part
        rows = [row for row in rows if row.image_id != rows[-1].image_id] or rows
        last_id = rows[-1].image_id
    return [Finding(image_id, None, f"Captions give “{noun}” different colors") for image_id, noun in rows], last_id


def unseen_colors(session: Session, media: MediaStore, after_id: int = 0, limit: int = 200) -> tuple[list[Finding], int | None]:
    """Captions whose words name colors that the original does not show where they say, of the next `limit` with colored masks.

    Only TRUSTED masks are looked into: a wrong mask would accuse a right caption.

    Returns the findings and the id of the last caption looked at, None when there was none left.
    """
    grounded = (
        select(Caption.id)
        .join(Mention, Mention.caption_id == Caption.id)
        .join(MentionColor, MentionColor.mention_id == Mention.id)
        .join(Grounding, Grounding.mention_id == Mention.id)
        .join(Image, Image.id == Caption.image_id)
        .join(Region, Region.id == Grounding.region_id)
        .where(Caption.status == CaptionStatus.ACCEPTED, Image.has_reference == true(), Caption.id > after_id, Region.origin.in_(TRUSTED))
        .distinct()
        .order_by(Caption.id)
        .limit(limit)
    )
    ids = list(session.scalars(grounded))
    shades = _Shades(session, media)
    unseen = [finding for caption_id in ids for finding in _unseen(session, caption_id, shades)]
    return unseen, ids[-1] if ids else None


class _Shades:
    """The basic terms of the pixels in regions, read once for all captions that mean a region, and a picture once for its regions."""

    def __init__(self, session: Session, media: MediaStore):
        self.session, self.media = session, media
        self.known: dict[int, np.ndarray] = {}
        self.picture: tuple[int, np.ndarray] | None = None

    def of(self, region: Region) -> np.ndarray:
        """The terms of at most MOST_PIXELS pixels."""
        if region.id not in self.known:
            if self.picture is None or self.picture[0] != region.image_id:
                self.picture = region.image_id, images.upright_rgb(self.media, images.get(self.session, region.image_id))
            pixels = self.picture[1][masks.decode(region.mask)]
            self.known[region.id] = names_of_colors(lab_of_rgb(pixels[:: max(1, len(pixels) // MOST_PIXELS)]))
        return self.known[region.id]


def _unseen(session: Session, caption_id: int, shades: _Shades) -> Iterator[Finding]:
    """The findings of a caption."""
    rows = session.execute(
        select(Caption.image_id, Mention.id, Mention.object, MentionColor.color, Region)
        .join(Mention, Mention.caption_id == Caption.id)
        .join(MentionColor, MentionColor.mention_id == Mention.id)
        .join(Grounding, Grounding.mention_id == Mention.id)
        .join(Region, Region.id == Grounding.region_id)
        .where(Caption.id == caption_id, Region.origin.in_(TRUSTED))
        .order_by(Mention.start, MentionColor.position)
    ).all()
    seen: dict[tuple[int, str, str], float] = {}
    for _, mention_id, noun, color, region in rows:
        share = float(np.isin(shades.of(region), [color, *ALIKE.get(color, ())]).mean())
        seen[mention_id, noun, color] = max(share, seen.get((mention_id, noun, color), 0.0))
    colors = Counter(mention_id for mention_id, _, _ in seen)
    for (mention_id, noun, color), share in seen.items():
        if share < (LEAST_SEEN if colors[mention_id] == 1 else LEAST_OF_SEVERAL):
            yield Finding(rows[0].image_id, caption_id, _unseen_reason(noun, color, share))


def _unseen_reason(noun: str, color: str, share: float) -> str:
    return f"The caption says {color}; {share:.0%} of the mask of “{noun}” is {color} (color or mask wrong)"
