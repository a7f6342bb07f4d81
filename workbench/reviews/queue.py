"""Curators' verdicts over colorizations: one by one, by rules, and taken back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from db.enums import ReviewKind, Verdict
from db.models import Colorization, Event, Review, Run
from workbench.errors import InvalidInputError
from workbench.rating import Tally, vote_tallies
from workbench.reviews.adherence_basis import worth
from workbench.reviews.rules import JOB
from workbench.reviews.verdicts import disputed
from workbench.search import ids_of_captions, parse, trusted_adherence
from workbench.store import events

Order = Literal["disagreement", "adherence", "random", "newest"]
ORDERS = ("disagreement", "adherence", "random", "newest")


@dataclass(frozen=True)
class Queued:
    """A colorization that waits for a verdict, with what its votes say."""

    colorization: Colorization
    tally: Tally

    @property
    def votes(self) -> int:
        """Times it was shown beside others."""
        return self.tally.votes

    @property
    def win_rate(self) -> float | None:
        """How often it was preferred."""
        return self.tally.win_rate

    @property
    def disagreement(self) -> float:
        """How split its votes are."""
        return self.tally.disagreement


@dataclass(frozen=True)
class Applied:
    """Rules that were applied as a batch."""

    batch_id: str
    name: str
    actor: str
    at: datetime
    verdicts: dict[str, int]
    standing: bool
    """Whether the batch was not taken back."""


def queue(
    session: Session,
    *,
    order: Order = "disagreement",
    query: str = "",
    reviewer: str | None = None,
    in_dispute: bool = False,
    limit: int = 60,
    seed: int = 0,
) -> list[Queued]:
    """The first `limit` of `waiting_ids`, with what their votes say."""
    ids = waiting_ids(session, order=order, query=query, reviewer=reviewer, in_dispute=in_dispute, limit=limit, seed=seed)
    return queued(session, ids)


def waiting_ids(
    session: Session,
    *,
    order: Order = "disagreement",
    query: str = "",
    reviewer: str | None = None,
    in_dispute: bool = False,
    limit: int | None = None,
    seed: int = 0,
) -> list[int]:
    """Colorizations that wait for a verdict: of anybody; of `reviewer`, where one is named; or, `in_dispute`, of one who settles it.

    `order`: the most split votes first; the lowest adherence first (those without one last); at random, fixed by `seed`; or the
    newest first. `query` picks captions (`level:scarce`, `source:…`).
    Raises InvalidInputError for an unknown order or a bad query.
    """
    if order not in ORDERS:
        raise InvalidInputError(f'There is no order "{order}"; there are {", ".join(ORDERS)}.')
    waiting = _waiting(session, query, reviewer, in_dispute)
    if order == "disagreement":
        return _most_split(session, waiting, limit)
    ordered = {
        "newest": (Colorization.id.desc(),),
        "adherence": (trusted_adherence().is_(None), trusted_adherence(), Colorization.id),
        # The keys are hashes: read from another digit on they are another order, and one verdict does not shuffle the rest.
        "random": (func.substr(Colorization.key, 1 + seed % 48), Colorization.key),
    }[order]
    return list(session.scalars(waiting.order_by(*ordered).limit(limit)))


def count_waiting(session: Session, *, query: str = "", reviewer: str | None = None, in_dispute: bool = False) -> int:
    """How many colorizations `waiting_ids` names without a limit."""
    return session.execute(select(func.count()).select_from(_waiting(session, query, reviewer, in_dispute).subquery())).scalar_one()


def _waiting(session: Session, query: str, reviewer: str | None, in_dispute: bool) -> Select:
    reviewed = exists().where(Review.colorization_id == Colorization.id).correlate(Colorization)
    if reviewer is not None:
        reviewed = reviewed.where(or_(and_(Review.kind == ReviewKind.PERSON, Review.reviewer == reviewer), Review.kind == ReviewKind.FINAL))
    statement = select(Colorization.id).where(disputed() if in_dispute else ~reviewed)
    return statement.where(Colorization.caption_id.in_(ids_of_captions(session, parse(query)))) if query.strip() else statement


def _most_split(session: Session, waiting: Select, limit: int | None) -> list[int]:
    """The ones with votes first, the most split of them leading; then those that nobody voted on, in their order."""
    votes = vote_tallies.by_colorization(session, session.scalars(waiting.where(Colorization.id.in_(vote_tallies.voted()))).all())
    ids = sorted(votes, key=lambda key: (-votes[key].disagreement, -votes[key].votes, key))[:limit]
    rest = waiting.where(Colorization.id.not_in(vote_tallies.voted())).order_by(Colorization.id)
    return [*ids, *session.scalars(rest if limit is None else rest.limit(limit - len(ids)))]


def queued(session: Session, ids: Iterable[int]) -> list[Queued]:
    """Colorizations of these ids in their order, with what their votes say; those that were deleted are left out."""
    ids = list(ids)
    votes = vote_tallies.by_colorization(session, ids)
    rows = {row.id: row for row in session.scalars(select(Colorization).where(Colorization.id.in_(ids)))}
    return [Queued(rows[key], votes.get(key, Tally())) for key in ids if key in rows]


def rivals(session: Session, colorization_id: int) -> list[Queued]:
    """The other colorizations of the same words, the best by votes first: among them one is chosen as a release's target."""
    own = session.get_one(Colorization, colorization_id)
    statement = select(Colorization.id).where(
        Colorization.caption_id == own.caption_id, Colorization.caption_text == own.caption_text, Colorization.id != own.id
    )
    rows = queued(session, session.scalars(statement))
    return sorted(rows, key=lambda one: (-(one.win_rate or 0), -one.votes, -(worth(one.colorization) or 0), one.colorization.id))


