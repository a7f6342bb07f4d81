"""The items of a release as an experiment takes them, and ways to change one of them and nothing else."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import PIL.Image

from db.enums import Split
from lcad.chroma import Constraints
from pipelines.inference.colorize import CaptionedPicture
from workbench import images, releases
from workbench.imaging import masks
from workbench.levels import Mention, read_caption
from workbench.open_store import Store
from workbench.reviews import AUTOMATIC_ORIGINS

Span = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Phrase:
    """A grounded phrase of a caption.

    start, end     half-open characters
    mask           (H, W) bool: where it is; what its color is judged in
    steering_mask  the mask that steers its color, None where the phrase is left to be looked for
    """

    start: int
    end: int
    mask: np.ndarray
    steering_mask: np.ndarray | None

    @property
    def span(self) -> Span:
        """Where it stands."""
        return self.start, self.end


@dataclass(frozen=True, eq=False)
class Case:
    """An item: rgb (H, W, 3) uint8 as it should be, `seen` (H, W, 3) of which the lightness is colored, its caption and phrases.

    image and source  what intervals are over, and where the photo comes from
    """

    item: int
    image: str
    source: str
    level: str
    rgb: np.ndarray
    seen: np.ndarray
    caption: str
    phrases: tuple[Phrase, ...]
    constraints: Constraints | None = None

    @property
    def picture(self) -> CaptionedPicture:
        """The case as it is colored; the noise is the same under every condition."""
        masked_spans = [(phrase.span, phrase.steering_mask) for phrase in self.phrases if phrase.steering_mask is not None]
        return CaptionedPicture(self.seen, self.caption, masked_spans, self.item, self.constraints)

    @property
    def colored(self) -> list[Phrase]:
        """The phrases that ask for a color."""
        asking = [mention for mention in read_caption(self.caption).mentions if mention.colors]
        return [phrase for phrase in self.phrases if any(_overlap(phrase.span, (one.start, one.end)) for one in asking)]


def cases_of(
    store: Store, name: str, version: str, split: Split, most: int | None = None, needs: Callable[[Case], bool] = lambda case: True
) -> list[Case]:  # fmt: skip
    """The items of a release's split that have masks by people, or exact ones, and what is needed; at most so many, drawn at random.

    Those of different images come before others of the same ones. What has an automatic mask alone is no case.
    """
    with store.reading() as session:
        items = [item for item in releases.items(session, releases.get(session, name, version).id, split=split) if item.regions]
        sources = {image.id: image.source for image in images.by_id(session, [i.image_id for i in items if i.image_id]).values()}
    taken, others, seen = [], [], set()
    for place in np.random.default_rng(0).permutation(len(items)):
        if most is not None and len(taken) == most:
            return taken
        case = _case(store, items[place], sources.get(items[place].image_id, ""))
        if case.phrases and needs(case):
            (others if case.image in seen else taken).append(case)
            seen.add(case.image)
    return [*taken, *others][:most]


def _case(store: Store, item: Any, source: str) -> Case:
    seen, rgb = (_pixels(store, key) for key in (item.source_key, item.color_key))
    by_span: dict[Span, np.ndarray] = {}
    for region in item.regions:
        if region.get("origin") not in AUTOMATIC_ORIGINS:
            span, mask = (region["start"], region["end"]), masks.decode(region["mask"])
            by_span[span] = by_span.get(span, False) | mask
    phrases = tuple(Phrase(*span, mask, mask) for span, mask in sorted(by_span.items()))
    return Case(item.id, item.image_sha256, source, item.level.value, rgb, seen, item.caption_text, phrases)


def _pixels(store: Store, key: str) -> np.ndarray:
    with PIL.Image.open(io.BytesIO(store.media.read(key))) as picture:
        return np.array(picture.convert("RGB"))


def with_masks(case: Case, steering_masks: Sequence[np.ndarray | None]) -> Case:
    """The case steered by other masks; it is judged in the same ones."""
    return replace(case, phrases=tuple(replace(one, steering_mask=mask) for one, mask in zip(case.phrases, steering_masks, strict=True)))


def rewritten(case: Case, edits: Sequence[tuple[Span, str]]) -> Case:
    """The case with parts of its caption replaced, its phrases moved along; a phrase of which nothing is left is none any more."""
    text, moved = case.caption, list(case.phrases)
    for (start, end), words in sorted(edits, reverse=True):
        text = text[:start] + words + text[end:]
        longer = len(words) - (end - start)
        moved = [replace(one, start=_at(one.start, start, end, longer), end=_at(one.end, start, end, longer)) for one in moved]
    return replace(case, caption=text, phrases=tuple(one for one in moved if one.start < one.end))


def _at(place: int, start: int, end: int, longer: int) -> int:
    """Where a place of a text is after characters [start, end) became longer; within them, their beginning."""
    return place if place <= start else place + longer if place >= end else start


def colors_of(case: Case) -> list[tuple[Phrase, Mention]]:
    """The phrases that ask for a color in words of their own, with what is read of them."""
    mentions = [one for one in read_caption(case.caption).mentions if one.colors]
    return [(phrase, one) for phrase in case.phrases for one in mentions if _holds_colors(phrase, one)]


def _holds_colors(phrase: Phrase, mention: Mention) -> bool:
    inside = all(phrase.start <= start and end <= phrase.end for start, end in mention.color_spans)
    return inside and _overlap(phrase.span, (mention.start, mention.end))


def without_colors(case: Case, kept: int) -> Case:
    """The case whose caption says the colors of its first so many colored phrases alone; "an orange cup" becomes "a cup"."""
    edits = []
    for _, mention in colors_of(case)[kept:]:
        for start, end in mention.color_spans:
            after = end + (len(case.caption) > end and case.caption[end] == " ")
            edits.append(((start, after), ""))
    return _with_articles(rewritten(case, edits))


def _with_articles(case: Case) -> Case:
    """The caption with "a" and "an" before the words that stand there now."""
    edits, words = [], case.caption.split(" ")
    place = 0
    for word, following in pairwise(words):
        right = "an" if following[:1].lower() in "aeiou" else "a"
        if word.lower() in ("a", "an") and following and word.lower() != right:
            edits.append(((place, place + len(word)), right))
        place += len(word) + 1
    return rewritten(case, edits)


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
