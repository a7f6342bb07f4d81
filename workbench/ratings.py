"""Answers: given once, kept for good, read as results."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.enums import RatingMethod
from db.models import Assignment, Rater, Rating, RatingValue, Study, Trial
from workbench import choices, events, records, votes
from workbench.answers import TIE, is_answered, keep, read_choice
from workbench.errors import AlreadyRatedError, NotAllowedError, NotFoundError
from workbench.raters import require_rater
from workbench.trials import study_of
from workbench.votes import Imported, export_rows, import_rows

if TYPE_CHECKING:
    from workbench.analysis import Results

__all__ = ["TIE", "Choice", "Imported", "export_rows", "import_rows", "rate", "results", "revise"]

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
        raise AlreadyRatedError("You have answered this trial; answers are final.")
    dealt = session.scalar(select(Assignment).where(Assignment.trial_id == trial_id, Assignment.rater_id == rater_id))
    if dealt is None:
        raise NotAllowedError("This trial is not before you; ask for the next one.")
    answer = read_choice(study, {stimulus_id: stimulus_id for stimulus_id in dealt.shown_order}, choice)
    return keep(session, trial, rater_id, answer, seconds, shown_at or dealt.shown_at, dealt.shown_order)


def revise(session: Session, rating: Rating, choice: Choice, *, seconds: float | None = None) -> Rating:
    """Give an answer anew, where a design lets its raters go back one step; the history keeps the old one. Raises as `rate` does."""
    _, study = _trial(session, rating.trial_id)
    require_rater(session, study, rating.rater_id)
    answer = read_choice(study, {stimulus_id: stimulus_id for stimulus_id in rating.shown_order}, choice)
    before = records.snapshot(session, "rating", rating.id)
    rating.stimulus_id, rating.is_tie, rating.seconds = answer.stimulus_id, answer.is_tie, seconds
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


def results(session: Session, study_id: int, *, simulated: bool = True) -> "Results":
    """What a study's counted votes say; without `simulated` only those of people. Raises NotFoundError.

    Votes on trials with a known answer and those of excluded raters are left out.
    """
    # Here and not above: scipy.stats and choix take most of a second to load, and pages that take votes need neither.
    from workbench import analysis

    study = study_of(session, study_id)
    given = votes.counted(session, study, simulated)
    checks = votes.checks(session, study)
    if study.method is RatingMethod.CATEGORY:
        values = [_category(vote, *value) for vote in given for value in vote["values"]]
        return analysis.analyze_categories(values, checks=checks)
    analyze = {"pair": analysis.analyze_pairs, "choice": analysis.analyze_choices, "ranking": analysis.analyze_rankings}
    return analyze[study.method]([_choice(vote) for vote in given], checks=checks)


SHARED = ("seconds", "simulated", "image", "level", "instances")


def _category(vote: Mapping[str, Any], system: str, scale: str, value: int) -> choices.Category:
    facts = {name: vote[name] for name in SHARED}
    return choices.Category(vote["rater"], (vote["trial"], system), system, scale, value, **facts)


def _choice(vote: Mapping[str, Any]) -> choices.Choice:
    facts = {name: vote[name] for name in SHARED}
    ranking = tuple(system for system, _, _ in sorted(vote["values"], key=lambda value: value[2]))
    return choices.Choice(vote["rater"], vote["trial"], vote["shown"], vote["winner"], ranking=ranking, sided=vote["sided"], **facts)