def undo(session: Session, batch_id: str, *, actor: str) -> int:
    """Take back all verdicts of a batch; return their number. Raises NotFoundError and ConflictError as `events.rollback` does."""
    return events.rollback(session, batch_id, actor=actor)


def last_of(session: Session, reviewer: str) -> str | None:
    """The batch of a person's newest verdict that stands and was not given by rules; None where there is none."""
    statement = select(Event.batch_id).where(
        Event.actor == reviewer, Event.subject == "review", Event.action == "review", Event.undone_by_id.is_(None), Event.run_id.is_(None)
    )
    return session.scalar(statement.where(Event.batch_id.is_not(None)).order_by(Event.id.desc()).limit(1))


def judged_in(session: Session, batch_id: str) -> list[int]:
    """The colorizations that the verdicts of a batch are about, in the order in which they were given."""
    verdict_events = session.scalars(select(Event).where(Event.batch_id == batch_id, Event.subject == "review").order_by(Event.id))
    return list(dict.fromkeys(facts["colorization_id"] for event in verdict_events if (facts := event.after or event.before)))


def applied(session: Session, limit: int = 20) -> list[Applied]:
    """The rules that were applied, newest first."""
    applied_runs = session.scalars(select(Run).where(Run.job == JOB).order_by(Run.id.desc()).limit(limit)).all()
    ids = [run.summary["batch_id"] for run in applied_runs]
    not_undone = set(session.scalars(select(Event.batch_id).where(Event.batch_id.in_(ids), Event.undone_by_id.is_(None)).distinct()))
    return [
        Applied(batch_id, run.summary["name"], run.requested_by, run.created_at, run.summary["verdicts"], batch_id in not_undone)
        for run, batch_id in zip(applied_runs, ids, strict=True)
    ]


def counts(session: Session) -> dict[str, int]:
    """How many verdicts of each kind there are, how many colorizations were reviewed, how many wait, and how many are in dispute."""
    counted = dict.fromkeys((verdict.value for verdict in Verdict), 0)
    for verdict, count in session.execute(select(Review.verdict, func.count(Review.id)).group_by(Review.verdict)):
        counted[verdict.value] = count
    counted["reviewed"] = session.execute(select(func.count(Review.colorization_id.distinct()))).scalar_one()
    counted["waiting"] = session.execute(select(func.count(Colorization.id))).scalar_one() - counted["reviewed"]
    counted["disputed"] = session.execute(select(func.count(Colorization.id)).where(disputed())).scalar_one()
    return counted
