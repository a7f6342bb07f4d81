"""Trials dealt to raters: blind, evenly, and each to a rater once."""

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from db.base import now
from db.enums import RatingMethod, StudyStatus, TrialKind
from db.models import Assignment, Image, Invitation, Rating, Stimulus, Study, Trial
from workbench.errors import InvalidInputError, NotAllowedError, StudyNotOpenError
from workbench.trials import study_of

__all__ = [
    "LEASE",
    "Scale",
    "StimulusView",
    "TrialView",
    "check_design",
    "check_invitation",
    "counted_votes",
    "next_trial",
    "scales_of",
    "takes_ties",
]

LEASE = timedelta(minutes=10)
"""How long a trial waits for the rater it was dealt to before another may have it."""

DEFAULT_SCALES = ({"name": "quality", "points": 5},)


@dataclass(frozen=True)
class Scale:
    """A scale of category ratings: whole numbers from 1 to `points`."""

    name: str
    points: int


@dataclass(frozen=True)
class StimulusView:
    """A picture on show: the id that a vote names, and its file, which is named by its content."""

    id: int
    media_key: str


@dataclass(frozen=True)
class TrialView:
    """What a rater sees of a trial, and nothing else: no system, no file name, no order that betrays one."""

    trial_id: int
    question: str
    method: RatingMethod
    caption_text: str | None
    source_key: str | None
    """The source photo's file, to be shown in gray only: in color it is the answer."""
    stimuli: tuple[StimulusView, ...]
    """From left to right, in this rater's own stored order."""
    ties: bool
    scales: tuple[Scale, ...]
    done: int
    """Trials that this rater has answered, and all there are for this rater now, the present one included."""
    total: int


def takes_ties(study: Study) -> bool:
    """Whether a rater may call a draw: in pair studies unless the design forbids it."""
    return study.method is RatingMethod.PAIR and bool(study.design.get("ties", True))


def scales_of(study: Study) -> tuple[Scale, ...]:
    """The scales of a category study; none for other methods."""
    if study.method is not RatingMethod.CATEGORY:
        return ()
    return tuple(Scale(scale["name"], scale["points"]) for scale in study.design.get("scales", DEFAULT_SCALES))


def check_design(study: Study) -> None:
    """Raise InvalidInputError where a design's scales or ties cannot be used."""
    if not isinstance(study.design.get("ties", True), bool):
        raise InvalidInputError(f"A design's `ties` is true or false; got {study.design['ties']!r}.")
    scales = study.design.get("scales", DEFAULT_SCALES)
    if not isinstance(scales, list | tuple) or not scales or not all(_is_scale(scale) for scale in scales):
        raise InvalidInputError(f'A design\'s `scales` are a list of {{"name": text, "points": 2 or more}}; got {scales!r}.')
    if len({scale["name"] for scale in scales}) < len(scales):
        raise InvalidInputError("Every scale of a design needs a name of its own.")


def _is_scale(scale: Any) -> bool:
    if not isinstance(scale, Mapping):
        return False
    name, points = scale.get("name"), scale.get("points")
    return isinstance(name, str) and bool(name.strip()) and isinstance(points, int) and not isinstance(points, bool) and points >= 2


def check_invitation(row: Invitation) -> None:
    """Raise NotAllowedError where an invitation no longer lets its rater in."""
    if row.revoked_at is not None:
        raise NotAllowedError("This invitation was taken back; ask for a new one.")
    if row.excluded_at is not None:
        raise NotAllowedError("Your part in this study has ended. Thank you.")
    if row.expires_at is not None and row.expires_at <= now():
        raise NotAllowedError("This invitation has expired; ask for a new one.")


def require_rater(session: Session, study: Study, rater_id: int) -> Invitation:
    """The rater's invitation to an open study; raises StudyNotOpenError and NotAllowedError."""
    if study.status is not StudyStatus.OPEN:
        raise StudyNotOpenError("This study takes no ratings now.")
    row = session.scalar(select(Invitation).where(Invitation.study_id == study.id, Invitation.rater_id == rater_id))
    if row is None:
        raise NotAllowedError("You are not invited to this study.")
    check_invitation(row)
    return row


def counted_votes(study_id: int) -> Select:
    """The ratings that count toward a study: of regular trials, by raters who are not excluded."""
    excluded = select(Invitation.rater_id).where(Invitation.study_id == study_id, Invitation.excluded_at.is_not(None))
    return (
        select(Rating)
        .join(Trial, Trial.id == Rating.trial_id)
        .where(Trial.study_id == study_id, Trial.kind == TrialKind.REGULAR, Rating.rater_id.not_in(excluded))
    )


def next_trial(session: Session, study_id: int, rater_id: int) -> TrialView | None:
    """The trial that this rater has before them, dealt now if there is none; None where nothing is left for this rater.

    Needs a writer's session: dealing takes a lease. A trial that was dealt and not answered comes again, on any device. Trials
    with the fewest votes and leases go first, so that `votes_per_trial` is met evenly; among equals those of an image that the
    rater has seen least, in the rater's own order. Raises StudyNotOpenError and NotAllowedError.
    """
    study = study_of(session, study_id)
    session.refresh(study, with_for_update=True)  # on PostgreSQL dealing waits here; SQLite's writer has its lock already
    invitation = require_rater(session, study, rater_id)
    waiting = _open_trials(session, study, rater_id)
    if not waiting:
        if invitation.finished_at is None and _answered(session, study, rater_id):
            invitation.finished_at = now()
            session.flush()
        return None
    assignment = _held(session, study, rater_id, {trial_id for trial_id, *_ in waiting})
    if assignment is None:
        assignment = _deal(session, study, rater_id, waiting)
    assignment.leased_until = now() + LEASE
    assignment.shown_at = assignment.shown_at or now()
    session.flush()
    done = _answered(session, study, rater_id)
    return _view(session, study, assignment, done, done + len(waiting))


