"""The texts that many rows of a table share, without reading all rows of a large one."""

from sqlalchemy import Select, SQLColumnExpression, func, select, union_all
from sqlalchemy.orm import Session

SAMPLED, BLOCKS = 60_000, 60
"""Keys that are looked at of a larger table, in so many blocks spread over it."""


def frequent(session: Session, name: SQLColumnExpression[str], key: SQLColumnExpression[int], most: int) -> list[tuple[str, int]]:
    """The most frequent texts of a column with how often each stands there; of a large table, in a part of it.

    `key` is an indexed column of whole numbers by which the table is cut into parts.
    """
    lowest, highest = session.scalar(select(func.min(key))), session.scalar(select(func.max(key)))  # SQLite leaps to one of them alone
    if lowest is None or highest is None:
        return []
    if highest - lowest < SAMPLED:
        rows = select(name.label("name")).subquery()
    else:
        step = (highest - lowest + 1) // BLOCKS
        starts = range(lowest, highest + 1 - SAMPLED // BLOCKS, step)
        parts = (select(name.label("name")).where(key.between(start, start + SAMPLED // BLOCKS - 1)) for start in starts)
        rows = union_all(*parts).subquery()
    number = func.count()
    counted = select(rows.c.name, number).group_by(rows.c.name).order_by(number.desc(), rows.c.name).limit(most)
    return [(text, used) for text, used in session.execute(counted)]


def different(name: SQLColumnExpression[str]) -> Select:
    """The different texts of an indexed column in their order, by leaping from each to the next; they may end with a null."""
    known = select(func.min(name).label("name")).cte("known", recursive=True)
    following = select(func.min(name)).where(name > known.c.name).scalar_subquery()
    known = known.union_all(select(following).where(known.c.name.is_not(None)))
    return select(known.c.name)
