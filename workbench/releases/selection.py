"""What goes into a release: every image and caption either becomes a candidate or is left out with a reason."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, CaptionStatus, TargetKind
from db.models import Caption, Grounding, Image, Mention, MentionColor, Region
from workbench.releases.color_targets import Made, best_of
from workbench.releases.origins import origins_of
from workbench.releases.rules import ReleaseRules
from workbench.reviews import AUTOMATIC_ORIGINS
from workbench.search import ids_of_images, parse
from workbench.store import batches, sorted_ids

STATUS_REASONS = {
    CaptionStatus.PROPOSED: "the description is a proposal that nobody has accepted",
    CaptionStatus.DROPPED: "a curator dropped the description",
}
IMAGE = (
    Image.id, Image.sha256, Image.file_name, Image.width, Image.height, Image.source, Image.has_reference, Image.upright_key,
    Image.author, Image.license, Image.url, Image.attributes,
)  # fmt: skip
CAPTION = (
    Caption.id, Caption.image_id, Caption.text, Caption.level, Caption.status, Caption.text_origin, Caption.level_origin, Caption.author,
)  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """An item without its split: image, caption, color target in training and the regions of its grounded mentions."""

    image_id: int
    image_sha256: str
    file_name: str
    width: int
    height: int
    source: str
    has_reference: bool
    source_key: str
    caption_id: int
    caption_text: str
    level: CaptionLevel
    target: TargetKind
    colorization_key: str | None
    color_key: str
    choice: dict[str, Any] | None
    regions: list[dict[str, Any]]
    origins: dict[str, Any]


@dataclass(frozen=True)
class Exclusion:
    """What is left out, and why; without a caption it is the whole image."""

    image_sha256: str
    reason: str
    caption_text: str = ""


@dataclass(frozen=True)
class _Described:
    """What a batch of images has: captions by image, and by caption its best colorization and its regions."""

    captions: Mapping[int, list[Row]]
    made: Mapping[int, Made]
    regions: Mapping[int, list[dict[str, Any]]]


MOST_UNASKED = 10_000
"""Images that a query does not ask for and that are named one by one; of more a release keeps the number."""


@dataclass(frozen=True)
class Asked:
    """The images that a query asks for, by id; None where all are asked for. `unnamed`: how many others there are that are not named."""

    ids: frozenset[int] | None
    unnamed: int = 0

    @classmethod
    def by(cls, session: Session, rules: ReleaseRules) -> "Asked":
        """What the rules' query asks for."""
        if not rules.query.strip():
            return cls(None)
        ids = frozenset(sorted_ids(session, ids_of_images(session, parse(rules.query))))
        others = session.execute(select(func.count(Image.id))).scalar_one() - len(ids)
        return cls(ids, others if others > MOST_UNASKED else 0)

    def in_order(self, session: Session) -> Iterator[list[int]]:
        """The images that are to be looked at, some at a time, in the order of a manifest."""
        statement = select(Image.id).order_by(Image.sha256)
        if not self.unnamed:
            yield from batches(session.scalars(statement))
            return
        pieces = (session.execute(select(Image.sha256, Image.id).where(Image.id.in_(some))) for some in batches(sorted(self.ids or ())))
        named = sorted((sha256, image_id) for piece in pieces for sha256, image_id in piece)
        yield from batches(image_id for _, image_id in named)

    def told(self, rules: ReleaseRules) -> dict[str, int]:
        """The reason and the number of what is not named."""
        return {_unasked(rules): self.unnamed} if self.unnamed else {}


def select_items(
    session: Session, rules: ReleaseRules, kept_out: Mapping[str, str], asked: Asked | None = None
) -> Iterator[Candidate | Exclusion]:
    """All items that the rules allow, and a reason for every image and caption that they leave out, in the order of a manifest.

    `kept_out`: images, by SHA-256, that may not take part for a reason that lies outside of the rules.
    """
    asked = asked or Asked.by(session, rules)
    matching = asked.ids
    for ids in asked.in_order(session):
        image_ids = ids if matching is None else [image_id for image_id in ids if image_id in matching]
        described = _describe(session, rules, image_ids)
        for image in session.execute(select(*IMAGE).where(Image.id.in_(ids)).order_by(Image.sha256)):
            reason = kept_out.get(image.sha256) if matching is None or image.id in matching else _unasked(rules)
            reason = reason or _image_reason(image, described.captions.get(image.id), rules)
            if reason is not None:
                yield Exclusion(image.sha256, reason)
                continue
            for caption in described.captions[image.id]:
                yield _item(image, caption, described, rules)


