"""Descriptions of images: adding, editing, leveling, deriving, finding."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.base import now
from db.enums import CaptionLevel, CaptionStatus, Origin
from db.models import Caption
from workbench import levels, search
from workbench.captions import mentions
from workbench.captions.mentions import MentionView, Rewritten
from workbench.captions.writes import NewCaption, add_many, require_text, rewrite
from workbench.errors import ConflictError
from workbench.levels import Reading
from workbench.search import Count, parse
from workbench.store import batches, events, require, sorted_ids
from workbench.store.kept_numbers import kept


@dataclass(frozen=True)
class CaptionView:
    """A caption and what it mentions, in the text's order."""

    caption: Caption
    mentions: list[MentionView]


def get(session: Session, caption_id: int) -> Caption:
    """The caption with an id; raises NotFoundError."""
    return require(session, Caption, caption_id)


def add(
    session: Session,
    image_id: int,
    text: str,
    *,
    level: CaptionLevel | None = None,
    text_origin: Origin,
    level_origin: Origin | None = None,
    status: CaptionStatus = CaptionStatus.ACCEPTED,
    author: str,
    derived_from_id: int | None = None,
    run_id: int | None = None,
    reading: Reading | None = None,
    batch_id: str | None = None,
) -> Caption:
    """Add one description with its mentions; the same text on the same image returns the caption that is there.

    Without a level the rules give it. The text is kept as it is, to the byte. Raises InvalidInputError for an empty text and
    NotFoundError for an unknown image.
    """
    stored = add_many(
        session,
        [NewCaption(image_id, text, level, derived_from_id, reading)],
        text_origin=text_origin,
        level_origin=level_origin,
        status=status,
        author=author,
        run_id=run_id,
        batch_id=batch_id,
    )
    return get(session, stored.ids[0])


def edit(session: Session, caption_id: int, text: str, *, actor: str, batch_id: str | None = None) -> Caption:
    """Change a caption's text; its mentions are read anew, and groundings of those that survive are kept.

    A level that a person or an import gave stays; one given by the rules follows the text. Raises InvalidInputError for an empty
    text and ConflictError where the image has that caption already.
    """
    caption = get(session, caption_id)
    if text == caption.text:
        return caption
    require_text(text)
    if session.scalar(select(Caption.id).where(Caption.image_id == caption.image_id, Caption.text == text)):
        raise ConflictError(f'Image {caption.image_id} has the caption "{text}" already.')
    rewrite(session, [Rewritten(caption_id, caption.text, text, levels.read_caption(text))], actor=actor, batch_id=batch_id)
    session.refresh(caption)
    return caption


def set_level(session: Session, caption_id: int, level: CaptionLevel | None, *, actor: str, batch_id: str | None = None) -> Caption:
    """Overrule the level that the rules read; None gives the caption back to the rules."""
    caption = get(session, caption_id)
    before = events.snapshot(session, "caption", caption_id)
    if level is None:
        caption.level, caption.level_origin = levels.read_caption(caption.text).level, Origin.RULE
    else:
        caption.level, caption.level_origin = CaptionLevel(level), Origin.HUMAN
    events.record_edit(session, before, actor=actor, action="level", subject="caption", subject_id=caption_id, batch_id=batch_id)
    return caption


def accept(session: Session, caption_ids: Iterable[int], *, actor: str, batch_id: str | None = None, run_id: int | None = None) -> int:
    """Let captions count; return how many changed."""
    named = {"actor": actor, "action": "accept", "batch_id": batch_id, "run_id": run_id}
    return _set_status(session, caption_ids, CaptionStatus.ACCEPTED, named)


def drop(session: Session, caption_ids: Iterable[int], *, actor: str, batch_id: str | None = None, run_id: int | None = None) -> int:
    """Set captions aside, without deleting them; return how many changed."""
    named = {"actor": actor, "action": "drop", "batch_id": batch_id, "run_id": run_id}
    return _set_status(session, caption_ids, CaptionStatus.DROPPED, named)


