"""Changes of many captions at once, each a preview first, then one batch: find and replace, relevel, remove, and tags of their images.

changes = bulk_edits.replace(session, "grey", "gray", query="level:complete", actor="ann")              # what it would do
changes = bulk_edits.replace(session, "grey", "gray", query="level:complete", actor="ann", apply=True)  # done
events.rollback(session, changes[0].batch_id, actor="ann")                                              # taken back
"""

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, bindparam, func, select, update
from sqlalchemy.orm import Session

from db.base import now
from db.enums import CaptionLevel, CaptionStatus, Origin
from db.models import Caption, Event, ImageTag
from workbench import captions, events, images, levels, search
from workbench.batches import batches
from workbench.caption_edits import rewrite
from workbench.errors import InvalidInputError
from workbench.mentions import Rewritten
from workbench.query import parse

__all__ = ["Batch", "Change", "recent", "relevel", "remove", "replace", "retag"]

SUBJECTS = ("caption", "image_tag")
LOOKED_AT = 100_000
"""Newest events among which recent batches are looked for."""


@dataclass(frozen=True)
class Change:
    """What an edit does to one caption, or to the tags of one image (`caption_id` 0).

    `problem` says why it cannot be done, `batch_id` is set once it is done.
    """

    caption_id: int
    image_id: int
    before: str
    after: str
    problem: str = ""
    batch_id: str | None = None


@dataclass(frozen=True)
class Batch:
    """Changes that were made together, and whether any of them still stands."""

    batch_id: str
    action: str
    subject: str
    actor: str
    count: int
    created_at: datetime
    stands: bool


def replace(
    session: Session, pattern: str, replacement: str, *, query: str = "", regex: bool = False, actor: str, apply: bool = False
) -> list[Change]:
    """Find and replace in the captions that match a query.

    A regular expression's replacement may use its groups (`\\1`). Captions that would become empty, or equal to another one of their
    image, are listed with their problem and left alone. Raises InvalidInputError for a broken expression.
    """
    replaced = _replacer(pattern, replacement, regex)
    pairs = ((row, replaced(row.text)) for row in _matching(session, query))
    changes = [Change(row.id, row.image_id, row.text, after) for row, after in pairs if after != row.text]
    changes = _with_problems(session, changes)
    if not apply:
        return changes
    possible = [change for change in changes if not change.problem]
    readings = levels.read_captions([change.after for change in possible])
    rewritten = [Rewritten(c.caption_id, c.before, c.after, reading) for c, reading in zip(possible, readings, strict=True)]
    batch_id = events.new_batch()
    rewrite(session, rewritten, actor=actor, batch_id=batch_id)
    return _done(changes, batch_id)


def relevel(session: Session, level: CaptionLevel | None, *, query: str = "", actor: str, apply: bool = False) -> list[Change]:
    """Say the level of all captions that match a query; None gives them back to the rules."""
    found = [row for row in _matching(session, query) if level is not None or row.computed_level is not None]
    origin = Origin.RULE if level is None else Origin.HUMAN
    wanted = {row.id: CaptionLevel(row.computed_level if level is None else level) for row in found}
    rows = [row for row in found if (row.level, row.level_origin) != (wanted[row.id], origin)]
    changes = [Change(row.id, row.image_id, row.level.value, wanted[row.id].value) for row in rows]
    if not apply or not changes:
        return changes
    batch_id, moment = events.new_batch(), now()
    table = Caption.__table__
    values = {"level": bindparam("new_level"), "level_origin": origin, "updated_at": moment}
    statement = update(table).where(table.c.id == bindparam("key")).values(**values)
    session.connection().execute(statement, [{"key": row.id, "new_level": wanted[row.id]} for row in rows])
    edits = (
        (
            row.id,
            {"level": row.level, "level_origin": row.level_origin, "updated_at": row.updated_at},
            {"level": wanted[row.id], "level_origin": origin, "updated_at": moment},
        )
        for row in rows
    )
    events.record_many(session, edits, actor=actor, action="level", subject="caption", batch_id=batch_id)
    session.expire_all()
    return _done(changes, batch_id)


