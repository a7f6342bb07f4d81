"""Every single vote as rows, the excluded and the watching trials' too, and what each column means."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TextIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import RatingMethod, TrialKind
from db.models import Caption, Image, Invitation, Rater, Rating, RatingValue, Stimulus, Study, Trial
from workbench.answers import TIE, Answer, is_right
from workbench.trials import study_of

__all__ = ["CODEBOOK", "codebook_rows", "every_vote", "write_csv"]

CODEBOOK = {
    "rater": "Pseudonym of the rater; the same in all columns and files, and not linked to a person here.",
    "cohort": "Group that the rater was invited in.",
    "simulated": "true where a program voted, not a person.",
    "counted": "true where the results hold this vote: a regular trial, a rater who is not excluded.",
    "exclusion": "Why the rater was excluded; empty where they were not.",
    "trial": "Position of the trial in the study, from 0.",
    "kind": "regular; or training, gold or trap: trials with a known answer, which are never counted.",
    "image": "First 12 digits of the SHA-256 of the image's file.",
    "level": "Level of the caption: complete, partial or scarce; empty where none was fixed.",
    "caption": "Description as shown; empty where none was.",
    "shown": "Systems as shown, from left to right (or first to last), separated by |; empty where the order is unknown.",
    "choice": "System chosen, or tie; of category ratings and rankings empty (see system, scale and value).",
    "system": "Category ratings and rankings: the system that the value is about; these have a row for each value.",
    "scale": "Scale of the value; rank in rankings.",
    "value": "Value on the scale, from 1; in rankings the rank, 1 is best.",
    "right": "Trials with a known answer: true where the answer was right.",
    "seconds": "From showing to answering.",
    "shown_at": "When the trial was shown, ISO 8601, UTC.",
    "rated_at": "When the answer was stored, ISO 8601, UTC.",
}


def codebook_rows() -> list[dict[str, str]]:
    """The columns of the votes with their meaning."""
    return [{"column": column, "meaning": meaning} for column, meaning in CODEBOOK.items()]


def every_vote(session: Session, study_id: int) -> Iterator[dict[str, str]]:
    """Every answer of a study in the columns of CODEBOOK, in the order of answering; raises NotFoundError."""
    study = study_of(session, study_id)
    systems, answers = _stimuli(session, study)
    values: dict[int, list[RatingValue]] = {}
    of_study = select(RatingValue).join(Rating, Rating.id == RatingValue.rating_id).join(Trial, Trial.id == Rating.trial_id)
    for value in session.scalars(of_study.where(Trial.study_id == study.id).order_by(RatingValue.stimulus_id, RatingValue.scale)):
        values.setdefault(value.rating_id, []).append(value)
    wanted = (
        select(Rating, Trial, Rater, Invitation, Image.sha256, Caption.level)
        .join(Trial, Trial.id == Rating.trial_id)
        .join(Rater, Rater.id == Rating.rater_id)
        .outerjoin(Invitation, (Invitation.rater_id == Rater.id) & (Invitation.study_id == study.id))
        .outerjoin(Image, Image.id == Trial.image_id)
        .outerjoin(Caption, Caption.id == Trial.caption_id)
        .where(Trial.study_id == study.id)
        .order_by(Rating.id)
    )
    for rating, trial, rater, invitation, sha256, level in session.execute(wanted):
        row = _facts(rating, trial, rater, invitation) | {
            "image": (sha256 or "")[:12],
            "level": "" if level is None else level.value,
            "shown": "|".join(systems[stimulus_id] for stimulus_id in rating.shown_order),
            "right": _right(study, trial, answers.get(trial.id, {}), rating, values.get(rating.id, [])),
        }
        if study.method in (RatingMethod.PAIR, RatingMethod.CHOICE):
            choice = TIE if rating.is_tie else systems[rating.stimulus_id]
            yield _ordered(row | {"choice": choice})
        for value in values.get(rating.id, ()):
            yield _ordered(row | {"system": systems[value.stimulus_id], "scale": value.scale, "value": str(value.value)})


def _stimuli(session: Session, study: Study) -> tuple[dict[int, str], dict[int, dict[int, bool]]]:
    """The system of each stimulus; by trial, of the stimuli of which that is known, whether they are answers."""
    shown = list(session.scalars(select(Stimulus).join(Trial, Trial.id == Stimulus.trial_id).where(Trial.study_id == study.id)))
    answers: dict[int, dict[int, bool]] = {}
    for stimulus in shown:
        if stimulus.is_answer is not None:
            answers.setdefault(stimulus.trial_id, {})[stimulus.id] = stimulus.is_answer
    return {stimulus.id: stimulus.system for stimulus in shown}, answers


def _right(study: Study, trial: Trial, answers: Mapping[int, bool], rating: Rating, values: list[RatingValue]) -> str:
    if trial.kind is TrialKind.REGULAR or not answers:
        return ""
    given = Answer(rating.stimulus_id, rating.is_tie, tuple((value.stimulus_id, value.scale, value.value) for value in values))
    return _true(is_right(study, trial.kind, answers, given))


def _facts(rating: Rating, trial: Trial, rater: Rater, invitation: Invitation | None) -> dict[str, str]:
    excluded = invitation is not None and invitation.excluded_at is not None
    return {
        "rater": rater.pseudonym,
        "cohort": invitation.cohort if invitation else "",
        "simulated": _true(rater.simulated),
        "counted": _true(trial.kind is TrialKind.REGULAR and not excluded),
        "exclusion": invitation.exclusion_reason or "" if excluded else "",
        "trial": str(trial.position),
        "kind": trial.kind.value,
        "caption": trial.caption_text or "",
        "seconds": "" if rating.seconds is None else f"{rating.seconds:.3f}",
        "shown_at": rating.shown_at.isoformat() if rating.shown_at else "",
        "rated_at": rating.rated_at.isoformat(),
    }


def _ordered(row: Mapping[str, str]) -> dict[str, str]:
    return {column: row.get(column, "") for column in CODEBOOK}


def _true(value: bool) -> str:
    return json.dumps(bool(value))


def write_csv(sink: TextIO, rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> None:
    """Rows as CSV with a header."""
    writer = csv.DictWriter(sink, list(columns))
    writer.writeheader()
    writer.writerows(rows)
