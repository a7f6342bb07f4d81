"""Votes in the words of a report: read for the analysis, by themselves and with what is known of their trials."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, cast, exists, func, not_, select
from sqlalchemy.orm import Session

from db.enums import RatingMethod, TrialKind
from db.models import Caption, Grounding, Image, Invitation, Mention, Rater, Rating, RatingValue, Stimulus, Study, Trial
from workbench.rating.responses import RANK, Answer, is_right
from workbench.studies.counted_votes import counted_votes, left_out


def counted(session: Session, study: Study, simulated: bool = True, question: str = "") -> Iterator[dict[str, Any]]:
    """The counted votes in the words of a report: pseudonyms, positions of trials, systems in the order shown.

    `question` names one of the study's further questions, whose answers stand in place of those to its own.
    """
    statement = counted_votes(study.id)
    if not simulated:
        statement = statement.join(Rater, Rater.id == Rating.rater_id).where(not_(Rater.simulated))
    # A study may have a hundred thousand votes: columns and no objects, orders as text, and what is a trial's or a rater's read once.
    answer = (Rating.id, Rating.trial_id, Rating.rater_id, Rating.stimulus_id, Rating.seconds, Rating.shown_at, Rating.rated_at)
    statement = statement.with_only_columns(*answer, cast(Rating.shown_order, Text)).order_by(Rating.id)
    systems, trials = _trials(session, study)
    raters = {row.id: (row.pseudonym, row.simulated) for row in session.execute(_raters(study))}
    values = _values(session, study, systems, question)
    chooses = study.method in (RatingMethod.PAIR, RatingMethod.CHOICE)
    orders: dict[str, tuple[str, ...]] = {}
    rows: Any = session.execute(statement)
    for key, trial_id, rater_id, chosen, seconds, shown_at, rated_at, order in rows:
        if order not in orders:
            orders[order] = tuple(systems[stimulus_id] for stimulus_id in json.loads(order))
        trial, (pseudonym, is_simulated) = trials[trial_id], raters[rater_id]
        own_values = values.get(key, [])
        if question and not own_values:
            continue  # a vote that was imported answers the study's own question only
        yield {
            "rater": pseudonym,
            "trial": trial.position,
            "shown": orders[order] or trial.systems,
            "sided": bool(orders[order]),
            "winner": _first(own_values) if question and chooses else systems[chosen] if chosen is not None else None,
            "values": [] if chooses else own_values,
            "seconds": seconds,
            "server_seconds": server_seconds(shown_at, rated_at) if orders[order] else None,
            "shown_at": shown_at,
            "simulated": is_simulated,
            "image": trial.image,
            "level": trial.level,
            "instances": trial.instances,
        }


def server_seconds(shown_at: datetime | None, rated_at: datetime) -> float | None:
    """Seconds between the server's telling a trial to a rater and its keeping the answer; None where the first is not on record."""
    return None if shown_at is None else (rated_at - shown_at).total_seconds()


@dataclass(frozen=True)
class _Trial:
    """What the votes on a trial share."""

    position: int
    systems: tuple[str, ...]
    image: str | None
    """The first 12 digits of its file's SHA-256, as exports have it."""
    level: str | None
    instances: int | None


def _trials(session: Session, study: Study) -> tuple[dict[int, str], dict[int, _Trial]]:
    """The system of each stimulus, and the study's trials, by id."""
    shown = select(Stimulus.id, Stimulus.trial_id, Stimulus.system).join(Trial, Trial.id == Stimulus.trial_id)
    systems: dict[int, str] = {}
    of_trial: dict[int, list[str]] = {}
    for key, trial_id, system in session.execute(shown.where(Trial.study_id == study.id).order_by(Stimulus.trial_id, Stimulus.position)):
        systems[key] = system
        of_trial.setdefault(trial_id, []).append(system)
    instances = instances_of(session, study)
    facts = select(Trial.id, Trial.position, Image.sha256, Trial.caption_id, Caption.level).select_from(Trial)
    facts = facts.outerjoin(Image, Image.id == Trial.image_id).outerjoin(Caption, Caption.id == Trial.caption_id)
    return systems, {
        row.id: _Trial(
            row.position,
            tuple(of_trial.get(row.id, ())),
            row.sha256[:12] if row.sha256 else None,
            None if row.level is None else row.level.value,
            None if row.level is None else instances.get(row.caption_id, 0),
        )
        for row in session.execute(facts.where(Trial.study_id == study.id))
    }


