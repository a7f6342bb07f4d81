"""Whether there is work for one more rater: votes that are wanted, less those that raters under way are going to give."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, func, not_, or_, select
from sqlalchemy.orm import Session

from db.base import now
from db.enums import Outcome, TrialKind
from db.models import Invitation, Participant, Rating, RecruitmentLink, Study, Trial
from workbench.studies.counted_votes import counted_votes
from workbench.studies.design_io import rules_of


def under_way(minutes: int) -> ColumnElement[bool]:
    """Invitations of raters who have begun, have not ended, and were seen lately."""
    ended = or_(Invitation.outcome.is_not(None), Invitation.excluded_at.is_not(None), Invitation.revoked_at.is_not(None))
    return and_(~ended, not_(Invitation.is_curator), Invitation.seen_at > now() - timedelta(minutes=minutes))


def taken(session: Session, link: RecruitmentLink, minutes: int) -> int:
    """How many participants of a link have finished or are under way; who was screened out or has withdrawn gives the place back."""
    counts = or_(and_(Invitation.outcome == Outcome.COMPLETED, Invitation.excluded_at.is_(None)), under_way(minutes))
    of_link = select(func.count()).select_from(Invitation).join(Participant, Participant.invitation_id == Invitation.id)
    return session.execute(of_link.where(Participant.link_id == link.id, counts)).scalar_one()


def work_left(session: Session, study: Study, cohort: str = "", *, but_for: int | None = None) -> int:
    """Votes on regular trials that nobody has given and nobody who is under way is going to give; not less than 0.

    `cohort` counts where the design keeps cohorts apart; `but_for` is a rater whose own part is not counted as promised.
    """
    rules = rules_of(study)
    votes_needed = rules.cohorts.get(cohort, 0) if rules.cohorts else study.votes_per_trial
    in_cohort = select(Invitation.rater_id).where(Invitation.study_id == study.id, Invitation.cohort == cohort)
    regular = and_(Trial.study_id == study.id, Trial.kind == TrialKind.REGULAR, Trial.set_aside_at.is_(None))
    votes = counted_votes(study.id).where(Trial.set_aside_at.is_(None))
    promised = (
        select(Invitation.rater_id, func.count(Rating.id).filter(regular))
        .outerjoin(Rating, Rating.rater_id == Invitation.rater_id)
        .outerjoin(Trial, Trial.id == Rating.trial_id)
        .where(Invitation.study_id == study.id, under_way(rules.recruitment.minutes), Invitation.rater_id != (but_for or 0))
        .group_by(Invitation.rater_id)
    )
    if rules.cohorts:
        votes, promised = votes.where(Rating.rater_id.in_(in_cohort)), promised.where(Invitation.cohort == cohort)
    trials = session.execute(select(func.count(Trial.id)).where(regular)).scalar_one()
    votes_given = session.scalars(votes.with_only_columns(func.count(Rating.id)).group_by(Rating.trial_id))
    left = votes_needed * trials - sum(min(votes_of_trial, votes_needed) for votes_of_trial in votes_given)
    part = min(rules.trials_per_rater or trials, trials)
    return max(0, left - sum(max(0, part - answered) for _, answered in session.execute(promised)))
