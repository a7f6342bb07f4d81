"""Which ratings count toward a study."""

from sqlalchemy import ColumnElement, Select, not_, or_, select

from db.enums import TrialKind
from db.models import Invitation, Rating, Trial


def left_out() -> ColumnElement[bool]:
    """Invitations whose raters' ratings are not in the results: of excluded raters, and of curators where the design says so."""
    return or_(Invitation.excluded_at.is_not(None), not_(Invitation.is_counted))


def counted_votes(study_id: int) -> Select:
    """The ratings that count toward a study: of regular trials, by raters who are not left out."""
    excluded = select(Invitation.rater_id).where(Invitation.study_id == study_id, left_out())
    return (
        select(Rating)
        .join(Trial, Trial.id == Rating.trial_id)
        .where(Trial.study_id == study_id, Trial.kind == TrialKind.REGULAR, Rating.rater_id.not_in(excluded))
    )
