"""Which ratings count toward a study."""

from sqlalchemy import Select, select

from db.enums import TrialKind
from db.models import Invitation, Rating, Trial


def counted_votes(study_id: int) -> Select:
    """The ratings that count toward a study: of regular trials, by raters who are not excluded."""
    excluded = select(Invitation.rater_id).where(Invitation.study_id == study_id, Invitation.excluded_at.is_not(None))
    return (
        select(Rating)
        .join(Trial, Trial.id == Rating.trial_id)
        .where(Trial.study_id == study_id, Trial.kind == TrialKind.REGULAR, Rating.rater_id.not_in(excluded))
    )
