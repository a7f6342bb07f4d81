"""The history of every change, and the way back: undo of one event, rollback of a batch.

An event names its subject (a table and the row's key) and holds what the change touched, before and after:

    {column: value, …}                        columns of the subject's own row; a created or deleted row has all of them
    {column: value, …, "mention": [row, …]}   and rows of the tables that belong to it (PARTS), always all of them

Undoing writes `before` back exactly, ids included, and is itself an event, so that it can be undone too. It is refused where the
subject is no longer as the event left it, so no later change is ever lost.
"""

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import Table, and_, delete, exists, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.base import Base
from db.models import Event
from workbench.errors import ConflictError, NotFoundError
from workbench.store.chunks import batches
from workbench.store.rows import require
from workbench.store.snapshots import PARTS, Record, checked, forget, is_row, replace_parts, snapshot, typed
from workbench.store.undo import UNDO, require_all_as_left, require_as_left, require_unused, runs_of_alike, take_back_alike


def new_batch() -> str:
    """A name under which several events are taken back together."""
    return uuid.uuid4().hex


def batch_of_run(run_id: int) -> str:
    """The name under which all changes of a run are taken back together."""
    return f"run-{run_id}"


def run_of_batch(batch_id: str) -> int | None:
    """The run that makes a batch; None where no run does."""
    number = batch_id.removeprefix("run-")
    return int(number) if batch_id.startswith("run-") and number.isdigit() else None


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
    before: Record | None,
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


def difference(subject: str, before: Record | None, after: Record | None) -> tuple[Record, Record] | None:
    """What of two full records differs, the old and the new; all parts where one does. None where nothing differs."""
    if before is None or after is None:
        raise ValueError(f"expected a {subject} that was there before the edit and is there after it")
    parts = set(PARTS.get(subject, ()))
    changed = {name for name in before if before[name] != after[name]}
    kept = changed | parts if changed & parts else changed
    return ({name: before[name] for name in kept}, {name: after[name] for name in kept}) if changed else None


def history(session: Session, subject: str, subject_id: int | str) -> list[Event]:
    """All events of a thing, oldest first, with those of rows keyed by it (an image's tags, a mention's groundings)."""
    keyed = [name for name, table in Base.metadata.tables.items() if _first_key_points_at(table, subject)]
    own = and_(Event.subject == subject, Event.subject_id == str(subject_id))
    theirs = and_(Event.subject.in_(keyed), Event.subject_id.startswith(f"{subject_id}:", autoescape=True))
    if session.get_bind().dialect.name == "sqlite":  # which finds a beginning by an index only where it is said as a range
        theirs = and_(theirs, Event.subject_id > f"{subject_id}:", Event.subject_id < f"{subject_id};")
    return list(session.scalars(select(Event).where(or_(own, theirs)).order_by(Event.id)))


def newest(session: Session) -> int:
    """The id of the last event: as long as it is the same, so is all of which events tell."""
    return session.scalar(select(func.max(Event.id))) or 0


def undo(session: Session, event_id: int, *, actor: str) -> Event:
    """Take one event back exactly; return the event that says so.

    Raises NotFoundError, and ConflictError where it is undone already, where its subject has changed since, or where something
    that was made since stands on it.
    """
    event = require(session, Event, event_id)
    with session.begin_nested():
        answer = _take_back(session, event, actor, event.batch_id and new_batch())
    forget(session, {(event.subject, event.subject_id)})
    return answer


def rollback(session: Session, batch_id: str, *, actor: str) -> int:
    """Take back every event of a batch that still stands, newest first and all or none; return their number.

    Raises NotFoundError for an unknown batch and ConflictError as `undo` does; in both cases nothing is changed.
    """
    return take_back_some(session, not_undone(session, batch_id), actor=actor, answer_batch=new_batch())


def not_undone(session: Session, batch_id: str) -> list[int]:
    """The ids of the events of a batch that still stand, newest first; raises NotFoundError for an unknown batch."""
    own = Event.batch_id == batch_id
    event_ids = list(session.scalars(select(Event.id).where(own, Event.undone_by_id.is_(None)).order_by(Event.id.desc())))
    if not event_ids and not session.scalar(select(exists().where(own))):
        raise NotFoundError(f'There is no batch "{batch_id}"; `workbench captions batches` lists the newest.')
    return event_ids


def require_untouched(session: Session, event_ids: Sequence[int]) -> None:
    """Raise ConflictError where something that the events, newest first, changed has changed since, or is in use by now."""
    seen: set[tuple[str, str]] = set()
    for some in batches(event_ids):
        unseen = [event for event in _by_id(session, some) if (event.subject, event.subject_id) not in seen]
        newest = list({(event.subject, event.subject_id): event for event in reversed(unseen)}.values())
        seen |= {(event.subject, event.subject_id) for event in newest}
        for run in runs_of_alike(reversed(newest)):
            require_all_as_left(session, run)
        for event in newest:
            session.expunge(event)


def take_back_some(session: Session, event_ids: Sequence[int], *, actor: str, answer_batch: str) -> int:
    """Take back those of the events, given newest first, that still stand, all or none, under the name of one batch; return their number.

    Raises ConflictError as `undo` does; then nothing is changed.
    """
    taken_back: set[tuple[str, str]] = set()
    number = 0
    with session.begin_nested():
        for some in batches(event_ids):
            open_events = [event for event in _by_id(session, some) if event.undone_by_id is None]
            taken_back |= {(event.subject, event.subject_id) for event in open_events}
            for run in runs_of_alike(open_events):
                if len(run) > 1:
                    take_back_alike(session, run, actor, answer_batch)
                else:
                    _take_back(session, run[0], actor, answer_batch)
            number += len(open_events)
    forget(session, taken_back)
    return number


def _by_id(session: Session, event_ids: Sequence[int]) -> list[Event]:
    """Events, newest first."""
    return list(session.scalars(select(Event).where(Event.id.in_(event_ids)).order_by(Event.id.desc())))


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


def _write(session: Session, subject: str, subject_id: str, present: Record | None, target: Record | None) -> None:
    table = Base.metadata.tables[subject]
    if target is None:
        require_unused(session, subject, [subject_id])
        session.execute(delete(table).where(is_row(table, subject_id)))
        return
    columns = {name: value for name, value in target.items() if name in table.c}
    if present is None:
        session.execute(insert(table), [typed(table, columns)])
    elif columns:
        session.execute(update(table).where(is_row(table, subject_id)).values(typed(table, columns)))
    if any(name in target for name in PARTS.get(subject, ())):
        replace_parts(session, subject, subject_id, target)


def _first_key_points_at(table: Table, subject: str) -> bool:
    columns = list(table.primary_key)
    return len(columns) > 1 and any(key.column.table.name == subject for key in columns[0].foreign_keys)
