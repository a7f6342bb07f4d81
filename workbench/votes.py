"""Votes in the words of a report: read for the analysis, written to rows, taken over from elsewhere."""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, Text, cast, exists, func, not_, select
from sqlalchemy.orm import Session

from db.enums import StudyStatus, TrialKind
from db.models import Caption, Grounding, Invitation, Mention, Rater, Rating, RatingValue, Stimulus, Study, Trial
from workbench import events
from workbench.answers import RANK, TIE, Answer, is_right, keep, read_choice
from workbench.errors import InvalidInputError, StudyNotOpenError, WorkbenchError
from workbench.raters import token_hash
from workbench.standing import counted_votes
from workbench.trials import study_of

__all__ = ["Imported", "checks", "counted", "export_rows", "import_rows"]


@dataclass
class Imported:
    """What became of imported rows: new votes, votes that were there, and rows that were refused, by number from 1, with the reason."""

    added: int = 0
    present: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def counted(session: Session, study: Study, simulated: bool = True) -> Iterator[dict[str, Any]]:
    """The counted votes in the words of a report: pseudonyms, positions of trials, systems in the order shown."""
    wanted = counted_votes(study.id)
    if not simulated:
        wanted = wanted.join(Rater, Rater.id == Rating.rater_id).where(not_(Rater.simulated))
    # A study may have a hundred thousand votes: columns and no objects, orders as text, and what is a trial's or a rater's read once.
    answer = (Rating.id, Rating.trial_id, Rating.rater_id, Rating.stimulus_id, Rating.seconds, Rating.shown_at)
    wanted = wanted.with_only_columns(*answer, cast(Rating.shown_order, Text)).order_by(Rating.id)
    systems, trials = _trials(session, study)
    raters = {row.id: (row.pseudonym, row.simulated) for row in session.execute(_raters(study))}
    values = _values(session, study, systems)
    orders: dict[str, tuple[str, ...]] = {}
    for key, trial_id, rater_id, chosen, seconds, shown_at, order in session.execute(wanted):
        if order not in orders:
            orders[order] = tuple(systems[stimulus_id] for stimulus_id in json.loads(order))
        trial, (pseudonym, is_simulated) = trials[trial_id], raters[rater_id]
        yield {
            "rater": pseudonym,
            "trial": trial.position,
            "shown": orders[order] or trial.systems,
            "sided": bool(orders[order]),
            "winner": systems[chosen] if chosen is not None else None,
            "values": values.get(key, []),
            "seconds": seconds,
            "shown_at": shown_at,
            "simulated": is_simulated,
            "image": trial.image,
            "level": trial.level,
            "instances": trial.instances,
        }


@dataclass(frozen=True)
class _Trial:
    """What the votes on a trial share."""

    position: int
    systems: tuple[str, ...]
    image: int | None
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
    instances = _instances(session, study)
    facts = select(Trial.id, Trial.position, Trial.image_id, Trial.caption_id, Caption.level).outerjoin(Caption)
    return systems, {
        row.id: _Trial(row.position, tuple(of_trial.get(row.id, ())), row.image_id, None, None)
        if row.level is None
        else _Trial(row.position, tuple(of_trial.get(row.id, ())), row.image_id, row.level.value, instances.get(row.caption_id, 0))
        for row in session.execute(facts.where(Trial.study_id == study.id))
    }


def _raters(study: Study) -> Select:
    voted = select(Rating.rater_id).join(Trial, Trial.id == Rating.trial_id).where(Trial.study_id == study.id)
    return select(Rater.id, Rater.pseudonym, Rater.simulated).where(Rater.id.in_(voted))


def _values(session: Session, study: Study, systems: Mapping[int, str]) -> dict[int, list[tuple[str, str, int]]]:
    """By rating: (system, scale, value) of each of its values."""
    wanted = select(RatingValue.rating_id, RatingValue.stimulus_id, RatingValue.scale, RatingValue.value)
    wanted = wanted.join(Stimulus, Stimulus.id == RatingValue.stimulus_id).join(Trial, Trial.id == Stimulus.trial_id)
    values: dict[int, list[tuple[str, str, int]]] = {}
    for rating_id, stimulus_id, scale, value in session.execute(wanted.where(Trial.study_id == study.id).order_by(RatingValue.stimulus_id)):
        values.setdefault(rating_id, []).append((systems[stimulus_id], scale, value))
    return values


