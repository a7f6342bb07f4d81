"""Finding what a query of the grammar asks for among a million captions: pages by key, and counts.

On SQLite almost every query is one expression of the full-text index (`indexing`), which finds rows in the order of their ids and counts
them. Two things are beyond it: names of files, and whether one and the same caption of an image has all that is asked for. Where they
leave few rows, these are listed first; where they leave many, walking along the index soon fills a page, and the count ends at WALKED.
Alternatives (OR) of both kinds are found apart and merged. On PostgreSQL the conditions of `query` are put to the database as they are.
"""

from dataclasses import replace

from sqlalchemy import Select, SQLColumnExpression, func, select, union
from sqlalchemy.orm import Session

from db.models import Caption, Image, refresh_search
from workbench.search import likeness
from workbench.search.grammar import And, Query
from workbench.search.sorting import captions_in_order, images_in_order
from workbench.search.sql_conditions import caption_filter, image_filter
from workbench.search.sqlite_planner import Ids, captions_asked_for, images_asked_for
from workbench.store.kept_numbers import kept

ORDERED = ("longest", "adherence")
"""Orders that are not those of ids."""
WALKED = 2_000
"""Where a count ends that walks from row to row."""
COUNTED = 250_000
"""Where any count of a query ends: a million rows of the index take most of the time that a page has for its answer."""


class Count(int):
    """How many there are; with `more`, that there are more than this."""

    more: bool

    def __new__(cls, number: int, more: bool = False):
        count = super().__new__(cls, number)
        count.more = more
        return count


def captions_of(session: Session, query: Query, *, after_id: int | None = None, limit: int) -> list[Caption]:
    """A page of the captions that a query asks for, by id or in its order; dropped ones only where it names a status."""
    alternatives = _alternatives_of_captions(session, query)
    if query.sort in ORDERED:
        statement = captions_in_order(session, query.sort, *_one_statement(alternatives))
        ids = _after(statement, after_id, limit)
    else:
        ids = _page(session, alternatives, after_id, limit, newest_first=query.sort == "newest")
    rows = {caption.id: caption for caption in session.scalars(select(Caption).where(Caption.id.in_(ids)))}
    return [rows[key] for key in ids]


def count_captions(session: Session, query: Query) -> Count:
    """How many captions a query asks for."""
    return _count(session, _alternatives_of_captions(session, query))


def images_of(session: Session, query: Query, *, after_id: int | None = None, limit: int, newest_first: bool = False) -> list[Image]:
    """A page of the images that a query asks for, in its order, else by id or the newest first; of `like:` the most like first."""
    alternatives = _alternatives_of_images(session, query)
    nearest = None if query.sort else likeness.in_order(session, query.root)
    if nearest is not None:
        matching = set(session.scalars(_one_statement(alternatives)[0]))
        ids = _after([key for key in nearest if key in matching], after_id, limit)
    elif query.sort in ORDERED:
        statement = images_in_order(session, query.sort, *_one_statement(alternatives))
        ids = _after(statement, after_id, limit)
    else:
        ids = _page(session, alternatives, after_id, limit, query.sort == "newest" if query.sort else newest_first)
    rows = {image.id: image for image in session.scalars(select(Image).where(Image.id.in_(ids)))}
    return [rows[key] for key in ids]


def count_images(session: Session, query: Query) -> Count:
    """How many images a query asks for; those of a store however many they are, in a large one while nothing changes once."""
    if query.root == And(()):
        return Count(kept(session, "images", _count_all, fresh_seconds=0.0))
    return _count(session, _alternatives_of_images(session, query, counted=True))


def _count_all(session: Session) -> int:
    return session.execute(select(func.count(Image.id))).scalar_one()


def ids_of_captions(session: Session, query: Query) -> Select:
    """The ids of the captions that a query asks for, as a statement to be put within another."""
    return _together(_alternatives_of_captions(session, query))


def ids_of_images(session: Session, query: Query) -> Select:
    """The ids of the images that a query asks for, as a statement to be put within another."""
    return _together(_alternatives_of_images(session, query))


def _one_statement(alternatives: list[Ids]) -> tuple[Select, SQLColumnExpression[int]]:
    """All alternatives as one statement, and the column of ids by which it can be ordered."""
    if len(alternatives) == 1:
        matching, key, _walks = alternatives[0]
        return matching, key
    together = union(*(matching for matching, _key, _walks in alternatives)).subquery()
    return select(together.c[0]), together.c[0]


def _after(ids: list[int], after_id: int | None, limit: int) -> list[int]:
    """The page of ids in an order that begins after one of them; from the beginning where that is gone."""
    start = ids.index(after_id) + 1 if after_id in ids else 0
    return ids[start : start + limit]


def _page(session: Session, alternatives: list[Ids], after_id: int | None, limit: int, newest_first: bool) -> list[int]:
    ids: set[int] = set()
    for matching, key, _walks in alternatives:
        if after_id is not None:
            matching = matching.where(key < after_id if newest_first else key > after_id)
        ids.update(session.scalars(matching.order_by(key.desc() if newest_first else key).limit(limit)))
    return sorted(ids, reverse=newest_first)[:limit]


def _count(session: Session, alternatives: list[Ids]) -> Count:
    if len(alternatives) == 1:
        matching, _key, walks = alternatives[0]
        most = WALKED if walks else COUNTED
        number = session.execute(select(func.count()).select_from(matching.limit(most + 1).subquery())).scalar_one()
        return Count(min(number, most), number > most)
    ids: set[int] = set()
    for matching, _key, _walks in alternatives:
        ids.update(session.scalars(matching.limit(WALKED + 1)))
    return Count(min(len(ids), WALKED), len(ids) > WALKED)


def _together(alternatives: list[Ids]) -> Select:
    statements = [matching for matching, _key, _walks in alternatives]
    return statements[0] if len(statements) == 1 else select(statements[0].union(*statements[1:]).subquery().c[0])


def _alternatives_of_captions(session: Session, query: Query) -> list[Ids]:
    query = replace(query, root=likeness.resolved(session, query.root))
    if _indexed(session):
        return captions_asked_for(session, query)
    return [(select(Caption.id).where(caption_filter(query)), Caption.id, True)]


def _alternatives_of_images(session: Session, query: Query, counted: bool = False) -> list[Ids]:
    query = replace(query, root=likeness.resolved(session, query.root))
    if _indexed(session):
        return images_asked_for(session, query, counted)
    return [(select(Image.id).where(image_filter(query)), Image.id, True)]


def _indexed(session: Session) -> bool:
    """Whether the store has the index of facts; it is brought up to date for what this session changed."""
    session.flush()
    refresh_search(session.connection())
    return session.get_bind().dialect.name == "sqlite"
