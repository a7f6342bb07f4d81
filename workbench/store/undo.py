"""Many changes taken back at once: the same checks and the same exactness as one by one, in a few statements for hundreds of rows."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from sqlalchemy import ColumnElement, Table, bindparam, delete, insert, or_, select, tuple_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.base import Base
from db.models import Event
from workbench.errors import ConflictError
from workbench.store.chunks import BATCH
from workbench.store.snapshots import DERIVED, PARTS, Record, checked, forget, insert_keyed, plain, typed

UNDO = "undo"
CREATION, DELETION, EDIT = "creation", "deletion", "edit"


def require_as_left(event: Event, present: Record | None) -> None:
    """Raise ConflictError where a thing is no longer as an event left it."""
    left = event.after
    if (left is None) != (present is None) or any((present or {})[name] != value for name, value in (left or {}).items()):
        raise ConflictError(
            f"{event.subject.capitalize()} {event.subject_id} has changed since event {event.id} ({event.action}); "
            "undo the later changes first."
        )


def runs_of_alike(events: Iterable[Event]) -> Iterator[list[Event]]:
    """The events in their order, in lists: creations, deletions or edits of different rows of one table together, at most BATCH."""
    waiting: dict[str, Event] = {}
    for event in events:
        first = next(iter(waiting.values()), event)
        alike = (event.subject, _kind(event)) == (first.subject, _kind(first)) and _can_go_together(event)
        if waiting and not (alike and event.subject_id not in waiting and len(waiting) < BATCH):
            yield list(waiting.values())
            waiting = {}
        waiting[event.subject_id] = event
    if waiting:
        yield list(waiting.values())


def take_back_alike(session: Session, told: Sequence[Event], actor: str, batch_id: str | None) -> None:
    """Write the state before back for changes of one kind of different rows of one table, and record an undoing for each.

    Raises ConflictError as taking back one of them would.
    """
    session.flush()
    subject, kind = told[0].subject, _kind(told[0])
    present = require_all_as_left(session, told)
    try:
        {CREATION: _delete, DELETION: _insert, EDIT: _write}[kind](session, subject, told)
    except IntegrityError:
        raise ConflictError(f"The changes of the {subject}s cannot be undone: what they need is gone or taken by now.") from None
    _record(session, told, present, actor, batch_id)


def require_all_as_left(session: Session, told: Sequence[Event]) -> dict[str, Record]:
    """The present records of the rows that alike events are of, by key; raises ConflictError where one can not be taken back."""
    subject, keys = told[0].subject, [event.subject_id for event in told]
    present = _snapshots(session, subject, keys)
    for event in told:
        require_as_left(event, present.get(event.subject_id))
    if _kind(told[0]) == CREATION:
        require_unused(session, subject, keys)
    return present


def require_unused(session: Session, subject: str, keys: Sequence[str]) -> None:
    """Refuse to delete what others stand on: taking back a creation must not take their rows along. Raises ConflictError."""
    for name, table in Base.metadata.tables.items():
        if name in PARTS.get(subject, ()) or name in DERIVED:
            continue
        for key in table.foreign_keys:
            if key.column.table.name == subject and key.ondelete != "SET NULL":
                targets = list(map(key.column.type.python_type, keys))
                used = session.scalar(select(key.parent).where(key.parent.in_(targets)).limit(1))
                if used is not None:
                    raise ConflictError(
                        f"The {subject} {used} is in use by now ({name.replace('_', ' ')}), so its creation cannot be undone."
                    )


def _kind(event: Event) -> str:
    return CREATION if event.before is None else DELETION if event.after is None else EDIT


def _can_go_together(event: Event) -> bool:
    return _kind(event) != EDIT or len(Base.metadata.tables[event.subject].primary_key) == 1


def _keyed(table: Table, keys: Sequence[str]) -> ColumnElement[bool]:
    """That a row has one of the keys, as events write them."""
    columns = list(table.primary_key)
    if len(columns) == 1:
        return columns[0].in_([columns[0].type.python_type(key) for key in keys])
    split = (key.split(":", len(columns) - 1) for key in keys)
    values = [tuple(c.type.python_type(part) for c, part in zip(columns, parts, strict=True)) for parts in split]
    return tuple_(*columns).in_(values)


def _snapshots(session: Session, subject: str, keys: Sequence[str]) -> dict[str, Record]:
    """The full records of rows, by key, as `records.snapshot` gives one."""
    table = Base.metadata.tables[subject]
    rows = session.execute(select(table).where(_keyed(table, keys))).mappings()
    names = PARTS.get(subject, ())
    records = {":".join(str(row[c.name]) for c in table.primary_key): plain(table, row) | {name: [] for name in names} for row in rows}
    owners: dict[str, dict[int, set[str]]] = {subject: {int(key): {key} for key in records}} if names else {}
    for name in names:
        part = Base.metadata.tables[name]
        links = [(key.parent, owners[key.column.table.name]) for key in part.foreign_keys if key.column.table.name in owners]
        direct = [link for link in links if link[1] is owners[subject]] or links
        belongs = or_(*(parent.in_(list(owned)) for parent, owned in direct))
        owners[name] = {}
        for row in session.execute(select(part).where(belongs).order_by(*part.primary_key)).mappings():
            mine = set().union(*(owned.get(row[parent.name], set()) for parent, owned in direct))
            for key in mine:
                records[key][name].append(plain(part, row))
            if "id" in row:
                owners[name][row["id"]] = mine
    return records


def _delete(session: Session, subject: str, created: Sequence[Event]) -> None:
    table = Base.metadata.tables[subject]
    session.execute(delete(table).where(_keyed(table, [event.subject_id for event in created])))


def _insert(session: Session, subject: str, deleted: Sequence[Event]) -> None:
    table = Base.metadata.tables[subject]
    for names, group in groupby(deleted, lambda event: tuple(sorted(name for name in _before(event) if name in table.c))):
        session.execute(insert(table), [_columns(table, event, names) for event in group])
    _insert_parts(session, subject, deleted)


def _write(session: Session, subject: str, edits: Sequence[Event]) -> None:
    table = Base.metadata.tables[subject]
    (key,) = table.primary_key
    for names, group in groupby(edits, lambda event: tuple(sorted(name for name in _before(event) if name in table.c))):
        if names:
            rows = [
                {"row_key": key.type.python_type(event.subject_id), **{f"new_{n}": v for n, v in _columns(table, event, names).items()}}
                for event in group
            ]
            values = {name: bindparam(f"new_{name}") for name in names}
            session.connection().execute(update(table).where(key == bindparam("row_key")).values(**values), rows)
    for name in reversed(PARTS.get(subject, ())):
        _clear(session, subject, name, [event.subject_id for event in edits if name in _before(event)])
    _insert_parts(session, subject, edits)


def _insert_parts(session: Session, subject: str, told: Sequence[Event]) -> None:
    for name in PARTS.get(subject, ()):
        part = Base.metadata.tables[name]
        rows = {tuple(row[c.name] for c in part.primary_key): row for event in told for row in _before(event).get(name, ())}
        if rows:
            session.execute(insert(part), [typed(part, row) for row in rows.values()])


def _before(event: Event) -> Record:
    """What a deleted or edited thing was; a creation has no such state and is not asked."""
    return event.before or {}


def _columns(table: Table, event: Event, names: Sequence[str]) -> Record:
    return typed(table, {name: _before(event)[name] for name in names})


def _clear(session: Session, subject: str, name: str, keys: Sequence[str]) -> None:
    """Delete a part's rows of some things, directly or through the part that they belong to."""
    part = Base.metadata.tables[name]
    own = [int(key) for key in keys]
    direct = [link.parent.in_(own) for link in part.foreign_keys if link.column.table.name == subject]
    through = [
        link.parent.in_(select(link.column).where(above.parent.in_(own)))
        for link in part.foreign_keys
        if link.column.table.name in PARTS[subject]
        for above in link.column.table.foreign_keys
        if above.column.table.name == subject
    ]
    session.execute(delete(part).where(or_(*(direct or through))))


def _record(session: Session, told: Sequence[Event], present: dict[str, Record], actor: str, batch_id: str | None) -> None:
    answers = [
        {
            "actor": actor, "action": UNDO, "subject": event.subject, "subject_id": event.subject_id, "batch_id": batch_id,
            "before": checked(event.subject, present[event.subject_id] if event.before is None else event.after),
            "after": checked(event.subject, event.before), "run_id": event.run_id, "undone_by_id": None,
        }
        for event in told
    ]  # fmt: skip
    ids = insert_keyed(session, Event.__table__, answers, ("subject", "subject_id"))
    table = Event.__table__
    again = [event.id for event in told if event.action == UNDO]
    if again:
        session.execute(update(table).where(table.c.undone_by_id.in_(again)).values(undone_by_id=None))
    pairs = [{"answer": answer, "told": event.id} for event, answer in zip(told, ids, strict=True)]
    statement = update(table).where(table.c.id == bindparam("told")).values(undone_by_id=bindparam("answer"))
    session.connection().execute(statement, pairs)
    forget(session, {("event", str(event.id)) for event in told})
