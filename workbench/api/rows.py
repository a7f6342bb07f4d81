"""Rows of the tables, page by page: a reader a table, all with the same call."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy.orm import Session

from workbench import studies
from workbench.api import library_rows, record_rows, result_rows
from workbench.api.columns import TABLES
from workbench.api.typed_votes import typed_vote
from workbench.errors import InvalidInputError, NotFoundError
from workbench.reports.vote_table import every_vote

Row = dict[str, Any]
Reader = Callable[[Session, str, int | None, int], list[Row]]
"""(session, query, id after which the page begins, most rows) → rows."""

READERS: dict[str, Reader] = {
    "images": library_rows.images,
    "captions": library_rows.captions,
    "regions": library_rows.regions,
    "colorizations": result_rows.colorizations,
    "reviews": result_rows.reviews,
    "studies": record_rows.studies,
    "releases": record_rows.releases,
    "checkpoints": record_rows.checkpoints,
    "runs": record_rows.runs,
}
TOGETHER = 2_000
"""Rows that are read at once where all are asked for."""


@dataclass(frozen=True)
class Page:
    """Some rows of a table, and what the next page begins after; None where this is the last one."""

    rows: list[Row]
    next: int | None


def page(session: Session, table: str, query: str = "", after: int | None = None, limit: int = 1_000) -> Page:
    """A page of a table; `after` is the `next` of the page before.

    Raises NotFoundError for an unknown table or study, InvalidInputError for a query that cannot be read or that the table does not take.
    """
    known = TABLES.get(table)
    if known is None:
        raise NotFoundError(f'There is no table "{table}"; there are {", ".join(TABLES)}.')
    if query and not known.query:
        raise InvalidInputError(f"The table {table} takes no query; leave it out.")
    if table == "ratings":
        return _votes(session, query, after or 0, limit)
    rows = READERS[table](session, query, after, limit)
    return Page(rows, rows[-1]["id"] if len(rows) == limit else None)


def _votes(session: Session, study: str, after: int, limit: int) -> Page:
    if not study:
        known = ", ".join(row.name for row in studies.listing(session)) or "none yet"
        raise InvalidInputError(f"Name the study whose ratings are meant; there are: {known}.")
    votes = every_vote(session, studies.by_name(session, study).id)
    rows = [typed_vote(vote) for vote in islice(votes, after, after + limit)]
    return Page(rows, after + limit if len(rows) == limit else None)


OF_ANY_STATUS = {"captions": "status:proposed,accepted,dropped"}
"""Queries under which a row is there whatever became of it."""


def row_of(session: Session, table: str, key: int) -> Page:
    """The row with an id, as a page of one. Raises NotFoundError, also for a table whose rows have no ids."""
    if table == "ratings":
        raise NotFoundError("Ratings have no numbers of their own; read them with the name of their study.")
    rows = page(session, table, OF_ANY_STATUS.get(table, ""), key - 1, 1).rows
    if not rows or rows[0]["id"] != key:
        raise NotFoundError(f"There is no row {key} among the {table}.")
    return Page(rows, None)


def all_rows(session: Session, table: str, query: str = "") -> Iterator[Row]:
    """All rows of a table that a query asks for, read in pieces and forgotten by the session again."""
    after: int | None = None
    most = 1 << 40 if table == "ratings" else TOGETHER  # a study's votes come from one statement
    while True:
        piece = page(session, table, query, after, most)
        yield from piece.rows
        session.expunge_all()
        if piece.next is None:
            return
        after = piece.next
