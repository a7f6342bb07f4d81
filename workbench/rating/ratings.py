"""Ratings: given once, and kept for good."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.base import now
from db.models import Assignment, Rater, Rating, RatingValue, Study, Trial
from workbench.errors import AlreadyRatedError, NotAllowedError, NotFoundError
from workbench.rating.responses import Answer, is_answered, keep, read_choice
from workbench.store import events, snapshots
from workbench.studies import require_rater
from workbench.studies.rater_words import refused

Choice = int | str | Mapping[int, Any]
"""A stimulus id, `tie`, {stimulus id: rank or value}, or {stimulus id: {scale: value}} where a study has several scales."""


def rate(
    session: Session, trial_id: int, rater_id: int, choice: Choice, *, seconds: float | None = None, shown_at: datetime | None = None
) -> Rating:
    """Keep a rater's answer to a trial that was dealt to them; it is final.

    `seconds` from showing to answering; `shown_at` is the moment of dealing where it is not given.
    Raises StudyNotOpenError, AlreadyRatedError, NotAllowedError where the rater is not in the study or was not dealt the trial,
    InvalidInputError for a choice that the trial does not offer, NotFoundError for an unknown trial.
    """
    trial, study = _trial(session, trial_id)
    require_rater(session, study, rater_id)
    if is_answered(session, trial_id, rater_id):
        raise refused(AlreadyRatedError, "answered")
    assignment = session.scalar(select(Assignment).where(Assignment.trial_id == trial_id, Assignment.rater_id == rater_id))
    if assignment is None:
        raise refused(NotAllowedError, "not_before_you")
    answer = read_choice(study, {stimulus_id: stimulus_id for stimulus_id in assignment.shown_order}, choice)
    return keep(session, trial.id, rater_id, answer, seconds, shown_at or assignment.shown_at, assignment.shown_order)


def revise(
    session: Session, rating: Rating, answer: Answer, seconds: float | None, viewing: Mapping[str, Any], comment: str | None
) -> Rating:
    """Give an answer anew, where a design lets its raters go back one step; the history keeps the old one."""
    before = snapshots.snapshot(session, "rating", rating.id)
    rating.stimulus_id, rating.is_tie, rating.seconds = answer.stimulus_id, answer.is_tie, seconds
    rating.viewing, rating.comment, rating.rated_at = dict(viewing), comment, now()
    session.execute(delete(RatingValue).where(RatingValue.rating_id == rating.id))
    session.add_all(RatingValue(rating_id=rating.id, stimulus_id=one, scale=scale, value=value) for one, scale, value in answer.values)
    session.flush()
    actor = session.get_one(Rater, rating.rater_id).pseudonym
    events.record_edit(session, before, actor=actor, action="revise", subject="rating", subject_id=rating.id)
    return rating


def _trial(session: Session, trial_id: int) -> tuple[Trial, Study]:
    row = session.execute(select(Trial, Study).join(Study, Study.id == Trial.study_id).where(Trial.id == trial_id)).one_or_none()
    if row is None:
        raise NotFoundError(f"There is no trial {trial_id}.")
    return row.Trial, row.Study
