"""Writers of a SQLite store take turns: many short transactions one after the other keep nobody out."""

import os
import threading

import pytest
from sqlalchemy import func, insert, select

from db.models import Rater
from db.session import transaction
from db.turns import SUFFIX, turn

PARTS = 60


@pytest.mark.slow
def test_a_writer_comes_in_between_the_transactions_of_another(engines):
    begun, seen = threading.Event(), []

    def another() -> None:
        begun.wait()
        with transaction(engines.writer) as session:
            seen.append(session.scalar(select(func.count()).select_from(Rater)))

    thread = threading.Thread(target=another)
    thread.start()
    for number in range(PARTS):
        with transaction(engines.writer) as session:
            session.execute(insert(Rater), [{"pseudonym": f"{number}-{place}"} for place in range(200)])
            if number == 0:
                begun.set()
    thread.join()
    assert seen[0] < PARTS * 200, "it did not have to wait for the last of them"


def test_a_turn_is_given_back_by_an_error(tmp_path):
    with pytest.raises(RuntimeError), turn(tmp_path / "store", 1.0):
        raise RuntimeError
    with turn(tmp_path / "store", 0.0):
        pass


def test_whoever_does_not_get_the_turn_in_time_goes_on_without_it(tmp_path):
    with turn(tmp_path / "store", 1.0), turn(tmp_path / "store", 0.01):
        pass


def test_where_no_file_can_be_made_everybody_goes_on_without_turns(tmp_path):
    with turn(tmp_path / "not there" / "store", 1.0):
        pass


def test_the_turn_lies_beside_the_database_and_is_nobody_elses(tmp_path):
    with turn(tmp_path / "store", 1.0):
        assert os.stat(tmp_path / f"store{SUFFIX}").st_mode & 0o777 == 0o600
