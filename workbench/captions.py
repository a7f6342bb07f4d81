"""Descriptions of images: adding, editing, leveling, deriving, finding, replacing."""

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.base import now
from db.enums import CaptionLevel, CaptionStatus, Origin
from db.models import Caption
from workbench import events, levels, mentions, search
from workbench.caption_edits import rewrite
from workbench.caption_intake import NewCaption, Stored, add_many, require_text
from workbench.errors import ConflictError, InvalidInputError, NotFoundError
from workbench.levels import Reading
from workbench.mentions import MentionView, Rewritten
from workbench.query import parse
from workbench.search import Count

__all__ = [
    "CaptionView",
    "Change",
    "NewCaption",
    "Stored",
    "accept",
    "add",
    "add_many",
    "count",
    "counts_by_level",
    "derive",
    "drop",
    "edit",
    "find",
    "get",
    "of_image",
    "replace",
    "require_text",
    "set_level",
    "views",
]

BATCH = 500
"""Keys in one IN list."""


@dataclass(frozen=True)
class CaptionView:
    """A caption and what it mentions, in the text's order."""

    caption: Caption
    mentions: list[MentionView]


@dataclass(frozen=True)
class Change:
    """What find and replace does to one caption; `problem` says why it cannot, `batch_id` is set once it is done."""

    caption_id: int
    image_id: int
    before: str
    after: str
    problem: str = ""
    batch_id: str | None = None


def get(session: Session, caption_id: int) -> Caption:
    """The caption with an id; raises NotFoundError."""
    caption = session.get(Caption, caption_id)
    if caption is None:
        raise NotFoundError(f"There is no caption {caption_id}.")
    return caption


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


def set_level(session: Session, caption_id: int, level: CaptionLevel, *, actor: str, batch_id: str | None = None) -> Caption:
    """Overrule the level that the rules read."""
    caption = get(session, caption_id)
    before = events.snapshot(session, "caption", caption_id)
    caption.level, caption.level_origin = CaptionLevel(level), Origin.HUMAN
    events.record_edit(session, before, actor=actor, action="level", subject="caption", subject_id=caption_id, batch_id=batch_id)
    return caption


def accept(session: Session, caption_ids: Iterable[int], *, actor: str, batch_id: str | None = None) -> int:
    """Let captions count; return how many changed."""
    return _set_status(session, caption_ids, CaptionStatus.ACCEPTED, "accept", actor, batch_id)


def drop(session: Session, caption_ids: Iterable[int], *, actor: str, batch_id: str | None = None) -> int:
    """Set captions aside, without deleting them; return how many changed."""
    return _set_status(session, caption_ids, CaptionStatus.DROPPED, "drop", actor, batch_id)


def of_image(session: Session, image_id: int) -> list[CaptionView]:
    """The captions of an image that are not dropped, oldest first, with their mentions."""
    kept = select(Caption).where(Caption.image_id == image_id, Caption.status != CaptionStatus.DROPPED)
    return views(session, session.scalars(kept.order_by(Caption.id)).all())


def views(session: Session, found: Sequence[Caption]) -> list[CaptionView]:
    """Captions with their mentions."""
    by_caption = mentions.of_captions(session, {caption.id: caption.text for caption in found})
    return [CaptionView(caption, by_caption[caption.id]) for caption in found]


def derive(session: Session, caption_id: int, *, author: str, run_id: int | None = None) -> list[Caption]:
    """Propose the partial captions and the scarce one that follow from a caption; those that are there already are returned as they are."""
    caption = get(session, caption_id)
    scarce = levels.derive_scarce(caption.text)
    proposals = levels.derive_partial(caption.text) + ([scarce] if scarce else [])
    entries = [NewCaption(caption.image_id, proposal.text, derived_from_id=caption.id) for proposal in proposals]
    stored = add_many(session, entries, text_origin=Origin.RULE, status=CaptionStatus.PROPOSED, author=author, run_id=run_id)
    return [get(session, key) for key in dict.fromkeys(stored.ids)]


