"""How much work SQLite does for a question, in steps of its virtual machine and in rows: the same however busy the computer is."""

from collections.abc import Callable

from sqlalchemy.orm import Session

GRAIN = 10


def steps_of(session: Session, asked: Callable[[Session], object]) -> int:
    """The steps that the statements of a question take together, in tens; those of its full-text tables are not all counted."""
    connection, steps = session.connection().connection.driver_connection, [0]

    def step() -> int:
        steps[0] += GRAIN
        return 0

    connection.set_progress_handler(step, GRAIN)
    try:
        asked(session)
    finally:
        connection.set_progress_handler(None, 0)
    return steps[0]


def rows_of(session: Session, asked: Callable[[Session], object]) -> int:
    """The rows that the statements of a question bring from SQLite into Python."""
    connection, rows = session.connection().connection.driver_connection, [0]

    def row(_cursor: object, values: tuple) -> tuple:
        rows[0] += 1
        return values

    connection.row_factory = row
    try:
        asked(session)
    finally:
        connection.row_factory = None
    return rows[0]
