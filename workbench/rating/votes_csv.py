"""Votes as rows of a table: written for other programs, and taken over from crowd platforms."""

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import StudyStatus
from db.models import Invitation, Rater, Rating, RatingValue, Stimulus, Study, Trial
from workbench.errors import InvalidInputError, StudyNotOpenError, WorkbenchError
from workbench.rating.responses import RANK, TIE, keep, read_choice
from workbench.rating.votes import counted
from workbench.store import Opening, batches, events
from workbench.studies import rules_of, study_of, token_hash

PART = 50
"""Votes that one transaction takes over."""
LONGEST_POSITION = 12
"""Digits of a trial's position."""


@dataclass
class Imported:
    """What became of imported rows: new votes, votes that were there, and rows that were refused, by number from 1, with the reason."""

    added: int = 0
    present: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def export_rows(session: Session, study_id: int) -> Iterator[dict[str, Any]]:
    """Every counted vote as a row of text: rater, trial (its position), choice, seconds, shown_at, simulated.

    A choice is the system's name, `tie`, or JSON: {system: rank} or {system: {scale: value}}. Answers to further questions are in the
    file of votes of the study's report.
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


def import_in_parts(study_id: int, rows: Iterable[Mapping[str, Any]], *, actor: str, simulated: bool = False, writing: Opening) -> Imported:
    """Take over votes as `import_rows` does, PART of them in one transaction; where it is cut short, the same again takes the rest."""
    done = Imported()
    for number, some in enumerate(batches(rows, PART)):
        with writing() as session:
            part = import_rows(session, study_id, some, actor=actor, simulated=simulated)
        done.added, done.present = done.added + part.added, done.present + part.present
        done.refused += [(number * PART + place, reason) for place, reason in part.refused]
    return done


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
    try:
        answer = read_choice(study, named, choice)
    except InvalidInputError as error:
        raise InvalidInputError(f"{error} The row says {_text(row, 'choice')!r}; the trial shows {', '.join(named)}.") from None
    rater = _rater(session, study, _text(row, "rater"), simulated or _text(row, "simulated") == "true", actor)
    existing = session.scalar(select(Rating).where(Rating.trial_id == trial.id, Rating.rater_id == rater.id))
    if existing is None:
        # The order in which the pictures were shown elsewhere is not known here, and none is made up.
        keep(session, trial.id, rater.id, answer, _seconds(_text(row, "seconds")), _moment(_text(row, "shown_at")), [])
        return True
    values = select(RatingValue.stimulus_id, RatingValue.scale, RatingValue.value).where(RatingValue.rating_id == existing.id)
    further = [one.name for one in rules_of(study).further]
    same = {tuple(value) for value in session.execute(values) if value.scale not in further} == set(answer.values)
    if (existing.stimulus_id, existing.is_tie) != (answer.stimulus_id, answer.is_tie) or not same:
        raise InvalidInputError(f"Rater {rater.pseudonym} has answered trial {trial.position} otherwise; answers are final.")
    return False


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    return "" if value is None else str(value).strip()


def _trial_at(session: Session, study: Study, position: str) -> tuple[Trial, list[Stimulus]]:
    trial = None
    if position.isdecimal() and len(position) <= LONGEST_POSITION:
        trial = session.scalar(select(Trial).where(Trial.study_id == study.id, Trial.position == int(position)))
    if trial is None:
        raise InvalidInputError(f'There is no trial "{position}" in the study "{study.name}"; trials count from 0.')
    return trial, list(session.scalars(select(Stimulus).where(Stimulus.trial_id == trial.id).order_by(Stimulus.position)))


def _choice(text: str) -> Any:
    if not text.startswith("{"):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInputError(f"The choice {text[:200]!r} is no JSON: {str(error)[:200]}.") from None


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
