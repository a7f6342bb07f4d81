"""Verdicts of a store whose reviewers still began with `rule:` or `final:` go on as what they were, and can be taken back."""

import json

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from db import schema
from db.enums import ReviewKind
from db.models import Event, Review
from db.session import connect, transaction
from tests.stores import colorize, insert_caption, insert_checkpoint, insert_image, opened
from workbench.reviews import queue
from workbench.store import events

pytestmark = [pytest.mark.slow, pytest.mark.sqlite]


BEFORE, KINDS = "0005", "0006"
REVIEWERS = ("ada", "rule:strict: low", "final:ada", "bob: b")


TABLES = ("image", "caption", "checkpoint", "colorization")


@pytest.fixture
def older(tmp_path):
    """The engines of a store of the version before, with four verdicts on one colorization, each with its event in a batch of its own."""
    engines = connect(f"sqlite:///{tmp_path / 'older.sqlite'}")
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with engines.writer.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, BEFORE)
    with opened(tmp_path / "newest") as (newest, media), Session(engines.writer) as session, session.begin():
        with transaction(newest.writer) as made:
            insert_caption(made, insert_image(made, media, 0))
            (row,) = colorize(made, media, insert_checkpoint(made))
            for table in TABLES:
                copy_rows(made, session, table)
        moment = "2026-01-01T00:00:00+00:00"
        for number, reviewer in enumerate(REVIEWERS, 1):
            record = {"colorization_id": row.id, "reviewer": reviewer, "verdict": "accept", "reason": "", "batch_id": f"b{number}"}
            columns = ", ".join([*record, "created_at"])
            session.execute(
                text(f"INSERT INTO review ({columns}) VALUES ({', '.join(f':{name}' for name in [*record, 'created_at'])})"),
                record | {"created_at": moment},
            )
            after = {"id": number, **record, "created_at": moment}
            session.add(Event(actor="ada", action="review", subject="review", subject_id=str(number), after=after, batch_id=f"b{number}"))
    yield engines
    engines.dispose()


def copy_rows(source, target, table):
    """Copy a table's rows, without the columns that the other store does not have yet."""
    columns = [row.name for row in target.execute(text(f"SELECT name FROM pragma_table_info('{table}')"))]
    rows = source.execute(text(f"SELECT {', '.join(columns)} FROM {table}")).mappings().all()
    target.execute(
        text(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(f':{name}' for name in columns)})"), [*map(dict, rows)]
    )


def kinds(session):
    return [(row.kind, row.reviewer) for row in session.scalars(select(Review).order_by(Review.id))]


def test_what_stood_before_the_name_becomes_the_kind_of_verdict(older):
    schema.upgrade(older.writer)
    with transaction(older.reader) as session:
        assert kinds(session) == [
            (ReviewKind.PERSON, "ada"),
            (ReviewKind.RULE, "strict: low"),
            (ReviewKind.FINAL, "ada"),
            (ReviewKind.PERSON, "bob: b"),
        ]
        told = [event.after for event in session.scalars(select(Event).where(Event.subject == "review").order_by(Event.id))]
        assert [(after["kind"], after["reviewer"]) for after in told] == [(kind.value, name) for kind, name in kinds(session)]


def test_a_verdict_of_rules_given_before_can_be_taken_back_and_brought_again(older):
    schema.upgrade(older.writer)
    with transaction(older.writer) as session:
        queue.undo(session, "b2", actor="ada")
        assert len(kinds(session)) == 3
        undone = session.scalar(select(Event).where(Event.batch_id == "b2")).undone_by_id
        events.undo(session, undone, actor="ada")
        assert (ReviewKind.RULE, "strict: low") in kinds(session)


def test_the_step_back_puts_the_kinds_before_the_names_again(older):
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    with older.writer.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, KINDS)  # not to the newest: later steps cannot all be taken back
        command.downgrade(config, BEFORE)
        assert tuple(connection.scalars(text("SELECT reviewer FROM review ORDER BY id"))) == REVIEWERS
        told = connection.scalars(text("SELECT after FROM event WHERE subject = 'review' ORDER BY id"))
        assert tuple(json.loads(after)["reviewer"] for after in told) == REVIEWERS
