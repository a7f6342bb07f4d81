"""Captions written many at once, new ones and new texts: rows, mentions, groundings and events in a few statements a batch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from db.base import now
from db.enums import CaptionLevel, CaptionStatus, Origin
from db.models import Caption, Image
from db.tokens import count_tokens
from workbench import levels
from workbench.captions import mentions
from workbench.captions.mentions import Rewritten
from workbench.errors import InvalidInputError, NotFoundError
from workbench.levels import Reading
from workbench.store import batches, events, snapshots
from workbench.texts import is_text


@dataclass(frozen=True)
class NewCaption:
    """A caption to be added; without a level the rules read it. The last four stand in for what `add_many` says of all, where given."""

    image_id: int
    text: str
    level: CaptionLevel | None = None
    derived_from_id: int | None = None
    reading: Reading | None = None
    text_origin: Origin | None = None
    level_origin: Origin | None = None
    status: CaptionStatus | None = None
    author: str | None = None


@dataclass(frozen=True)
class Stored:
    """The ids of captions in the order they were given, and how many of them are new."""

    ids: list[int]
    added: int


def add_many(
    session: Session,
    entries: Sequence[NewCaption],
    *,
    text_origin: Origin,
    level_origin: Origin | None = None,
    status: CaptionStatus = CaptionStatus.ACCEPTED,
    author: str,
    run_id: int | None = None,
    batch_id: str | None = None,
) -> Stored:
    """Add descriptions in bulk, read in batches, as `captions.add` does one."""
    for entry in entries:
        require_text(entry.text)
    session.flush()
    existing = _present(session, entries)
    fresh = list({(entry.image_id, entry.text): entry for entry in entries if (entry.image_id, entry.text) not in existing}.values())
    moment = now()
    common: dict[str, Any] = {"status": status, "text_origin": text_origin, "author": author, "run_id": run_id}
    common |= {"created_at": moment, "updated_at": moment}
    readings = list(_readings(fresh))
    rows = [common | _row(entry, reading, level_origin or text_origin) for entry, reading in zip(fresh, readings, strict=True)]
    if rows:
        ids = snapshots.insert_keyed(session, Caption.__table__, rows, ("image_id", "text"))
        parts = mentions.store(session, list(zip(ids, readings, strict=True)))
        created = ((key, None, {"id": key, **row, **parts[key]}) for key, row in zip(ids, rows, strict=True))
        events.record_many(session, created, actor=author, action="create", subject="caption", batch_id=batch_id, run_id=run_id)
        existing |= {(row["image_id"], row["text"]): key for key, row in zip(ids, rows, strict=True)}
    return Stored([existing[entry.image_id, entry.text] for entry in entries], len(rows))


def require_text(text: str) -> None:
    """Raise InvalidInputError where a text is empty or holds what is no character."""
    if not text.strip():
        raise InvalidInputError("A caption needs words; this one is empty.")
    if not is_text(text):
        raise InvalidInputError("A caption holds a character that is no text (a null or half of a pair); remove it.")


def _present(session: Session, entries: Sequence[NewCaption]) -> dict[tuple[int, str], int]:
    """The captions that are there already, (image_id, text) → id; raises NotFoundError where an image is not there."""
    image_ids = sorted({entry.image_id for entry in entries})
    existing, known = {}, set()
    for some in batches(image_ids):
        known |= set(session.scalars(select(Image.id).where(Image.id.in_(some))))
        rows = session.execute(select(Caption.image_id, Caption.text, Caption.id).where(Caption.image_id.in_(some)))
        existing |= {(image_id, text): key for image_id, text, key in rows}
    unknown = [image_id for image_id in image_ids if image_id not in known]
    if unknown:
        raise NotFoundError(f"There is no image {unknown[0]}.")
    return existing


def _readings(entries: Sequence[NewCaption]) -> Iterator[Reading]:
    """The reading of each entry, those that bring none read in batches."""
    unread = levels.read_captions([entry.text for entry in entries if entry.reading is None])
    for entry in entries:
        yield next(iter(unread)) if entry.reading is None else entry.reading


def _row(entry: NewCaption, reading: Reading, level_origin: Origin) -> dict[str, Any]:
    own = {"text_origin": entry.text_origin, "status": entry.status, "author": entry.author}
    return {name: value for name, value in own.items() if value is not None} | {
        "image_id": entry.image_id,
        "text": entry.text,
        "tokens": count_tokens(entry.text),
        "level": entry.level or reading.level,
        "computed_level": reading.level,
        "level_origin": (entry.level_origin or level_origin) if entry.level else Origin.RULE,
        "derived_from_id": entry.derived_from_id,
    }


def rewrite(
    session: Session, rewritten: Sequence[Rewritten], *, actor: str, batch_id: str | None = None, run_id: int | None = None
) -> None:
    """Give captions their new texts, known to be possible, and record each edit; levels by the rules follow, others stay."""
    session.flush()
    for some in batches(rewritten):
        _rewrite(session, some, actor, batch_id, run_id)
    snapshots.forget(session, {("caption", str(change.caption_id)) for change in rewritten})


def _rewrite(session: Session, rewritten: Sequence[Rewritten], actor: str, batch_id: str | None, run_id: int | None) -> None:
    keys = [change.caption_id for change in rewritten]
    before = _full_records(session, keys)
    mentions.reread(session, rewritten, before)
    moment = now()
    table = Caption.__table__
    new = {"text": bindparam("new_text"), "tokens": bindparam("new_tokens")}
    new |= {"level": bindparam("new_level"), "computed_level": bindparam("new_computed_level")}
    statement = update(table).where(table.c.id == bindparam("key")).values(**new, text_origin=Origin.HUMAN, author=actor, updated_at=moment)
    session.connection().execute(
        statement,
        [
            {
                "key": change.caption_id,
                "new_text": change.after,
                "new_tokens": count_tokens(change.after),
                "new_computed_level": change.reading.level,
                "new_level": _level(before[change.caption_id], change),
            }
            for change in rewritten
        ],
    )
    after = _full_records(session, keys)
    differences = ((key, events.difference("caption", before[key], after[key])) for key in keys)
    edits = [(key, *difference) for key, difference in differences if difference is not None]
    events.record_many(session, edits, actor=actor, action="edit", subject="caption", batch_id=batch_id, run_id=run_id)


def _full_records(session: Session, keys: Sequence[int]) -> dict[int, snapshots.Record]:
    table = Caption.__table__
    parts = mentions.parts_of(session, keys)
    rows = session.execute(select(table).where(table.c.id.in_(keys))).mappings()
    return {row["id"]: snapshots.plain(table, row) | parts[row["id"]] for row in rows}


def _level(before: snapshots.Record, change: Rewritten) -> str:
    return change.reading.level if before["level_origin"] == Origin.RULE else before["level"]
