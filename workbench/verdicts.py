"""Verdicts on single colorizations, and what counts as accepted."""

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from db.base import now
from db.enums import Verdict
from db.models import Colorization, Review
from workbench import events, records
from workbench.errors import InvalidInputError, NotFoundError

__all__ = ["RULE", "accepted", "by_person", "of_colorization", "review"]

RULE = "rule:"
"""What a reviewer's name starts with where it is a rule."""


def by_person() -> ColumnElement[bool]:
    """The condition on `Review` that a person gave it."""
    return Review.reviewer.not_like(f"{RULE}%")


def review(
    session: Session,
    colorization_id: int,
    verdict: Verdict | str,
    *,
    reviewer: str,
    reason: str = "",
    batch_id: str | None = None,
    run_id: int | None = None,
    actor: str | None = None,
) -> Review:
    """Give a verdict; a reviewer's later verdict on the same colorization replaces the earlier, and the history keeps both.

    `actor` is who stands behind it in the history, where that is not the reviewer: the person who applied a rule.
    Raises NotFoundError, and InvalidInputError for an unknown verdict, an empty reviewer, or a refusal without a reason.
    """
    verdict = _checked(session, colorization_id, verdict, reviewer, reason)
    row = session.scalar(select(Review).where(Review.colorization_id == colorization_id, Review.reviewer == reviewer))
    before = records.snapshot(session, "review", row.id) if row else None
    if row is None:
        row = Review(colorization_id=colorization_id, reviewer=reviewer, verdict=verdict, reason=reason.strip(), batch_id=batch_id)
        session.add(row)
    elif (row.verdict, row.reason) == (verdict, reason.strip()):
        return row
    else:
        row.verdict, row.reason, row.batch_id, row.created_at = verdict, reason.strip(), batch_id, now()
    session.flush()
    events.record(
        session,
        actor=actor or reviewer,
        action="review",
        subject="review",
        subject_id=row.id,
        before=before,
        after=records.snapshot(session, "review", row.id),
        batch_id=batch_id,
        run_id=run_id,
    )
    return row


def _checked(session: Session, colorization_id: int, verdict: Verdict | str, reviewer: str, reason: str) -> Verdict:
    verdict = _verdict(verdict)
    if not reviewer.strip():
        raise InvalidInputError("A verdict needs its reviewer's name.")
    if verdict is not Verdict.ACCEPT and not reason.strip():
        raise InvalidInputError(f'Say why: a verdict "{verdict}" needs a reason.')
    if session.get(Colorization, colorization_id) is None:
        raise NotFoundError(f"There is no colorization {colorization_id}.")
    return verdict


def _verdict(verdict: Verdict | str) -> Verdict:
    try:
        return Verdict(verdict)
    except ValueError:
        raise InvalidInputError(f'There is no verdict "{verdict}"; there are {", ".join(Verdict)}.') from None


def of_colorization(session: Session, colorization_id: int) -> list[Review]:
    """All verdicts on a colorization, oldest first."""
    return list(session.scalars(select(Review).where(Review.colorization_id == colorization_id).order_by(Review.id)))


def accepted() -> ColumnElement[bool]:
    """The condition on `Colorization` that it counts as accepted: somebody accepts it and nobody refuses it.

    Where a person has given a verdict, those of rules no longer count.
    """
    given, other = aliased(Review), aliased(Review)
    judged = exists().where(other.colorization_id == Colorization.id, other.reviewer.not_like(f"{RULE}%")).correlate(Colorization)
    counts_here = and_(given.colorization_id == Colorization.id, or_(given.reviewer.not_like(f"{RULE}%"), ~judged))
    return and_(
        exists().where(counts_here, given.verdict == Verdict.ACCEPT).correlate(Colorization),
        ~exists().where(counts_here, given.verdict != Verdict.ACCEPT).correlate(Colorization),
    )
