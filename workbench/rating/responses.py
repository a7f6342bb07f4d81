"""What an answer may say, and its one place in the store."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.base import now
from db.enums import RatingMethod, TrialKind
from db.models import Rating, RatingValue, Study
from workbench.errors import AlreadyRatedError, InvalidInputError
from workbench.studies import rules_of, scales_of, takes_ties
from workbench.studies.rater_words import refused

TIE = "tie"
RANK = "rank"
"""The scale under which a ranking keeps its ranks."""


@dataclass(frozen=True)
class Answer:
    """A choice as the store keeps it."""

    stimulus_id: int | None = None
    is_tie: bool = False
    values: tuple[tuple[int, str, int], ...] = ()
    """(stimulus id, scale, value)."""


def is_answered(session: Session, trial_id: int, rater_id: int) -> bool:
    """Whether the rater has answered the trial."""
    return bool(session.scalar(select(exists().where(Rating.trial_id == trial_id, Rating.rater_id == rater_id))))


def keep(
    session: Session,
    trial_id: int,
    rater_id: int,
    answer: Answer,
    seconds: float | None,
    shown_at: datetime | None,
    shown_order: list[int],
    *,
    viewing: Mapping[str, Any] | None = None,
    comment: str | None = None,
) -> Rating:
    """Store an answer for good; raises AlreadyRatedError where there is one, InvalidInputError for impossible seconds."""
    if seconds is not None and not 0 <= seconds < float("inf"):
        raise InvalidInputError(f"The seconds of an answer count from 0; got {seconds}.")
    rating = Rating(
        trial_id=trial_id,
        rater_id=rater_id,
        stimulus_id=answer.stimulus_id,
        is_tie=answer.is_tie,
        seconds=seconds,
        shown_at=shown_at,
        rated_at=now(),
        shown_order=shown_order,
        viewing=dict(viewing or {}),
        comment=comment,
    )
    try:
        with session.begin_nested():
            session.add(rating)
    except IntegrityError:
        # Two requests of one rater at once: the constraint lets one of them through.
        if is_answered(session, trial_id, rater_id):
            raise refused(AlreadyRatedError, "answered") from None
        raise
    session.add_all(
        RatingValue(rating_id=rating.id, stimulus_id=stimulus_id, scale=scale, value=value) for stimulus_id, scale, value in answer.values
    )
    session.flush()
    return rating


def read_choice(study: Study, offered: Mapping[Any, int], choice: Any) -> Answer:
    """What a choice says; `offered` gives the stimulus id of each name that a choice may use.

    Raises InvalidInputError for what the study's method or design does not take; it repeats no name, since the ids of stimuli are
    nothing that a rater may learn.
    """
    if study.method in (RatingMethod.PAIR, RatingMethod.CHOICE):
        if choice == TIE and TIE not in offered:
            if not takes_ties(study):
                raise InvalidInputError("This study takes no ties; choose one.")
            return Answer(is_tie=True)
        if isinstance(choice, bool) or not isinstance(choice, Hashable) or choice not in offered:
            raise InvalidInputError("The choice is none of the pictures of this trial.")
        return Answer(stimulus_id=offered[choice])
    if not isinstance(choice, Mapping) or set(choice) != set(offered):
        raise InvalidInputError("Give a value for each picture of the trial, and for no other.")
    if study.method is RatingMethod.RANKING:
        if sorted(choice.values(), key=str) != sorted(range(1, len(offered) + 1), key=str):
            raise InvalidInputError(f"A ranking uses each rank from 1 to {len(offered)} once.")
        return Answer(values=tuple((offered[name], RANK, rank) for name, rank in choice.items()))
    return Answer(values=tuple((offered[name], *value) for name, part in choice.items() for value in _scaled(study, part)))


def read_further(study: Study, offered: Mapping[Any, int], choices: Any) -> tuple[tuple[int, str, int], ...]:
    """The values that answers to a study's further questions are kept as; `choices` by name, each as `read_choice` takes it.

    The picture chosen has 1 and the others 2, all have 1 in a tie, and a ranking's have their ranks. Raises InvalidInputError.
    """
    names = [further.name for further in rules_of(study).further]
    if not names and not choices:
        return ()
    if not isinstance(choices, Mapping) or set(choices) != set(names):
        raise InvalidInputError(f"Answer each question about the pictures: {', '.join(names) or 'there is only one'}.")
    values: list[tuple[int, str, int]] = []
    for name, choice in choices.items():
        answer = read_choice(study, offered, choice)
        chosen = {one: 1 if answer.is_tie or one == answer.stimulus_id else 2 for one in offered.values()}
        ranks = {one: rank for one, _, rank in answer.values} or chosen
        values += [(one, name, rank) for one, rank in ranks.items()]
    return tuple(values)


def _scaled(study: Study, answer: Any) -> list[tuple[str, int]]:
    scales = scales_of(study)
    by_scale = answer if isinstance(answer, Mapping) else {scales[0].name: answer} if len(scales) == 1 else None
    if by_scale is None or set(by_scale) != {scale.name for scale in scales}:
        raise InvalidInputError(f"Give a value on each scale: {', '.join(scale.name for scale in scales)}.")
    for scale in scales:
        value = by_scale[scale.name]
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= scale.points:
            raise InvalidInputError(f"The scale {scale.name} has whole numbers from 1 to {scale.points}; got {value!r}.")
    return [(scale.name, by_scale[scale.name]) for scale in scales]


def is_right(study: Study, kind: TrialKind, answers: Mapping[int, bool | None], rated: Answer) -> bool:
    """Whether an answer to a trial with a known one is right; `answers` holds what each of its stimuli is (`Stimulus.is_answer`).

    Choosing: an answer is chosen, a tie where there is none. Ranking: every answer stands before every stimulus that is none.
    Category: an answer is marked above the middle of the scale, any other below; a gold trial is judged by the first scale, since
    only that is known to follow, a trap, which asks for certain marks, by all.
    """
    right = {stimulus_id for stimulus_id, answer in answers.items() if answer}
    wrong = {stimulus_id for stimulus_id, answer in answers.items() if answer is False}
    if study.method in (RatingMethod.PAIR, RatingMethod.CHOICE):
        return not right if rated.is_tie else rated.stimulus_id in right
    if study.method is RatingMethod.RANKING:
        ranks = {stimulus_id: rank for stimulus_id, scale, rank in rated.values if scale == RANK}
        return max(map(ranks.__getitem__, right), default=0) < min(map(ranks.__getitem__, wrong), default=len(ranks) + 1)
    scales = scales_of(study) if kind is TrialKind.TRAP else scales_of(study)[:1]
    middle = {scale.name: (scale.points + 1) / 2 for scale in scales}
    judged = [(stimulus_id, value - middle[scale]) for stimulus_id, scale, value in rated.values if scale in middle]
    return all(above > 0 for one, above in judged if one in right) and all(above < 0 for one, above in judged if one in wrong)