def find(session: Session, query: str = "", *, after_id: int | None = None, limit: int = 60) -> list[Caption]:
    """Captions that match a query of the grammar, by id; dropped ones only where the query asks for a status."""
    return search.captions_of(session, parse(query), after_id=after_id, limit=limit)


def count(session: Session, query: str = "") -> Count:
    """How many captions match a query."""
    return search.count_captions(session, parse(query))


def replace(
    session: Session, pattern: str, replacement: str, *, query: str = "", regex: bool = False, actor: str, apply: bool = False
) -> list[Change]:
    """Find and replace in the captions that match a query: a preview, or with `apply` the edits, as one batch to roll back.

    A regular expression's replacement may use its groups (`\\1`). Captions that would become empty, or equal to another one of their
    image, are listed with their problem and left alone. Raises InvalidInputError for a broken expression.
    """
    replaced = _replacer(pattern, replacement, regex)
    changes, claimed = [], set()
    for caption in _all_matching(session, query):
        after = replaced(caption.text)
        if after != caption.text:
            problem = _problem(session, caption, after, claimed)
            claimed.add((caption.image_id, after))
            changes.append(Change(caption.id, caption.image_id, caption.text, after, problem))
    return _applied(session, changes, actor) if apply else changes


def counts_by_level(session: Session) -> dict[CaptionLevel, int]:
    """How many accepted captions there are of each level."""
    counted = select(Caption.level, func.count()).where(Caption.status == CaptionStatus.ACCEPTED).group_by(Caption.level)
    return dict.fromkeys(CaptionLevel, 0) | dict(map(tuple, session.execute(counted)))


def _set_status(session: Session, caption_ids: Iterable[int], status: CaptionStatus, action: str, actor: str, batch_id: str | None) -> int:
    keys, moment, changed = sorted(set(caption_ids)), now(), 0
    for start in range(0, len(keys), BATCH):
        wanted = Caption.id.in_(keys[start : start + BATCH])
        rows = session.execute(select(Caption.id, Caption.status, Caption.updated_at).where(wanted, Caption.status != status)).all()
        session.execute(update(Caption).where(wanted, Caption.status != status).values(status=status, updated_at=moment))
        after = {"status": status, "updated_at": moment}
        changes = ((row.id, {"status": row.status, "updated_at": row.updated_at}, after) for row in rows)
        changed += events.record_many(session, changes, actor=actor, action=action, subject="caption", batch_id=batch_id)
    return changed


def _all_matching(session: Session, query: str) -> Iterator[Caption]:
    last = 0
    while page := find(session, query, after_id=last, limit=BATCH):
        yield from page
        last = page[-1].id


def _replacer(pattern: str, replacement: str, regex: bool) -> Callable[[str], str]:
    if not pattern:
        raise InvalidInputError("Say what to find; the pattern is empty.")
    if not regex:
        return lambda text: text.replace(pattern, replacement)
    try:
        compiled = re.compile(pattern)
        compiled.sub(replacement, "")  # reads the replacement too, whatever the text
    except (re.error, IndexError) as error:
        raise InvalidInputError(f'The expression "{pattern}" with the replacement "{replacement}" cannot be used: {error}.') from None
    return lambda text: compiled.sub(replacement, text)


def _problem(session: Session, caption: Caption, after: str, claimed: set[tuple[int, str]]) -> str:
    """Why a caption cannot take its new text; empty where it can."""
    if not after.strip():
        return "It would have no words left."
    taken = select(Caption.id).where(Caption.image_id == caption.image_id, Caption.text == after)
    if (caption.image_id, after) in claimed or session.scalar(taken) is not None:
        return "Its image has that caption already."
    return ""


def _applied(session: Session, changes: list[Change], actor: str) -> list[Change]:
    """Make the edits that can be made, as one batch."""
    batch_id = events.new_batch()
    possible = [change for change in changes if not change.problem]
    readings = levels.read_captions([change.after for change in possible])
    pairs = zip(possible, readings, strict=True)
    rewritten = [Rewritten(change.caption_id, change.before, change.after, reading) for change, reading in pairs]
    rewrite(session, rewritten, actor=actor, batch_id=batch_id)
    return [change if change.problem else dataclasses.replace(change, batch_id=batch_id) for change in changes]