def _answered(session: Session, study: Study, rater_id: int) -> int:
    wanted = select(func.count(Rating.id)).join(Trial, Trial.id == Rating.trial_id)
    return session.scalar(wanted.where(Trial.study_id == study.id, Rating.rater_id == rater_id))


def _open_trials(session: Session, study: Study, rater_id: int) -> list[tuple[int, int | None, int]]:
    """(trial id, image id, votes and leases of others) of the trials that this rater may answer now."""
    votes = counted_votes(study.id).with_only_columns(Rating.trial_id, func.count(Rating.id).label("votes")).group_by(Rating.trial_id)
    votes = votes.subquery()
    answered = and_(Rating.trial_id == Assignment.trial_id, Rating.rater_id == Assignment.rater_id)
    leases = (
        select(Assignment.trial_id, func.count(Assignment.id).label("leases"))
        .join(Trial, Trial.id == Assignment.trial_id)
        .outerjoin(Rating, answered)
        .where(Trial.study_id == study.id, Assignment.rater_id != rater_id, Assignment.leased_until > now(), Rating.id.is_(None))
        .group_by(Assignment.trial_id)
        .subquery()
    )
    taken = func.coalesce(votes.c.votes, 0) + func.coalesce(leases.c.leases, 0)
    mine = select(Rating.trial_id).where(Rating.rater_id == rater_id)
    wanted = (
        select(Trial.id, Trial.image_id, taken)
        .outerjoin(votes, votes.c.trial_id == Trial.id)
        .outerjoin(leases, leases.c.trial_id == Trial.id)
        .where(Trial.study_id == study.id, Trial.id.not_in(mine))
        # Trials with a known answer watch the rater: everybody gets them.
        .where(or_(Trial.kind != TrialKind.REGULAR, taken < study.votes_per_trial))
    )
    return [tuple(row) for row in session.execute(wanted)]


def _held(session: Session, study: Study, rater_id: int, waiting: set[int]) -> Assignment | None:
    """The trial that the rater was dealt and has not answered; leases whose trial others have filled are given up."""
    answered = select(Rating.trial_id).where(Rating.rater_id == rater_id)
    held = list(
        session.scalars(
            select(Assignment)
            .join(Trial, Trial.id == Assignment.trial_id)
            .where(Trial.study_id == study.id, Assignment.rater_id == rater_id, Assignment.trial_id.not_in(answered))
            .order_by(Assignment.position)
        )
    )
    given_up = [assignment.id for assignment in held if assignment.trial_id not in waiting]
    if given_up:
        session.execute(delete(Assignment).where(Assignment.id.in_(given_up)))
    return next((assignment for assignment in held if assignment.trial_id in waiting), None)


def _deal(session: Session, study: Study, rater_id: int, waiting: list[tuple[int, int | None, int]]) -> Assignment:
    seen = dict(
        session.execute(
            select(Trial.image_id, func.count())
            .join(Assignment, Assignment.trial_id == Trial.id)
            .where(Trial.study_id == study.id, Assignment.rater_id == rater_id)
            .group_by(Trial.image_id)
        ).all()
    )
    trial_id, *_ = min(waiting, key=lambda trial: (trial[2], seen.get(trial[1], 0), _rank(study, rater_id, trial[0])))
    stimuli = list(session.scalars(select(Stimulus.id).where(Stimulus.trial_id == trial_id).order_by(Stimulus.position)))
    random.Random(_rank(study, rater_id, trial_id)).shuffle(stimuli)
    last = session.scalar(
        select(func.max(Assignment.position))
        .join(Trial, Trial.id == Assignment.trial_id)
        .where(Trial.study_id == study.id, Assignment.rater_id == rater_id)
    )
    assignment = Assignment(
        trial_id=trial_id, rater_id=rater_id, position=0 if last is None else last + 1, shown_order=stimuli, leased_until=now() + LEASE
    )
    session.add(assignment)
    session.flush()
    return assignment


def _rank(study: Study, rater_id: int, trial_id: int) -> str:
    """This rater's place for a trial: random to look at, fixed by the study's seed."""
    return hashlib.sha256(f"{study.seed}:{study.id}:{rater_id}:{trial_id}".encode()).hexdigest()


def _view(session: Session, study: Study, assignment: Assignment, done: int, total: int) -> TrialView:
    trial, source_key = session.execute(
        select(Trial, Image.upright_key).outerjoin(Image, Image.id == Trial.image_id).where(Trial.id == assignment.trial_id)
    ).one()
    keys = dict(session.execute(select(Stimulus.id, Stimulus.media_key).where(Stimulus.trial_id == trial.id)).all())
    return TrialView(
        trial_id=trial.id,
        question=study.question,
        method=study.method,
        caption_text=trial.caption_text,
        source_key=source_key,
        stimuli=tuple(StimulusView(stimulus_id, keys[stimulus_id]) for stimulus_id in assignment.shown_order),
        ties=takes_ties(study),
        scales=scales_of(study),
        done=done,
        total=total,
    )
