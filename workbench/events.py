"""The history of every change, and the way back: undo of one event, rollback of a batch.

An event names its subject (a table and the row's key) and holds what the change touched, before and after:

    {column: value, …}                        columns of the subject's own row; a created or deleted row has all of them
    {column: value, …, "mention": [row, …]}   and rows of the tables that belong to it (PARTS), always all of them

Undoing writes `before` back exactly, ids included, and is itself an event, so that it can be undone too. It is refused where the
subject is no longer as the event left it, so no later change is ever lost.
"""

import uuid
from collections.abc import Iterable

from sqlalchemy import Table, and_, delete, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.base import Base
from db.models import Event
from workbench.errors import ConflictError, NotFoundError
from workbench.records import PARTS, Record, checked, forget, is_row, key_of, replace_parts, snapshot, typed
from workbench.taking_back import UNDO, require_as_left, runs_of_edits, take_back_edits

__all__ = [
    "PARTS",
    "UNDO",
    "Record",
    "difference",
    "history",
    "key_of",
    "new_batch",
    "record",
    "record_edit",
    "record_many",
    "replace_parts",
    "rollback",
    "snapshot",
    "undo",
]


def new_batch() -> str:
    """A name under which several events are taken back together."""
    return uuid.uuid4().hex


def record(
    session: Session,
    *,
    actor: str,
    action: str,
    subject: str,
    subject_id: int | str,
    before: Record | None,
    after: Record | None,
    batch_id: str | None = None,
    run_id: int | None = None,
) -> Event:
    """Write down one change; `before` is None for a creation, `after` for a deletion.

    Raises ValueError where a record names what is neither a column of the subject's table nor one of its parts.
    """
    event = Event(
        actor=actor,
        action=action,
        subject=subject,
        subject_id=str(subject_id),
        before=checked(subject, before),
        after=checked(subject, after),
        batch_id=batch_id,
        run_id=run_id,
    )
    session.add(event)
    session.flush()
    return event


def record_many(
    session: Session,
    changes: Iterable[tuple[int | str, Record | None, Record | None]],
    *,
    actor: str,
    action: str,
    subject: str,
    batch_id: str | None = None,
    run_id: int | None = None,
) -> int:
    """Write down many changes `(subject_id, before, after)` of one kind in one statement; return their number.

    Raises ValueError as `record` does.
    """
    common = {"actor": actor, "action": action, "subject": subject, "batch_id": batch_id, "run_id": run_id, "undone_by_id": None}
    rows = [
        {**common, "subject_id": str(key), "before": checked(subject, before), "after": checked(subject, after)}
        for key, before, after in changes
    ]
    if rows:
        session.execute(insert(Event), rows)
    return len(rows)


def record_edit(
    session: Session,
    before: Record,
    *,
    actor: str,
    action: str,
    subject: str,
    subject_id: int | str,
    batch_id: str | None = None,
    run_id: int | None = None,
) -> Event | None:
    """Write down how a row differs from its `snapshot` taken before; None where nothing differs."""
    session.flush()
    changed = difference(subject, before, snapshot(session, subject, subject_id))
    if changed is None:
        return None
    old, new = changed
    return record(
        session,
        actor=actor,
        action=action,
        subject=subject,
        subject_id=subject_id,
        before=old,
        after=new,
        batch_id=batch_id,
        run_id=run_id,
    )


def difference(subject: str, before: Record, after: Record) -> tuple[Record, Record] | None:
    """What of two full records differs, the old and the new; all parts where one does. None where nothing differs."""
    parts = set(PARTS.get(subject, ()))
    changed = {name for name in before if before[name] != after[name]}
    kept = changed | parts if changed & parts else changed
    return ({name: before[name] for name in kept}, {name: after[name] for name in kept}) if changed else None


def history(session: Session, subject: str, subject_id: int | str) -> list[Event]:
    """All events of a thing, oldest first, with those of rows keyed by it (an image's tags, a mention's groundings)."""
    keyed = [name for name, table in Base.metadata.tables.items() if _first_key_points_at(table, subject)]
    own = and_(Event.subject == subject, Event.subject_id == str(subject_id))
    theirs = and_(Event.subject.in_(keyed), Event.subject_id.startswith(f"{subject_id}:", autoescape=True))
    return list(session.scalars(select(Event).where(or_(own, theirs)).order_by(Event.id)))