def _instances(session: Session, study: Study) -> dict[int, int]:
    """By caption that the study shows: how many regions its mentions have; captions without any are left out."""
    shown = select(Trial.caption_id).where(Trial.study_id == study.id)
    wanted = select(Mention.caption_id, func.count(Grounding.region_id.distinct())).join(Grounding, Grounding.mention_id == Mention.id)
    return dict(session.execute(wanted.where(Mention.caption_id.in_(shown)).group_by(Mention.caption_id)).all())


def checks(session: Session, study: Study) -> dict[str, tuple[int, int]]:
    """By pseudonym: right answers on gold and trap trials (`answers.is_right`), and how many were answered; not of excluded raters."""
    watching = Trial.kind.in_((TrialKind.GOLD, TrialKind.TRAP))
    excluded = exists().where(Invitation.study_id == study.id, Invitation.rater_id == Rater.id, Invitation.excluded_at.is_not(None))
    known: dict[int, dict[int, bool | None]] = {}
    shown = select(Stimulus.trial_id, Stimulus.id, Stimulus.is_answer).join(Trial, Trial.id == Stimulus.trial_id)
    for trial_id, stimulus_id, is_answer in session.execute(shown.where(Trial.study_id == study.id, watching)):
        known.setdefault(trial_id, {})[stimulus_id] = is_answer
    values: dict[int, list[tuple[int, str, int]]] = {}
    of_study = select(RatingValue).join(Rating, Rating.id == RatingValue.rating_id).join(Trial, Trial.id == Rating.trial_id)
    for value in session.scalars(of_study.where(Trial.study_id == study.id, watching)):
        values.setdefault(value.rating_id, []).append((value.stimulus_id, value.scale, value.value))
    given = select(Rater.pseudonym, Rating, Trial.kind).join(Rating, Rating.rater_id == Rater.id).join(Trial, Trial.id == Rating.trial_id)
    counts: dict[str, list[int]] = {}
    for pseudonym, rating, kind in session.execute(given.where(Trial.study_id == study.id, watching, ~excluded)):
        answer = Answer(rating.stimulus_id, rating.is_tie, tuple(values.get(rating.id, ())))
        count = counts.setdefault(pseudonym, [0, 0])
        count[0] += is_right(study, kind, known[rating.trial_id], answer)
        count[1] += 1
    return {pseudonym: (right, asked) for pseudonym, (right, asked) in counts.items()}


def export_rows(session: Session, study_id: int) -> Iterator[dict[str, Any]]:
    """Every counted vote as a row of text: rater, trial (its position), choice, seconds, shown_at, simulated.

    A choice is the system's name, `tie`, or JSON: {system: rank} or {system: {scale: value}}.
    """
    for vote in counted(session, study_of(session, study_id)):
        yield {
            "rater": vote["rater"],
            "trial": str(vote["trial"]),
            "choice": _choice_text(vote),
            "seconds": "" if vote["seconds"] is None else str(vote["seconds"]),
            "shown_at": vote["shown_at"].isoformat() if vote["shown_at"] else "",
            "simulated": str(vote["simulated"]).lower(),
        }


def _choice_text(vote: Mapping[str, Any]) -> str:
    if not vote["values"]:
        return vote["winner"] or TIE
    choice: dict[str, Any] = {}
    for system, scale, value in vote["values"]:
        if scale == RANK:
            choice[system] = value
        else:
            choice.setdefault(system, {})[scale] = value
    return json.dumps(choice, sort_keys=True, ensure_ascii=False)


