"""What is stored of a person: all of it told, taken out where they withdraw, deleted without a trace where they ask to be forgotten."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, delete, select, text
from sqlalchemy.orm import Session

from db.base import Base, now
from db.enums import Outcome
from db.models import Assignment, Event, Invitation, Participant, Rater, Rating, RatingValue, Trial
from workbench.store import batches, events, require
from workbench.studies.design_io import rules_of
from workbench.studies.trials import study_of


def stored_of(session: Session, rater_id: int) -> dict[str, Any]:
    """Everything that is stored of a person, in every study, fit for JSON: the answer to a request for access.

    Hashes of tokens are left out: they are keys and tell nothing. Raises NotFoundError.
    """
    rater = _rater(session, rater_id)
    invitations = list(session.scalars(select(Invitation).where(Invitation.rater_id == rater_id)))
    ratings = session.scalars(select(Rating).where(Rating.rater_id == rater_id).order_by(Rating.id))
    values = select(RatingValue).join(Rating, Rating.id == RatingValue.rating_id).where(Rating.rater_id == rater_id)
    return {
        "rater": _columns(rater),
        "invitations": [_columns(row) for row in invitations],
        "participants": [_columns(row) for row in _of(session, Participant, Participant.invitation_id, [row.id for row in invitations])],
        "assignments": [_columns(row) for row in session.scalars(select(Assignment).where(Assignment.rater_id == rater_id))],
        "ratings": [_columns(row) for row in ratings],
        "rating_values": [_columns(row) for row in session.scalars(values)],
        "events": [_columns(row) for row in _events(session, rater)],
    }


def _columns(row: Base) -> dict[str, Any]:
    plain = {column.key: getattr(row, column.key) for column in row.__table__.columns if column.key != "token_hash"}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in plain.items()}


def _of(session: Session, table: type[Base], column: Any, keys: list) -> Iterator[Any]:
    for some in batches(keys):
        yield from session.scalars(select(table).where(column.in_(some)))


def _rater(session: Session, rater_id: int) -> Rater:
    return require(session, Rater, rater_id)


def _events(session: Session, rater: Rater) -> list[Event]:
    """The history of a person's rows, and what they did themselves."""
    subjects = {
        "invitation": select(Invitation.id).where(Invitation.rater_id == rater.id),
        "rating": select(Rating.id).where(Rating.rater_id == rater.id),
        "rater": select(Rater.id).where(Rater.id == rater.id),
    }
    by_id: dict[int, Event] = {}
    for subject, ids in subjects.items():
        for keys in batches(str(key) for key in session.scalars(ids)):
            for event in session.scalars(select(Event).where(Event.subject == subject, Event.subject_id.in_(keys))):
                by_id[event.id] = event
    for event in session.scalars(select(Event).where(Event.actor == rater.pseudonym)):
        by_id[event.id] = event
    return [by_id[key] for key in sorted(by_id)]


def withdraw(session: Session, invitation: Invitation) -> int:
    """End a rater's part on their own wish; their answers in this study are deleted, or stay, as its design says.

    What stays in any case is that somebody withdrew, and, until they ask to be forgotten, who that was to the platform: it pays them.
    Return how many ratings are deleted.
    """
    study = study_of(session, invitation.study_id)
    invitation.outcome, invitation.ended_at = Outcome.WITHDRAWN, now()  # also of who had finished: their answers go
    pseudonym = session.get_one(Rater, invitation.rater_id).pseudonym
    gone: list[int] = []
    if rules_of(study).withdrawal == "delete":
        of_study = select(Trial.id).where(Trial.study_id == study.id)
        mine = select(Rating.id).where(Rating.rater_id == invitation.rater_id, Rating.trial_id.in_(of_study))
        gone = list(session.scalars(mine))
        for keys in batches(str(key) for key in gone):
            session.execute(delete(Event).where(Event.subject == "rating", Event.subject_id.in_(keys)))
        for keys in batches(gone):
            session.execute(delete(Rating).where(Rating.id.in_(keys)))
        invitation.screening, invitation.questionnaire = {}, {}
    unanswered = select(Rating.id).where(Rating.trial_id == Assignment.trial_id, Rating.rater_id == Assignment.rater_id).exists()
    of_study = Assignment.trial_id.in_(select(Trial.id).where(Trial.study_id == study.id))
    session.execute(delete(Assignment).where(Assignment.rater_id == invitation.rater_id, of_study, ~unanswered))
    session.flush()
    after = {"outcome": Outcome.WITHDRAWN.value}
    events.record(session, actor=pseudonym, action="withdraw", subject="invitation", subject_id=invitation.id, before=None, after=after)
    return len(gone)


def forget(session: Session, rater_id: int, *, actor: str) -> int:
    """Delete everything that is stored of a person, in every study: ratings, times, screening, and their part of the history.

    What stays is that somebody was forgotten, when, and by whom. Return how many ratings are gone. Raises NotFoundError.
    The bytes leave the database's files with `clear_free_pages`, which runs after this transaction.
    """
    rater = _rater(session, rater_id)
    ratings = list(session.scalars(select(Rating.id).where(Rating.rater_id == rater_id)))
    for keys in batches(event.id for event in _events(session, rater)):
        session.execute(delete(Event).where(Event.id.in_(keys)))
    session.delete(rater)
    session.flush()
    gone = {"pseudonym": "forgotten", "simulated": rater.simulated}
    events.record(session, actor=actor, action="forget", subject="rater", subject_id=rater_id, before=gone, after=None)
    return len(ratings)


PEOPLE = ("rater", "invitation", "participant", "assignment", "rating", "rating_value", "event")


def _drop_stale_statistics(connection: Connection, table: str) -> None:
    """ANALYZE leaves the frequent values of an empty table as they were; a column that is given its own type anew loses them."""
    if connection.scalar(text(f"SELECT EXISTS (SELECT FROM {table})")):
        return
    columns = "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = CAST(:table AS regclass)"
    for name, kind in connection.execute(text(f"{columns} AND attnum > 0 AND NOT attisdropped"), {"table": table}).all():
        connection.execute(text(f'ALTER TABLE {table} ALTER COLUMN "{name}" TYPE {kind}'))


def clear_free_pages(writer: Engine) -> None:
    """Rewrite what holds deleted rows, so that none of their bytes stay in the database's files.

    SQLite: VACUUM with `secure_delete`, then the write-ahead log is emptied. PostgreSQL: the tables of people, and what the planner
    remembers of their values, are written anew; its write-ahead log, replicas and archived logs keep old bytes until they are recycled.
    It takes about as long as copying the database. Backups made before hold the old bytes still.
    """
    if writer.dialect.name == "postgresql":
        with writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in PEOPLE:
                connection.execute(text(f"VACUUM (FULL, ANALYZE) {table}"))
                _drop_stale_statistics(connection, table)
            connection.execute(text("VACUUM FULL pg_statistic"))
        return
    raw = writer.raw_connection()
    try:
        cursor = raw.cursor()
        for statement in ("PRAGMA secure_delete=ON", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA secure_delete=OFF"):
            cursor.execute(statement)
            cursor.fetchall()
    finally:
        raw.close()