def _describe(session: Session, rules: ReleaseRules, image_ids: list[int]) -> _Described:
    captions: dict[int, list[Row]] = defaultdict(list)
    for caption in session.execute(select(*CAPTION).where(Caption.image_id.in_(image_ids))):
        captions[caption.image_id].append(caption)
    for own in captions.values():
        own.sort(key=lambda caption: caption.text)
    usable = {caption.id: caption.text for own in captions.values() for caption in own if _caption_reason(caption, rules) is None}
    told = {"min_votes": rules.min_votes, "simulated": rules.simulated_votes, "automatic_masks": rules.automatic_masks}
    made = {} if rules.target == "reference" else best_of(session, usable, **told)
    return _Described(captions, made, {} if rules.regions == "none" else _regions(session, usable, rules.automatic_masks))


def _unasked(rules: ReleaseRules) -> str:
    return f"the release's query does not ask for it: {rules.query}"


def _image_reason(image: Row, captions: list[Row] | None, rules: ReleaseRules) -> str | None:
    if not captions:
        return "it has no description"
    if rules.target == "reference" and not image.has_reference:
        return "the original is gray, and only references are targets here"
    return None


def _caption_reason(caption: Row, rules: ReleaseRules) -> str | None:
    if caption.status in STATUS_REASONS:
        return STATUS_REASONS[caption.status]
    if caption.level not in rules.levels:
        return f"descriptions of the level {caption.level} take no part"
    return None


def _item(image: Row, caption: Row, described: _Described, rules: ReleaseRules) -> Candidate | Exclusion:
    regions = described.regions.get(caption.id, [])
    reason = _caption_reason(caption, rules)
    if reason is None and rules.regions == "required" and not regions:
        whose = "" if rules.automatic_masks else " that a person drew or confirmed; `automatic_masks: true` takes others too"
        reason = f"no mention of the description has a mask{whose}"
    made = described.made.get(caption.id, Made())
    by_original = image.has_reference and rules.target != "colorization"
    if reason is None and not by_original and made.key is None:
        whose = "" if rules.target == "colorization" else "the original is gray, and "
        reason = f"{whose}no colorization for this description is accepted: {made.why_not}"
    if reason is not None:
        return Exclusion(image.sha256, reason, caption.text)
    target = (TargetKind.REFERENCE, None, image.upright_key, None)
    if not by_original and made.media_key is not None:
        target = (TargetKind.COLORIZATION, made.key, made.media_key, made.choice)
    facts = (image.id, image.sha256, image.file_name, image.width, image.height, image.source, image.has_reference, image.upright_key)
    return Candidate(*facts, caption.id, caption.text, caption.level, *target, regions, origins_of(image, caption))


def _regions(session: Session, caption_ids: Iterable[int], automatic_masks: bool) -> dict[int, list[dict[str, Any]]]:
    """By caption its grounded mentions: {phrase, start, end, object, colors, origin, mask}, one entry for each instance."""
    unasked = () if automatic_masks else AUTOMATIC_ORIGINS
    by_caption: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for ids in batches(caption_ids):
        colors: dict[int, list[str]] = defaultdict(list)
        statement = select(MentionColor.mention_id, MentionColor.color).join(Mention, Mention.id == MentionColor.mention_id)
        statement = statement.where(Mention.caption_id.in_(ids))
        for mention_id, color in session.execute(statement.order_by(MentionColor.mention_id, MentionColor.position, MentionColor.color)):
            colors[mention_id].append(color)
        rows = session.execute(
            select(Mention.id, Mention.caption_id, Mention.start, Mention.end, Mention.object, Caption.text, Region.mask, Region.origin)
            .join(Caption, Caption.id == Mention.caption_id)
            .join(Grounding, Grounding.mention_id == Mention.id)
            .join(Region, Region.id == Grounding.region_id)
            .where(Mention.caption_id.in_(ids), Region.origin.not_in(unasked))
            .order_by(Mention.caption_id, Mention.start, Mention.end, Region.mask_hash)
        )
        for mention_id, caption_id, start, end, noun, text, mask, origin in rows:
            place = {"phrase": text[start:end], "start": start, "end": end, "object": noun}
            drawn = {"colors": colors.get(mention_id, []), "origin": origin.value, "mask": mask}
            by_caption[caption_id].append(place | drawn)
    return by_caption