def import_rows(session: Session, study_id: int, rows: Iterable[Mapping[str, Any]], *, actor: str, simulated: bool = False) -> Imported:
    """Take over votes that were given elsewhere, in the columns of `export_rows`; the same rows again add nothing.

    Raters are known by their pseudonym and entered where they are new; with `simulated` those are marked so, and a row's own
    column `simulated` marks them too. A row that cannot be used is refused with its reason, the others are taken.
    Raises NotFoundError for an unknown study and StudyNotOpenError unless it is open.
    """
    study = study_of(session, study_id)
    if study.status is not StudyStatus.OPEN:
        raise StudyNotOpenError("This study takes no ratings now; open it to import votes.")
    done = Imported()
    for number, row in enumerate(rows, 1):
        try:
            with session.begin_nested():
                added = _import_row(session, study, row, actor, simulated)
            done.added += added
            done.present += not added
        except WorkbenchError as error:
            done.refused.append((number, str(error)))
    return done


def _import_row(session: Session, study: Study, row: Mapping[str, Any], actor: str, simulated: bool) -> bool:
    """Take over one row; whether it was new."""
    trial, stimuli = _trial_at(session, study, _text(row, "trial"))
    choice = _choice(_text(row, "choice"))
    named = {stimulus.system: stimulus.id for stimulus in stimuli}
    answer = read_choice(study, named, choice)
    rater = _rater(session, study, _text(row, "rater"), simulated or _text(row, "simulated") == "true", actor)
    there = session.scalar(select(Rating).where(Rating.trial_id == trial.id, Rating.rater_id == rater.id))
    if there is None:
        # The order in which the pictures were shown elsewhere is not known here, and none is made up.
        keep(session, trial, rater.id, answer, _seconds(_text(row, "seconds")), _moment(_text(row, "shown_at")), [])
        return True
    values = select(RatingValue.stimulus_id, RatingValue.scale, RatingValue.value).where(RatingValue.rating_id == there.id)
    same = {tuple(value) for value in session.execute(values)} == set(answer.values)
    if (there.stimulus_id, there.is_tie) != (answer.stimulus_id, answer.is_tie) or not same:
        raise InvalidInputError(f"Rater {rater.pseudonym} has answered trial {trial.position} otherwise; answers are final.")
    return False


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value).strip()


def _trial_at(session: Session, study: Study, position: str) -> tuple[Trial, list[Stimulus]]:
    trial = None
    if position.isdecimal():
        trial = session.scalar(select(Trial).where(Trial.study_id == study.id, Trial.position == int(position)))
    if trial is None:
        raise InvalidInputError(f'There is no trial "{position}" in the study "{study.name}"; trials count from 0.')
    return trial, list(session.scalars(select(Stimulus).where(Stimulus.trial_id == trial.id).order_by(Stimulus.position)))


def _choice(text: str) -> Any:
    if not text.startswith("{"):
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInputError(f"The choice {text!r} is no JSON: {error}.") from None


def _rater(session: Session, study: Study, pseudonym: str, simulated: bool, actor: str) -> Rater:
    """The rater of a pseudonym in this study, entered where they are new."""
    if not pseudonym:
        raise InvalidInputError("The column rater is empty.")
    rater = session.scalar(select(Rater).where(Rater.pseudonym == pseudonym))
    if rater is None:
        rater = Rater(pseudonym=pseudonym, simulated=simulated)
        session.add(rater)
        session.flush()
    elif simulated and not rater.simulated:
        raise InvalidInputError(f"Rater {pseudonym} is a person here, but simulated in the file; give simulated raters names of their own.")
    invited = select(Invitation.id).where(Invitation.study_id == study.id, Invitation.rater_id == rater.id)
    if session.scalar(invited) is None:
        # Nobody gets this token: the rater has voted elsewhere and has no way in here.
        row = Invitation(study_id=study.id, rater_id=rater.id, token_hash=token_hash(secrets.token_urlsafe(32)), cohort="imported")
        session.add(row)
        session.flush()
        after = {"study_id": study.id, "rater_id": rater.id, "cohort": row.cohort}
        events.record(session, actor=actor, action="import", subject="invitation", subject_id=row.id, before=None, after=after)
    return rater


def _seconds(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        raise InvalidInputError(f'"{text}" is no number of seconds.') from None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInputError(f'"{text}" is no moment; write it as 2026-01-31T12:00:00+00:00.') from None
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
