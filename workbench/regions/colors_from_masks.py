"""Complete captions from pictures: the dominant color names of each masked object, put into a caption or a list of the objects.

What is made here is a proposal by rule; it counts when a person accepts it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import CaptionStatus, Origin
from db.models import Caption
from workbench import captions, images, levels
from workbench.captions import CaptionView
from workbench.errors import InvalidInputError
from workbench.imaging import lab_of_rgb, masks, names_of_colors
from workbench.levels import article_for, put_colors
from workbench.regions import regions
from workbench.regions.regions import RegionView
from workbench.store import MediaStore, events

SAMPLE = 4096
"""Pixels, at most, from which a region's colors are counted: a regular choice of them."""
SECOND_SHARE = 0.3
"""A second color is named where it covers this much of the region and the first less than the rest of two thirds."""
CLEAR_SHARE = 2 / 3
MOST_LISTED = 6
"""Objects in a caption that is made of labels alone; the largest are taken."""


@dataclass(frozen=True)
class Described:
    """A caption with the colors that an original shows, and the id of the caption that it is built on, if any."""

    text: str
    base_id: int | None


def describe(session: Session, media: MediaStore, image_id: int, *, author: str, run_id: int | None = None) -> Caption:
    """Look at an image and propose its caption in one transaction; raises as `look` does."""
    return propose(session, image_id, look(session, media, image_id), author=author, run_id=run_id)


def propose(session: Session, image_id: int, described: Described, *, author: str, run_id: int | None = None) -> Caption:
    """Propose the caption that `look` gave; the one that is there already is returned."""
    return captions.add(
        session, image_id, described.text, text_origin=Origin.RULE, status=CaptionStatus.PROPOSED, author=author, run_id=run_id,
        derived_from_id=described.base_id, batch_id=events.batch_of_run(run_id) if run_id else None,
    )  # fmt: skip


def look(session: Session, media: MediaStore, image_id: int) -> Described:
    """The caption in which every masked object has the colors that the original shows; only reads the store.

    It is built on an accepted caption with as many masked objects as any, else on the labels of the regions. Raises InvalidInputError where
    the original is gray, where nothing is masked, and where nothing can be added.
    """
    image = images.get(session, image_id)
    if not image.has_reference:
        raise InvalidInputError(f"Image {image_id} is gray: it shows no colors to name.")
    views = regions.of_image(session, image_id)
    if not views:
        raise InvalidInputError(f"Image {image_id} has no masks yet; ground its captions first.")
    own = _exclusive([masks.decode(view.region.mask) for view in views])
    rgb = images.upright_rgb(media, image)
    bases = _bases(captions.of_image(session, image_id), views)
    colored = _colored(bases, views, own, rgb)
    if bases and not colored:
        raise InvalidInputError(f"Every masked object of image {image_id} has a color in its captions already.")
    text = _choice(session, image_id, colored) if colored else _listed(views, own, rgb)
    return Described(text, colored.get(text))


def _colored(
    bases: Sequence[CaptionView], views: Sequence[RegionView], own: Sequence[NDArray[np.bool_]], rgb: NDArray[np.uint8]
) -> dict[str, int]:
    """The captions with the colors of their masked objects, `{text: id of the caption it is built on}`, the best first.

    Those to which nothing could be added are left out; where two come to the same text, it is built on the better one.
    """
    colored: dict[str, int] = {}
    texts = {base.caption.text for base in bases}
    for base in bases:
        text = _painted(base, views, own, rgb)
        if text not in texts:
            colored.setdefault(text, base.caption.id)
    return colored


def _choice(session: Session, image_id: int, colored: dict[str, int]) -> str:
    """The text to propose: one that was made of the same caption before, else the first that the image does not have, else the first."""
    existing = dict(map(tuple, session.execute(select(Caption.text, Caption.derived_from_id).where(Caption.image_id == image_id))))
    before = (text for text, base_id in colored.items() if existing.get(text) == base_id)
    fresh = (text for text in colored if text not in existing)
    return next(before, None) or next(fresh, None) or next(iter(colored))


def color_names(rgb: NDArray[np.uint8], mask: NDArray[np.bool_]) -> list[str]:
    """The one or two basic terms that cover most of a mask's pixels: rgb (H, W, 3) in [0, 255], mask (H, W); none for an empty mask."""
    pixels = rgb[mask]
    if not len(pixels):
        return []
    sampled = pixels[:: max(1, len(pixels) // SAMPLE)]
    (first, number), *rest = Counter(names_of_colors(lab_of_rgb(sampled)).tolist()).most_common(2)
    second = [term for term, count in rest if count >= SECOND_SHARE * len(sampled) and number < CLEAR_SHARE * len(sampled)]
    return [first, *second]


def _exclusive(decoded: Sequence[NDArray[np.bool_]]) -> list[NDArray[np.bool_]]:
    """Masks (largest first) without what smaller ones lie on, as a cup lies on its table; one that would be empty stays whole."""
    free, kept = np.ones(decoded[0].shape, bool), []
    for mask in reversed(decoded):
        alone = mask & free
        kept.append(alone if alone.any() else mask)
        free &= ~mask
    return kept[::-1]


def _bases(views: Sequence[CaptionView], region_views: Sequence[RegionView]) -> list[CaptionView]:
    """The accepted captions that mention masked objects: those with most of them first, of these the ones with the fewest colors."""
    masked = {mention.id for view in region_views for mention in view.mentions}
    usable = [view for view in views if view.caption.status == CaptionStatus.ACCEPTED]
    counted = [(sum(part.mention.id in masked for part in view.mentions), view) for view in usable]
    ordered = sorted(counted, key=lambda pair: (-pair[0], sum(bool(part.colors) for part in pair[1].mentions)))
    return [view for number, view in ordered if number]


def _painted(base: CaptionView, views: Sequence[RegionView], own: Sequence[NDArray[np.bool_]], rgb: NDArray[np.uint8]) -> str:
    """The caption with colors for its masked mentions that have none; a mention of several regions takes those of all together."""
    colors: dict[tuple[int, int], list[str]] = {}
    for part in base.mentions:
        meant = [mask for view, mask in zip(views, own, strict=True) if part.mention.id in {m.id for m in view.mentions}]
        if meant and not part.colors:
            colors[part.mention.start, part.mention.end] = color_names(rgb, np.logical_or.reduce(meant))
    return put_colors(base.caption.text, colors)


def _listed(views: Sequence[RegionView], own: Sequence[NDArray[np.bool_]], rgb: NDArray[np.uint8]) -> str:
    """ "a red cup and a brown table", from the labels of the regions."""
    named = [(view.region.label, mask) for view, mask in zip(views, own, strict=True) if view.region.label.strip()]
    if not named:
        raise InvalidInputError("Its masks have no names and no caption mentions them; name them or write a caption first.")
    phrases = []
    for label, mask in named[:MOST_LISTED]:
        words = f"{' and '.join(color_names(rgb, mask))} {label.strip()}".strip()
        plural = any(mention.object.endswith("s") for mention in levels.read_caption(words).mentions)
        phrases.append(words if plural else f"{article_for(words)} {words}")
    return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"