def of_image(session: Session, image_id: int) -> list[CaptionView]:
    """The captions of an image that are not dropped, oldest first, with their mentions."""
    kept = select(Caption).where(Caption.image_id == image_id, Caption.status != CaptionStatus.DROPPED)
    return views(session, session.scalars(kept.order_by(Caption.id)).all())


def views(session: Session, rows: Sequence[Caption]) -> list[CaptionView]:
    """Captions with their mentions."""
    by_caption = mentions.of_captions(session, {caption.id: caption.text for caption in rows})
    return [CaptionView(caption, by_caption[caption.id]) for caption in rows]


def shorter(text: str, variants: int = 3) -> list[tuple[str, Reading]]:
    """What follows from a caption, each with its reading: up to `variants` partial captions and fewer scarce ones, one at least."""
    proposals = levels.derive_partial(text, variants) + levels.derive_scarcer(text, max(1, variants - 2))
    texts = [proposal.text for proposal in proposals]
    return list(zip(texts, levels.read_captions(texts), strict=True))


def derive(
    session: Session,
    caption_id: int,
    *,
    author: str,
    run_id: int | None = None,
    variants: int = 3,
    proposals: Sequence[tuple[str, Reading]] | None = None,
) -> list[Caption]:
    """Propose what follows from a caption, as one batch: `proposals` where `shorter` gave them before the transaction.

    Those that are there already, dropped ones too, are returned as they are.
    """
    caption = get(session, caption_id)
    shorter_texts = shorter(caption.text, variants) if proposals is None else proposals
    entries = [NewCaption(caption.image_id, text, derived_from_id=caption.id, reading=reading) for text, reading in shorter_texts]
    batch_id = events.batch_of_run(run_id) if run_id else events.new_batch()
    stored = add_many(
        session, entries, text_origin=Origin.RULE, status=CaptionStatus.PROPOSED, author=author, run_id=run_id, batch_id=batch_id
    )
    return [get(session, key) for key in dict.fromkeys(stored.ids)]


def find(session: Session, query: str = "", *, after_id: int | None = None, limit: int = 60) -> list[Caption]:
    """Captions that match a query of the grammar, by id; dropped ones only where the query asks for a status."""
    return search.captions_of(session, parse(query), after_id=after_id, limit=limit)


def count(session: Session, query: str = "") -> Count:
    """How many captions match a query."""
    return search.count_captions(session, parse(query))


def matching(session: Session, query: str = "") -> list[int]:
    """The ids of all captions that match a query, ascending."""
    return sorted_ids(session, search.ids_of_captions(session, parse(query))).tolist()


def counts_by_level(session: Session, query: str = "") -> dict[CaptionLevel, int]:
    """How many accepted captions of each level match a query; of all of a large store, a short while ago (`kept_numbers`)."""
    return _by_level(session, query) if query.strip() else dict(kept(session, "captions by level", _by_level))


def _by_level(session: Session, query: str = "") -> dict[CaptionLevel, int]:
    accepted = [Caption.status == CaptionStatus.ACCEPTED]
    if query.strip():
        accepted.append(Caption.id.in_(search.ids_of_captions(session, parse(query))))
    counted = select(Caption.level, func.count()).where(*accepted).group_by(Caption.level)
    return dict.fromkeys(CaptionLevel, 0) | dict(map(tuple, session.execute(counted)))


def _set_status(session: Session, caption_ids: Iterable[int], status: CaptionStatus, named: dict[str, Any]) -> int:
    """Give captions a status and record it, `named` as events name who and what; return how many changed."""
    keys, moment, changed = sorted(set(caption_ids)), now(), 0
    for some in batches(keys):
        among = Caption.id.in_(some)
        rows = session.execute(select(Caption.id, Caption.status, Caption.updated_at).where(among, Caption.status != status)).all()
        session.execute(update(Caption).where(among, Caption.status != status).values(status=status, updated_at=moment))
        after = {"status": status, "updated_at": moment}
        changes = ((row.id, {"status": row.status, "updated_at": row.updated_at}, after) for row in rows)
        changed += events.record_many(session, changes, subject="caption", **named)
    return changed