def undo(session: Session, event_id: int, *, actor: str) -> Event:
    """Take one event back exactly; return the event that says so.

    Raises NotFoundError, and ConflictError where it is undone already, where its subject has changed since, or where something
    that was made since stands on it.
    """
    event = session.get(Event, event_id)
    if event is None:
        raise NotFoundError(f"There is no event {event_id}.")
    with session.begin_nested():
        answer = _take_back(session, event, actor, event.batch_id and new_batch())
    forget(session, {(event.subject, event.subject_id)})
    return answer


def rollback(session: Session, batch_id: str, *, actor: str) -> int:
    """Take back every event of a batch that still stands, newest first and all or none; return their number.

    Raises NotFoundError for an unknown batch and ConflictError as `undo` does; in both cases nothing is changed.
    """
    standing = select(Event).where(Event.batch_id == batch_id, Event.undone_by_id.is_(None)).order_by(Event.id.desc())
    found = list(session.scalars(standing))
    if not found and not session.scalar(select(exists().where(Event.batch_id == batch_id))):
        raise NotFoundError(f'There is no batch "{batch_id}".')
    answer_batch = new_batch()
    with session.begin_nested():
        for run in runs_of_edits(found):
            if len(run) > 1:
                take_back_edits(session, run, actor, answer_batch)
            else:
                _take_back(session, run[0], actor, answer_batch)
    forget(session, {(event.subject, event.subject_id) for event in found})
    return len(found)


def _take_back(session: Session, event: Event, actor: str, batch_id: str | None) -> Event:
    if event.undone_by_id is not None:
        raise ConflictError(f"Event {event.id} ({event.action} {event.subject} {event.subject_id}) is undone already.")
    session.flush()
    present = snapshot(session, event.subject, event.subject_id)
    require_as_left(event, present)
    try:
        _write(session, event.subject, event.subject_id, event.after, event.before)
    except IntegrityError:
        raise ConflictError(
            f"The {event.action} of {event.subject} {event.subject_id} cannot be undone: what it needs is gone or taken by now."
        ) from None
    answer = record(
        session,
        actor=actor,
        action=UNDO,
        subject=event.subject,
        subject_id=event.subject_id,
        before=present if event.before is None else event.after,
        after=event.before,
        batch_id=batch_id,
        run_id=event.run_id,
    )
    if event.action == UNDO:
        session.execute(update(Event).where(Event.undone_by_id == event.id).values(undone_by_id=None))
    event.undone_by_id = answer.id
    session.flush()
    return answer


def _write(session: Session, subject: str, subject_id: str, present: Record | None, wanted: Record | None) -> None:
    table = Base.metadata.tables[subject]
    if wanted is None:
        _require_unused(session, subject, subject_id)
        session.execute(delete(table).where(is_row(table, subject_id)))
        return
    columns = {name: value for name, value in wanted.items() if name in table.c}
    if present is None:
        session.execute(insert(table), [typed(table, columns)])
    elif columns:
        session.execute(update(table).where(is_row(table, subject_id)).values(typed(table, columns)))
    if any(name in wanted for name in PARTS.get(subject, ())):
        replace_parts(session, subject, subject_id, wanted)


def _require_unused(session: Session, subject: str, subject_id: str) -> None:
    """Refuse to delete what others stand on: taking back a creation must not take their rows along."""
    for name, table in Base.metadata.tables.items():
        if name in PARTS.get(subject, ()):
            continue
        for key in table.foreign_keys:
            if key.column.table.name == subject and key.ondelete != "SET NULL":
                target = key.column.type.python_type(subject_id)
                if session.scalar(select(exists().where(key.parent == target))):
                    raise ConflictError(
                        f"The {subject} {subject_id} is in use by now ({name.replace('_', ' ')}), so its creation cannot be undone."
                    )


def _first_key_points_at(table: Table, subject: str) -> bool:
    columns = list(table.primary_key)
    return len(columns) > 1 and any(key.column.table.name == subject for key in columns[0].foreign_keys)
