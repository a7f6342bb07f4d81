"""Curators' verdicts over colorizations: one by one, by rules, and taken back."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from db.enums import Verdict
from db.models import Colorization, Review
from workbench import events, tallies
from workbench.errors import InvalidInputError
from workbench.query import parse
from workbench.review_rules import Decision, apply_rules
from workbench.search import ids_of_images
from workbench.verdicts import accepted, of_colorization, review

__all__ = ["Decision", "Queued", "accepted", "apply_rules", "counts", "of_colorization", "queue", "review", "undo"]

Order = Literal["disagreement", "adherence", "random", "newest"]
ORDERS = ("disagreement", "adherence", "random", "newest")


@dataclass(frozen=True)
class Queued:
    """A colorization that waits for a verdict, with what its votes say."""

    colorization: Colorization
    votes: int
    win_rate: float | None
    disagreement: float


def queue(
    session: Session,
    *,
    order: Order = "disagreement",
    query: str = "",
    reviewer: str | None = None,
    limit: int = 60,
    seed: int = 0,
) -> list[Queued]:
    """Colorizations that wait for a verdict: of anybody, or of `reviewer` where one is named.

    `order`: the most split votes first; the lowest adherence first (those without one last); at random, fixed by `seed`; or the
    newest first. `query` picks images. Raises InvalidInputError for an unknown order or a bad query.
    """
    if order not in ORDERS:
        raise InvalidInputError(f'There is no order "{order}"; there are {", ".join(ORDERS)}.')
    waiting = _waiting(session, query, reviewer)
    if order == "newest":
        ids = list(session.scalars(waiting.order_by(Colorization.id.desc()).limit(limit)))
    elif order == "adherence":
        ids = list(
            session.scalars(waiting.order_by(Colorization.adherence.is_(None), Colorization.adherence, Colorization.id).limit(limit))
        )
    elif order == "random":
        ids = list(session.scalars(waiting.order_by(Colorization.id)))
        ids = random.Random(seed).sample(ids, min(limit, len(ids)))
    else:
        ids = _most_split(session, waiting, limit)
    return _queued(session, ids)


def _waiting(session: Session, query: str, reviewer: str | None) -> Select:
    given = exists().where(Review.colorization_id == Colorization.id).correlate(Colorization)
    if reviewer is not None:
        given = given.where(Review.reviewer == reviewer)
    wanted = select(Colorization.id).where(~given)
    return wanted.where(Colorization.image_id.in_(ids_of_images(session, parse(query)))) if query.strip() else wanted


def _most_split(session: Session, waiting: Select, limit: int) -> list[int]:
    """The ones with votes first, the most split of them leading; then those that nobody voted on, in their order."""
    votes = tallies.by_colorization(session, session.scalars(waiting.where(Colorization.id.in_(tallies.voted()))).all())
    ids = sorted(votes, key=lambda found: (-votes[found].disagreement, -votes[found].votes, found))[:limit]
    rest = waiting.where(Colorization.id.not_in(tallies.voted())).order_by(Colorization.id).limit(limit - len(ids))
    return [*ids, *session.scalars(rest)]


def _queued(session: Session, ids: Iterable[int]) -> list[Queued]:
    ids = list(ids)
    votes = tallies.by_colorization(session, ids)
    rows = {row.id: row for row in session.scalars(select(Colorization).where(Colorization.id.in_(ids)))}
    found = ((rows[key], votes.get(key, tallies.Tally())) for key in ids)
    return [Queued(row, tally.votes, tally.win_rate, tally.disagreement) for row, tally in found]


def undo(session: Session, batch_id: str, *, actor: str) -> int:
    """Take back all verdicts of a batch; return their number. Raises NotFoundError and ConflictError as `events.rollback` does."""
    return events.rollback(session, batch_id, actor=actor)


def counts(session: Session) -> dict[str, int]:
    """How many verdicts of each kind there are, how many colorizations were reviewed, and how many wait."""
    found = dict.fromkeys((verdict.value for verdict in Verdict), 0)
    for verdict, count in session.execute(select(Review.verdict, func.count(Review.id)).group_by(Review.verdict)):
        found[verdict.value] = count
    found["reviewed"] = session.scalar(select(func.count(Review.colorization_id.distinct())))
    found["waiting"] = session.scalar(select(func.count(Colorization.id))) - found["reviewed"]
    return found
