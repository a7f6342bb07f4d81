"""The engines: contended writers lose nothing, readers never wait, and a transaction is whole or absent."""

import threading

import pytest
from sqlalchemy import func, select

from db.models import Rater, SavedView
from db.session import connect, transaction


@pytest.mark.slow
def test_contended_read_modify_write_loses_nothing(engines):
    with transaction(engines.writer) as session:
        session.add(SavedView(name="counter", query="0", author="ann"))

    def count(times: int) -> None:
        for _ in range(times):
            with transaction(engines.writer) as session:
                view = session.scalars(select(SavedView)).one()
                view.query = str(int(view.query) + 1)

    threads = [threading.Thread(target=count, args=(50,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with transaction(engines.reader) as session:
        assert session.scalars(select(SavedView.query)).one() == "200"


@pytest.mark.slow
def test_a_reader_sees_the_last_commit_while_a_writer_holds_its_lock(engines):
    with transaction(engines.writer) as writing:
        writing.add(Rater(pseudonym="r1"))
        writing.flush()
        with transaction(engines.reader) as reading:
            assert reading.scalar(select(func.count()).select_from(Rater)) == 0
    with transaction(engines.reader) as reading:
        assert reading.scalar(select(func.count()).select_from(Rater)) == 1


@pytest.mark.slow
def test_an_exception_rolls_everything_back(engines):
    def stopped_halfway() -> None:
        with transaction(engines.writer) as session:
            session.add(Rater(pseudonym="r1"))
            session.flush()
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        stopped_halfway()
    with transaction(engines.reader) as session:
        assert session.scalar(select(func.count()).select_from(Rater)) == 0


@pytest.mark.slow
def test_foreign_keys_hold(engines):
    with engines.writer.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_an_in_memory_store_is_refused():
    with pytest.raises(ValueError, match="in-memory"):
        connect("sqlite://")