def _raters(study: Study) -> Select:
    voted = select(Rating.rater_id).join(Trial, Trial.id == Rating.trial_id).where(Trial.study_id == study.id)
    return select(Rater.id, Rater.pseudonym, Rater.simulated).where(Rater.id.in_(voted))


def _first(values: Sequence[tuple[str, str, int]]) -> str | None:
    """The system that an answer to a further question chose; None for a tie."""
    chosen = [system for system, _, value in values if value == 1]
    return chosen[0] if len(chosen) == 1 else None


def _values(session: Session, study: Study, systems: Mapping[int, str], question: str) -> dict[int, list[tuple[str, str, int]]]:
    """By rating: (system, scale, value) of each of its values that a question asked for."""
    statement = select(RatingValue.rating_id, RatingValue.stimulus_id, RatingValue.scale, RatingValue.value)
    statement = statement.join(Stimulus, Stimulus.id == RatingValue.stimulus_id).join(Trial, Trial.id == Stimulus.trial_id)
    if study.method is not RatingMethod.CATEGORY:
        statement = statement.where(RatingValue.scale == (question or RANK))
    values: dict[int, list[tuple[str, str, int]]] = {}
    for rating_id, stimulus_id, scale, value in session.execute(
        statement.where(Trial.study_id == study.id).order_by(RatingValue.stimulus_id)
    ):
        values.setdefault(rating_id, []).append((systems[stimulus_id], scale, value))
    return values


def instances_of(session: Session, study: Study) -> dict[int, int]:
    """By caption that the study shows: how many regions its mentions have; captions without any are left out."""
    shown = select(Trial.caption_id).where(Trial.study_id == study.id)
    statement = select(Mention.caption_id, func.count(Grounding.region_id.distinct())).join(Grounding, Grounding.mention_id == Mention.id)
    return dict(session.execute(statement.where(Mention.caption_id.in_(shown)).group_by(Mention.caption_id)).all())


def checks(session: Session, study: Study) -> dict[str, tuple[int, int]]:
    """By pseudonym: right answers on gold and trap trials (`answers.is_right`), and how many were answered; not of excluded raters."""
    watching = Trial.kind.in_((TrialKind.GOLD, TrialKind.TRAP))
    excluded = exists().where(Invitation.study_id == study.id, Invitation.rater_id == Rater.id, left_out())
    known: dict[int, dict[int, bool | None]] = {}
    shown = select(Stimulus.trial_id, Stimulus.id, Stimulus.is_answer).join(Trial, Trial.id == Stimulus.trial_id)
    for trial_id, stimulus_id, is_answer in session.execute(shown.where(Trial.study_id == study.id, watching)):
        known.setdefault(trial_id, {})[stimulus_id] = is_answer
    values: dict[int, list[tuple[int, str, int]]] = {}
    of_study = select(RatingValue).join(Rating, Rating.id == RatingValue.rating_id).join(Trial, Trial.id == Rating.trial_id)
    for value in session.scalars(of_study.where(Trial.study_id == study.id, watching)):
        values.setdefault(value.rating_id, []).append((value.stimulus_id, value.scale, value.value))
    statement = (
        select(Rater.pseudonym, Rating, Trial.kind).join(Rating, Rating.rater_id == Rater.id).join(Trial, Trial.id == Rating.trial_id)
    )
    counts: dict[str, list[int]] = {}
    for pseudonym, rating, kind in session.execute(statement.where(Trial.study_id == study.id, watching, ~excluded)):
        answer = Answer(rating.stimulus_id, rating.is_tie, tuple(values.get(rating.id, ())))
        count = counts.setdefault(pseudonym, [0, 0])
        count[0] += is_right(study, kind, known[rating.trial_id], answer)
        count[1] += 1
    return {pseudonym: (right, checked) for pseudonym, (right, checked) in counts.items()}
