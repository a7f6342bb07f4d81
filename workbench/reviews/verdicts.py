"""Verdicts on single colorizations, what counts as accepted, and the word that settles what curators disagree about.

A person's verdict outweighs those of rules. Where people disagree nothing is accepted until one of them settles it: that verdict alone
counts then.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from db.base import now
from db.enums import ReviewKind, Verdict
from db.models import Colorization, Review
from workbench.errors import ConflictError, InvalidInputError
from workbench.store import events, require, snapshots


def by_person(row: type[Review] = Review) -> ColumnElement[bool]:
    """The condition on `Review` that a person gave it."""
    return row.kind != ReviewKind.RULE


def review(
    session: Session,
    colorization_id: int,
    verdict: Verdict | str,
    *,
    reviewer: str,
    kind: ReviewKind = ReviewKind.PERSON,
    reason: str = "",
    batch_id: str | None = None,
    run_id: int | None = None,
    actor: str | None = None,
) -> Review:
    """Give a verdict; a reviewer's later verdict of the kind on the same colorization replaces the earlier, and the history keeps both.

    `actor` is who stands behind it in the history, where that is not the reviewer: the person who applied a rule.
    Raises NotFoundError, and InvalidInputError for an unknown verdict, an empty reviewer, or a refusal without a reason.
    """
    verdict = _checked(session, colorization_id, verdict, reviewer, reason)
    own = (Review.colorization_id == colorization_id, Review.kind == kind, Review.reviewer == reviewer)
    row = session.scalar(select(Review).where(*own))
    before = snapshots.snapshot(session, "review", row.id) if row else None
    if row is None:
        facts = {"verdict": verdict, "reason": reason.strip(), "batch_id": batch_id}
        row = Review(colorization_id=colorization_id, kind=kind, reviewer=reviewer, **facts)
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
        after=snapshots.snapshot(session, "review", row.id),
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
    require(session, Colorization, colorization_id)
    return verdict


def _verdict(verdict: Verdict | str) -> Verdict:
    try:
        return Verdict(verdict)
    except ValueError:
        raise InvalidInputError(f'There is no verdict "{verdict}"; there are {", ".join(Verdict)}.') from None


def of_colorization(session: Session, colorization_id: int) -> list[Review]:
    """All verdicts on a colorization, oldest first."""
    return list(session.scalars(select(Review).where(Review.colorization_id == colorization_id).order_by(Review.id)))


def settle(
    session: Session, colorization_id: int, verdict: Verdict | str, *, reviewer: str, reason: str = "", batch_id: str | None = None
) -> Review:
    """Settle what curators disagree about; a later word replaces an earlier one, whoever gave that.

    Raises ConflictError where they do not disagree, and otherwise as `review` does.
    """
    verdicts = of_colorization(session, colorization_id)
    final = [row for row in verdicts if row.kind is ReviewKind.FINAL]
    if not final and len({row.verdict for row in verdicts if row.kind is not ReviewKind.RULE}) < 2:
        raise ConflictError(f"Curators do not disagree about colorization {colorization_id}, so there is nothing to settle.")
    batch_id = batch_id or events.new_batch()
    for row in final:
        if row.reviewer != reviewer:
            _withdraw(session, row, actor=reviewer, batch_id=batch_id)
    return review(session, colorization_id, verdict, reviewer=reviewer, kind=ReviewKind.FINAL, reason=reason, batch_id=batch_id)


def _withdraw(session: Session, row: Review, *, actor: str, batch_id: str) -> None:
    before, key = snapshots.snapshot(session, "review", row.id), row.id
    session.delete(row)
    session.flush()
    events.record(session, actor=actor, action="withdraw", subject="review", subject_id=key, before=before, after=None, batch_id=batch_id)


def _weight(row: type[Review]) -> ColumnElement[int]:
    """A word that settles weighs more than people's, and these more than rules'."""
    return case((row.kind == ReviewKind.FINAL, 2), (row.kind == ReviewKind.RULE, 0), else_=1)


def counting(verdicts: Sequence[Review]) -> list[Review]:
    """Those of a colorization's verdicts that count: the word that settled it, else people's, else rules'."""
    final = [row for row in verdicts if row.kind is ReviewKind.FINAL]
    return final or [row for row in verdicts if row.kind is not ReviewKind.RULE] or list(verdicts)


def accepted() -> ColumnElement[bool]:
    """The condition on `Colorization` that it counts as accepted: of the verdicts that count, one accepts it and none refuses it."""
    verdict, other = aliased(Review), aliased(Review)
    heaviest = select(func.max(_weight(other))).where(other.colorization_id == Colorization.id).correlate(Colorization).scalar_subquery()
    counts_here = and_(verdict.colorization_id == Colorization.id, _weight(verdict) == heaviest)
    return and_(
        exists().where(counts_here, verdict.verdict == Verdict.ACCEPT).correlate(Colorization),
        ~exists().where(counts_here, verdict.verdict != Verdict.ACCEPT).correlate(Colorization),
    )


def disputed() -> ColumnElement[bool]:
    """The condition on `Colorization` that people's verdicts differ and nobody has settled it."""
    differing = select(Review.colorization_id).where(by_person()).group_by(Review.colorization_id)
    differing = differing.having(func.count(Review.verdict.distinct()) > 1)
    settled = select(Review.colorization_id).where(Review.kind == ReviewKind.FINAL)
    return and_(Colorization.id.in_(differing), Colorization.id.not_in(settled))
