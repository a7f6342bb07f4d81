"""Which trials are still open for a rater, and how much of them is taken."""

from typing import NamedTuple

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from db.base import now
from db.enums import TrialKind
from db.models import Assignment, Invitation, Rating, Study, Trial
from workbench.studies.counted_votes import counted_votes, left_out


class OpenTrial(NamedTuple):
    """A trial that a rater has not answered; made by the thousand at each vote."""

    id: int
    image_id: int | None
    kind: TrialKind
    taken: int
    """Votes, and trials that lie before other raters."""
    firm: int
    """The same without those that others have not looked at yet."""


def open_trials(session: Session, study: Study, rater_id: int, cohort: str | None = None) -> list[OpenTrial]:
    """All trials that a rater has not answered, with what is taken of them: by all raters, or by those of one cohort."""
    in_cohort = select(Invitation.rater_id).where(Invitation.study_id == study.id, Invitation.cohort == cohort)
    uncounted = select(Invitation.rater_id).where(Invitation.study_id == study.id, left_out())
    votes = counted_votes(study.id).with_only_columns(Rating.trial_id, func.count(Rating.id).label("votes")).group_by(Rating.trial_id)
    leases = (
        select(
            Assignment.trial_id,
            func.count(Assignment.id).label("leases"),
            func.sum(case((Assignment.shown_at.is_not(None), 1), else_=0)).label("shown"),
        )
        .join(Trial, Trial.id == Assignment.trial_id)
        .outerjoin(Rating, and_(Rating.trial_id == Assignment.trial_id, Rating.rater_id == Assignment.rater_id))
        .where(Trial.study_id == study.id, Assignment.rater_id != rater_id, Assignment.leased_until > now(), Rating.id.is_(None))
        .where(Assignment.rater_id.not_in(uncounted))
        .group_by(Assignment.trial_id)
    )
    if cohort is not None:
        votes, leases = votes.where(Rating.rater_id.in_(in_cohort)), leases.where(Assignment.rater_id.in_(in_cohort))
    votes, leases = votes.subquery(), leases.subquery()
    mine = select(Rating.trial_id).where(Rating.rater_id == rater_id)
    voted, held, shown = (func.coalesce(column, 0) for column in (votes.c.votes, leases.c.leases, leases.c.shown))
    statement = (
        select(Trial.id, Trial.image_id, Trial.kind, voted + held, voted + shown)
        .outerjoin(votes, votes.c.trial_id == Trial.id)
        .outerjoin(leases, leases.c.trial_id == Trial.id)
        .where(Trial.study_id == study.id, Trial.id.not_in(mine), Trial.set_aside_at.is_(None))
    )
    return [OpenTrial(*row) for row in session.execute(statement)]
