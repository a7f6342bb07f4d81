"""Many edits taken back at once: the same checks and the same exactness as one by one, in a few statements for hundreds of rows."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from sqlalchemy import Table, bindparam, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.base import Base
from db.models import Event
from workbench.batches import BATCH
from workbench.errors import ConflictError
from workbench.records import PARTS, Record, checked, forget, insert_keyed, plain, typed

__all__ = ["UNDO", "require_as_left", "runs_of_edits", "take_back_edits"]

UNDO = "undo"


def require_as_left(event: Event, present: Record | None) -> None:
    """Raise ConflictError where a thing is no longer as an event left it."""
    left = event.after
    if (left is None) != (present is None) or any(present[name] != value for name, value in (left or {}).items()):
        raise ConflictError(
            f"{event.subject.capitalize()} {event.subject_id} has changed since event {event.id} ({event.action}); "
            "undo the later changes first."
        )


def runs_of_edits(found: Iterable[Event]) -> Iterator[list[Event]]:
    """The events in their order, in lists: edits of different rows of one table together, every other event by itself."""
    waiting: dict[str, Event] = {}
    for event in found:
        first = next(iter(waiting.values()), event)
        fits = _is_plain_edit(event) and _is_plain_edit(first) and event.subject == first.subject and event.subject_id not in waiting
        if waiting and not (fits and len(waiting) < BATCH):
            yield list(waiting.values())
            waiting = {}
        waiting[event.subject_id] = event
    if waiting:
        yield list(waiting.values())


def take_back_edits(session: Session, edits: Sequence[Event], actor: str, batch_id: str | None) -> None:
    """Write the state before back for edits of different rows of one table, and record an undoing for each.

    Raises ConflictError as taking back one of them would.
    """
    session.flush()
    subject = edits[0].subject
    present = _snapshots(session, subject, [event.subject_id for event in edits])
    for event in edits:
        require_as_left(event, present.get(event.subject_id))
    try:
        _write(session, subject, edits)
    except IntegrityError:
        raise ConflictError(f"The changes of the {subject}s cannot be undone: what they need is gone or taken by now.") from None
    _record(session, edits, actor, batch_id)


def _is_plain_edit(event: Event) -> bool:
    keyed_by_one = len(Base.metadata.tables[event.subject].primary_key) == 1
    return event.before is not None and event.after is not None and keyed_by_one


def _snapshots(session: Session, subject: str, keys: Sequence[str]) -> dict[str, Record]:
    """The full records of rows, by key, as `records.snapshot` gives one."""
    table = Base.metadata.tables[subject]
    (column,) = table.primary_key
    rows = session.execute(select(table).where(column.in_([column.type.python_type(key) for key in keys]))).mappings()
    names = PARTS.get(subject, ())
    found = {str(row[column.name]): plain(table, row) | {name: [] for name in names} for row in rows}
    owners: dict[str, dict[int, set[str]]] = {subject: {int(key): {key} for key in found}} if names else {}
    for name in names:
        part = Base.metadata.tables[name]
        links = [(key.parent, owners[key.column.table.name]) for key in part.foreign_keys if key.column.table.name in owners]
        direct = [link for link in links if link[1] is owners[subject]] or links
        belongs = or_(*(parent.in_(list(owned)) for parent, owned in direct))
        owners[name] = {}
        for row in session.execute(select(part).where(belongs).order_by(*part.primary_key)).mappings():
            mine = set().union(*(owned.get(row[parent.name], set()) for parent, owned in direct))
            for key in mine:
                found[key][name].append(plain(part, row))
            if "id" in row:
                owners[name][row["id"]] = mine
    return found


def _write(session: Session, subject: str, edits: Sequence[Event]) -> None:
    table = Base.metadata.tables[subject]
    (key,) = table.primary_key
    for names, group in groupby(edits, lambda event: tuple(sorted(name for name in event.before if name in table.c))):
        if names:
            rows = [
                {"row_key": key.type.python_type(event.subject_id), **{f"new_{n}": v for n, v in _columns(table, event, names).items()}}
                for event in group
            ]
            values = {name: bindparam(f"new_{name}") for name in names}
            session.connection().execute(update(table).where(key == bindparam("row_key")).values(**values), rows)
    for name in reversed(PARTS.get(subject, ())):
        _clear(session, subject, name, [event.subject_id for event in edits if name in event.before])
    for name in PARTS.get(subject, ()):
        part = Base.metadata.tables[name]
        wanted = {tuple(row[c.name] for c in part.primary_key): row for event in edits for row in event.before.get(name, ())}
        if wanted:
            session.execute(insert(part), [typed(part, row) for row in wanted.values()])


def _columns(table: Table, event: Event, names: Sequence[str]) -> Record:
    return typed(table, {name: event.before[name] for name in names})


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


def _record(session: Session, edits: Sequence[Event], actor: str, batch_id: str | None) -> None:
    told = [
        {
            "actor": actor, "action": UNDO, "subject": event.subject, "subject_id": event.subject_id, "batch_id": batch_id,
            "before": checked(event.subject, event.after), "after": checked(event.subject, event.before), "run_id": event.run_id,
            "undone_by_id": None,
        }
        for event in edits
    ]  # fmt: skip
    ids = insert_keyed(session, Event.__table__, told, ("subject", "subject_id"))
    table = Event.__table__
    again = [event.id for event in edits if event.action == UNDO]
    if again:
        session.execute(update(table).where(table.c.undone_by_id.in_(again)).values(undone_by_id=None))
    pairs = [{"answer": answer, "told": event.id} for event, answer in zip(edits, ids, strict=True)]
    statement = update(table).where(table.c.id == bindparam("told")).values(undone_by_id=bindparam("answer"))
    session.connection().execute(statement, pairs)
    forget(session, {("event", str(event.id)) for event in edits})
