"""Whether a study's results may have changed since they were computed."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Caption, Grounding, Invitation, Mention, Rating, Stimulus, Trial

__all__ = ["state_of"]


def state_of(session: Session, study_id: int) -> tuple[Any, ...]:
    """A value that differs wherever a study's results might: votes given or deleted, raters excluded, trials, levels, instances.

    Cheap beside the results: counts and newest moments, no vote is read.
    """
    trials = select(func.count(Trial.id)).where(Trial.study_id == study_id)
    stimuli = select(func.count(Stimulus.id)).join(Trial, Trial.id == Stimulus.trial_id).where(Trial.study_id == study_id)
    statement = select(func.count(Rating.id), func.max(Rating.id), func.max(Rating.rated_at)).join(Trial, Trial.id == Rating.trial_id)
    excluded = select(func.count(Invitation.id), func.sum(Invitation.rater_id), func.max(Invitation.excluded_at))
    shown = select(Trial.caption_id).where(Trial.study_id == study_id)
    leveled = select(func.max(Caption.updated_at)).where(Caption.id.in_(shown))
    grounded = select(func.count(), func.sum(Grounding.region_id)).join(Mention, Mention.id == Grounding.mention_id)
    parts = (
        trials,
        stimuli,
        statement.where(Trial.study_id == study_id),
        excluded.where(Invitation.study_id == study_id, Invitation.excluded_at.is_not(None)),
        leveled,
        grounded.where(Mention.caption_id.in_(shown)),
    )
    return tuple(value for part in parts for value in session.execute(part).one())