def remove(session: Session, *, query: str = "", actor: str, apply: bool = False) -> list[Change]:
    """Take the captions that match a query out of use; they stay in the store, so that rolling back brings them back."""
    rows = [row for row in _matching(session, query) if row.status is not CaptionStatus.DROPPED]
    changes = [Change(row.id, row.image_id, row.text, "") for row in rows]
    if not apply or not changes:
        return changes
    batch_id = events.new_batch()
    captions.drop(session, [change.caption_id for change in changes], actor=actor, batch_id=batch_id)
    return _done(changes, batch_id)


def retag(
    session: Session, *, add: Iterable[str] = (), take: Iterable[str] = (), query: str = "", actor: str, apply: bool = False
) -> list[Change]:
    """Put tags on the images that match a query and take others off them. Raises InvalidInputError where no tag is named."""
    add, take = {word.strip() for word in add}, {word.strip() for word in take}
    if not add | take:
        raise InvalidInputError("Name a tag to put on or to take off.")
    found = sorted(images.ids(session, query))
    before: dict[int, set[str]] = {image_id: set() for image_id in found}
    for some in batches(found):
        for image_id, word in session.execute(select(ImageTag.image_id, ImageTag.tag).where(ImageTag.image_id.in_(some))):
            before[image_id].add(word)
    after = {image_id: (tags | add) - take for image_id, tags in before.items()}
    changed = [image_id for image_id in found if before[image_id] != after[image_id]]
    changes = [Change(0, key, ", ".join(sorted(before[key])), ", ".join(sorted(after[key]))) for key in changed]
    if not apply or not changes:
        return changes
    batch_id = events.new_batch()
    for word in sorted(add - take):
        images.tag(session, changed, word, actor=actor, batch_id=batch_id)
    for word in sorted(take):
        images.untag(session, changed, word, actor=actor, batch_id=batch_id)
    return _done(changes, batch_id)


def recent(session: Session, limit: int = 10) -> list[Batch]:
    """The newest batches of changes to captions and to tags of images, undoings left out."""
    newest = session.scalar(select(func.max(Event.id))) or 0
    found: list[Batch] = []
    before = newest + 1
    while len(found) < limit:
        told = select(Event).where(Event.batch_id.is_not(None), Event.action != events.UNDO, Event.subject.in_(SUBJECTS))
        event = session.scalar(told.where(Event.id < before, Event.id > newest - LOOKED_AT).order_by(Event.id.desc()).limit(1))
        if event is None:
            break
        own = Event.batch_id == event.batch_id
        count, first = session.execute(select(func.count(), func.min(Event.id)).where(own)).one()
        stands = session.scalar(select(func.count()).where(own, Event.undone_by_id.is_(None))) > 0
        found.append(Batch(event.batch_id, event.action, event.subject, event.actor, count, event.created_at, stands))
        before = first
    return found


def _matching(session: Session, query: str) -> Iterator[Row]:
    """The columns of all captions that match, read as a stream: no objects are made of a million rows."""
    columns = (Caption.id, Caption.image_id, Caption.text, Caption.status, Caption.level, Caption.computed_level)
    asked: Select = select(*columns, Caption.level_origin, Caption.updated_at).where(
        Caption.id.in_(search.ids_of_captions(session, parse(query)))
    )
    yield from session.execute(asked.order_by(Caption.id).execution_options(yield_per=2000))


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


def _with_problems(session: Session, changes: list[Change]) -> list[Change]:
    """The changes, each with why it cannot be done."""
    taken: set[tuple[int, str]] = set()
    for some in batches(sorted({change.image_id for change in changes})):
        taken |= set(map(tuple, session.execute(select(Caption.image_id, Caption.text).where(Caption.image_id.in_(some)))))
    judged = []
    for change in changes:
        place = (change.image_id, change.after)
        problem = "It would have no words left." if not change.after.strip() else ""
        problem = problem or ("Its image has that caption already." if place in taken else "")
        judged.append(dataclasses.replace(change, problem=problem))
        taken.add(place)
    return judged


def _done(changes: list[Change], batch_id: str) -> list[Change]:
    return [change if change.problem else dataclasses.replace(change, batch_id=batch_id) for change in changes]
