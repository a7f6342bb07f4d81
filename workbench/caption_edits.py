"""New texts for captions that are in the store, many at once: rows, mentions, groundings and events in a few statements a batch."""

from collections.abc import Sequence

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from db.base import now
from db.enums import Origin
from db.models import Caption
from db.tokens import count_tokens
from workbench import events, mentions, records
from workbench.mentions import Rewritten

__all__ = ["rewrite"]

BATCH = 500
"""Captions in one round of statements."""


def rewrite(
    session: Session, rewritten: Sequence[Rewritten], *, actor: str, batch_id: str | None = None, run_id: int | None = None
) -> None:
    """Give captions their new texts, known to be possible, and record each edit; levels by the rules follow, others stay."""
    session.flush()
    for start in range(0, len(rewritten), BATCH):
        _rewrite(session, rewritten[start : start + BATCH], actor, batch_id, run_id)
    records.forget(session, {("caption", str(change.caption_id)) for change in rewritten})


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
    edits = ((key, *events.difference("caption", before[key], after[key])) for key in keys)
    events.record_many(session, edits, actor=actor, action="edit", subject="caption", batch_id=batch_id, run_id=run_id)


def _full_records(session: Session, keys: Sequence[int]) -> dict[int, records.Record]:
    table = Caption.__table__
    parts = mentions.parts_of(session, keys)
    rows = session.execute(select(table).where(table.c.id.in_(keys))).mappings()
    return {row["id"]: records.plain(table, row) | parts[row["id"]] for row in rows}


def _level(before: records.Record, change: Rewritten) -> str:
    return change.reading.level if before["level_origin"] == Origin.RULE else before["level"]
