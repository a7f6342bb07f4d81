"""Groundings: which mention of a caption means which region."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import Origin
from db.models import Caption, Grounding, Mention, MentionColor, Region
from workbench.errors import InvalidInputError, NotFoundError
from workbench.imaging import masks
from workbench.regions.regions import get
from workbench.store import batches, events, snapshots


@dataclass(frozen=True)
class GroundedMention:
    """A mention of a caption with its colors in the text's order and the masks (COCO RLE) of its regions; none where ungrounded."""

    mention: Mention
    phrase: str
    colors: list[str]
    regions: list[Region]

    @property
    def masks(self) -> list[masks.Rle]:
        """The regions' masks, in the order of their ids."""
        return [region.mask for region in self.regions]


def ground(
    session: Session,
    mention_id: int,
    region_id: int,
    *,
    origin: Origin,
    actor: str,
    run_id: int | None = None,
    batch_id: str | None = None,
) -> Grounding:
    """Say that a mention means a region; a mention may mean several, and several mentions one. Saying it again changes nothing.

    Raises NotFoundError for unknown ids and InvalidInputError where caption and region belong to different images.
    """
    existing = session.get(Grounding, (mention_id, region_id))
    if existing is not None:
        return existing
    region = get(session, region_id)
    image_id = session.scalar(select(Caption.image_id).join(Mention, Mention.caption_id == Caption.id).where(Mention.id == mention_id))
    if image_id is None:
        raise NotFoundError(f"There is no mention {mention_id}.")
    if image_id != region.image_id:
        raise InvalidInputError(
            f"Mention {mention_id} describes image {image_id}, but region {region_id} lies in image {region.image_id}; "
            "ground it on a region of its own image."
        )
    grounding = Grounding(mention_id=mention_id, region_id=region_id, origin=origin)
    session.add(grounding)
    session.flush()
    key = snapshots.key_of(grounding)
    named = {"actor": actor, "action": "create", "subject": "grounding", "subject_id": key, "batch_id": batch_id, "run_id": run_id}
    events.record(session, before=None, after=snapshots.snapshot(session, "grounding", key), **named)
    return grounding


def unground(session: Session, mention_id: int, region_id: int, *, actor: str, batch_id: str | None = None) -> None:
    """Take a mention off a region; raises NotFoundError where it is not on it."""
    grounding = session.get(Grounding, (mention_id, region_id))
    if grounding is None:
        raise NotFoundError(f"Mention {mention_id} is not on region {region_id}.")
    key = snapshots.key_of(grounding)
    before = snapshots.snapshot(session, "grounding", key)
    session.delete(grounding)
    session.flush()
    events.record(session, actor=actor, action="delete", subject="grounding", subject_id=key, before=before, after=None, batch_id=batch_id)


def for_caption(session: Session, caption_id: int) -> list[GroundedMention]:
    """The mentions of a caption in the text's order, each with its colors and regions; raises NotFoundError."""
    text = session.scalar(select(Caption.text).where(Caption.id == caption_id))
    if text is None:
        raise NotFoundError(f"There is no caption {caption_id}.")
    mentions = session.scalars(select(Mention).where(Mention.caption_id == caption_id).order_by(Mention.start)).all()
    colors = session.scalars(
        select(MentionColor)
        .join(Mention, Mention.id == MentionColor.mention_id)
        .where(Mention.caption_id == caption_id)
        .order_by(MentionColor.position)
    ).all()
    pairs = session.execute(
        select(Grounding.mention_id, Region)
        .join(Region, Region.id == Grounding.region_id)
        .join(Mention, Mention.id == Grounding.mention_id)
        .where(Mention.caption_id == caption_id)
        .order_by(Region.id)
    ).all()
    return [
        GroundedMention(
            mention=mention,
            phrase=text[mention.start : mention.end],
            colors=[color.color for color in colors if color.mention_id == mention.id],
            regions=[region for mention_id, region in pairs if mention_id == mention.id],
        )
        for mention in mentions
    ]


def grounded_regions(session: Session, caption_ids: Sequence[int]) -> dict[int, list[tuple[tuple[int, int], dict[str, Any]]]]:
    """By caption, ((start, end), mask as COCO RLE) of its grounded phrases, in the text's order."""
    by_caption: dict[int, list[tuple[tuple[int, int], dict[str, Any]]]] = {}
    for batch in batches(caption_ids):
        rows = session.execute(
            select(Mention.caption_id, Mention.start, Mention.end, Region.mask)
            .join(Grounding, Grounding.mention_id == Mention.id)
            .join(Region, Region.id == Grounding.region_id)
            .where(Mention.caption_id.in_(batch))
            .order_by(Mention.caption_id, Mention.start, Mention.end, Region.mask_hash)
        )
        for caption_id, start, end, mask in rows:
            by_caption.setdefault(caption_id, []).append(((start, end), mask))
    return by_caption
