"""Entering a study that was designed: its trials in parts, each a short transaction, unseen until the last one makes it whole.

A study that is being entered has a row that says when its last part came (`Study.entering_at`) under a name that is nobody's; nothing that
reads studies shows it. What a killed entering leaves is cleared away by the next one and by `workbench gc`, once no part has come for
ABANDONED.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.base import now
from db.enums import TrialKind
from db.models import Event, Stimulus, Study, Trial
from workbench.errors import ConflictError
from workbench.store import Opening, batches, events
from workbench.studies import lifecycle, trials
from workbench.studies.design_io import Design, stored
from workbench.studies.trials import Known, Show

__all__ = ["ABANDONED", "PART", "Drafted", "Pictured", "abandoned", "clear_abandoned", "enter"]

PART = 250
"""Trials of one part."""
ABANDONED = timedelta(minutes=10)
"""A study of which no part came for so long is no longer being entered by anybody."""
GONE = "An image, a caption or a picture of the study was removed while it was entered; create it again."
Sets = list[tuple[TrialKind, Sequence[Show]]]
"""What each trial is for, and what it shows."""


@dataclass(frozen=True)
class Drafted:
    """A study in draft, and how many trials of each kind it has."""

    study: Study
    trials: int
    training: int
    gold: int
    trap: int
    warnings: tuple[str, ...] = ()
    """What the study can do, but its author should know."""


@dataclass(frozen=True)
class Pictured:
    """What a study will show, its pictures made and kept: groups that may be compared, and sets with a known answer."""

    groups: list[list[Show]]
    known: Known
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Entering:
    """A study between its first part and its last."""

    id: int
    name: str
    """That it will have."""
    seed: int
    author: str
    batch_id: str
    """Of the events of its trials."""


def enter(
    design: Design, pictured: Pictured, *, author: str, run_id: int | None = None, writing: Opening, reading: Opening
) -> Drafted:  # fmt: skip
    """Enter a study of a design and its pictures, in draft.

    Raises InvalidInputError where nothing can be compared; ConflictError where the name is taken, or was meanwhile, or where something
    that is shown is gone. Then, and after any other error, nothing of it stays.
    """
    clear_abandoned(writing)
    with reading() as session:
        lifecycle.require_free_name(session, design.name)
        sets = _sets(session, design, pictured)
    with writing() as session:
        entering = _begin(session, design, author, run_id)
    try:
        for first in range(0, len(sets), PART):
            with writing() as session:
                _add(session, entering, sets[first : first + PART], first)
        with writing() as session:
            study = _complete(session, entering, sets, run_id)
    except BaseException:
        _discard(writing, entering.id)
        raise
    count = [sum(kind is one for one, _ in sets) for kind in (TrialKind.REGULAR, TrialKind.TRAINING, TrialKind.GOLD, TrialKind.TRAP)]
    return Drafted(study, *count, warnings=pictured.warnings)


def abandoned(session: Session) -> list[Study]:
    """Studies whose entering was cut short; nobody is shown them."""
    return list(session.scalars(select(Study).where(Study.entering_at < now() - ABANDONED).order_by(Study.id)))


def clear_abandoned(writing: Opening) -> int:
    """Remove what enterings that were cut short have left, in parts; return how many studies that were."""
    with writing() as session:
        study_ids = [study.id for study in abandoned(session)]
    for study_id in study_ids:
        _discard(writing, study_id)
    return len(study_ids)


def _sets(session: Session, design: Design, pictured: Pictured) -> Sets:
    """Everything that is shown, in the order of the trials."""
    known = pictured.known
    regular = trials.sets_for(session, design.method, pictured.groups, reference=design.stimuli.reference)
    kinds: dict[TrialKind, Sequence[Sequence[Show]]] = {
        TrialKind.REGULAR: regular, TrialKind.TRAINING: known.practice, TrialKind.GOLD: known.golds, TrialKind.TRAP: known.traps,
    }  # fmt: skip
    sets: Sets = [(kind, shown) for kind, of_kind in kinds.items() for shown in of_kind]
    return sets if design.rules.caption else [(kind, [replace(show, caption_text=None) for show in shown]) for kind, shown in sets]


def _begin(session: Session, design: Design, author: str, run_id: int | None) -> _Entering:
    """Enter the row of a study that is not whole yet."""
    rules = stored(design.rules)
    if stored_stimuli := stored(design.stimuli):
        rules["stimuli"] = stored_stimuli
    study = lifecycle.new(
        session, name=design.name, question=design.question, method=design.method, design=rules, seed=design.seed,
        votes_per_trial=design.votes_per_trial, run_id=run_id,
    )  # fmt: skip
    batch_id = events.new_batch()
    study.name, study.entering_at = f"{design.name} · entering {batch_id}", now()
    session.add(study)
    session.flush()
    return _Entering(study.id, design.name, design.seed, author, batch_id)


def _add(session: Session, entering: _Entering, part: Sets, first: int) -> None:
    _touch(session, entering.id, entering_at=now())
    try:
        with session.begin_nested():
            trials.insert_trials(
                session, entering.id, part, first, order=(entering.seed, entering.name), author=entering.author, batch_id=entering.batch_id
            )
    except IntegrityError:
        raise ConflictError(GONE) from None


def _touch(session: Session, study_id: int, **values: Any) -> None:
    """Write values of a study that is not whole; raises ConflictError where it was cleared away meanwhile."""
    own = (Study.id == study_id, Study.entering_at.is_not(None))
    changed: CursorResult[Any] = session.connection().execute(update(Study).where(*own).values(**values))
    if changed.rowcount != 1:
        raise ConflictError("This study took so long to enter that it was given up for dead and cleared away; create it again.")


def _complete(session: Session, entering: _Entering, sets: Sets, run_id: int | None) -> Study:
    """Check that everything is there, and let the study be seen under its name."""
    lifecycle.require_free_name(session, entering.name)
    _touch(session, entering.id, name=entering.name, created_at=now(), entering_at=None)
    of_study = Trial.study_id == entering.id
    counts = (
        session.scalar(select(func.count(Trial.id)).where(of_study)),
        session.scalar(select(func.count(Stimulus.id)).join(Trial, Trial.id == Stimulus.trial_id).where(of_study)),
    )
    if counts != (len(sets), sum(len(shown) for _, shown in sets)):
        raise ConflictError("A trial of the study was removed while it was entered; create it again.")
    study = session.get_one(Study, entering.id, populate_existing=True)
    lifecycle.record_new(session, study, author=entering.author, run_id=run_id)
    return study


def _discard(writing: Opening, study_id: int) -> None:
    """Remove a study that is not whole, in parts."""
    own = (Study.id == study_id, Study.entering_at.is_not(None))
    more = True
    while more:
        with writing() as session:
            if session.scalar(select(Study.id).where(*own).with_for_update()) is None:
                return
            more = _remove_trials(session, study_id)
    with writing() as session:
        session.connection().execute(delete(Study).where(*own))


def _remove_trials(session: Session, study_id: int) -> bool:
    """Remove a part of a study's trials, and that they were made; whether there were any."""
    ids = list(session.scalars(select(Trial.id).where(Trial.study_id == study_id).order_by(Trial.id).limit(PART)))
    for some in batches(ids):
        session.execute(delete(Event).where(Event.subject == "trial", Event.subject_id.in_([str(key) for key in some])))
        session.execute(delete(Stimulus).where(Stimulus.trial_id.in_(some)))
        session.execute(delete(Trial).where(Trial.id.in_(some)))
    return bool(ids)
