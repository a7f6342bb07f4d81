"""Trials with a damaged picture: shown to nobody, told to the curators, brought back when their pictures are whole again."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.base import now
from db.models import Assignment, Image, Rating, Stimulus, Study, Trial
from workbench.rating import blinded_images
from workbench.rating.blinded_images import DamagedPictureError
from workbench.store import MediaStore, events


@dataclass(frozen=True)
class Checked:
    """What a look at every picture of a study found: trials by their position, with the reason."""

    trials: int
    damaged: dict[int, str]
    restored: tuple[int, ...]
    """Trials that had been set aside, and are shown again."""


def damage_of(session: Session, media: MediaStore, trial: Trial) -> str | None:
    """Why a trial cannot be shown, or None: every one of its pictures, and its source, is read whole."""
    keys = list(session.scalars(select(Stimulus.media_key).where(Stimulus.trial_id == trial.id)))
    keys += session.scalars(select(Image.upright_key).where(Image.id == trial.image_id))
    for key in keys:
        try:
            blinded_images.check(media, key)
        except DamagedPictureError as error:
            return str(error)
    return None


def set_aside(session: Session, trial: Trial, reason: str) -> None:
    """Show a trial to nobody any more; answers that were given stay, and whoever has it before them gets another."""
    if trial.set_aside_at is not None:
        return
    trial.set_aside_at, trial.set_aside_reason = now(), reason
    answered = select(Rating.id).where(Rating.trial_id == Assignment.trial_id, Rating.rater_id == Assignment.rater_id).exists()
    session.execute(delete(Assignment).where(Assignment.trial_id == trial.id, ~answered))
    session.flush()
    _record(session, trial, "set aside", {"set_aside_reason": reason})


def check_pictures(session: Session, media: MediaStore, study: Study, *, actor: str) -> Checked:
    """Read every picture of a study: set aside the trials with a damaged one, bring back those that are whole again."""
    trials = list(session.scalars(select(Trial).where(Trial.study_id == study.id).order_by(Trial.position)))
    damaged: dict[int, str] = {}
    restored: list[int] = []
    for trial in trials:
        reason = damage_of(session, media, trial)
        if reason is not None:
            damaged[trial.position] = reason
            set_aside(session, trial, reason)
        elif trial.set_aside_at is not None:
            trial.set_aside_at = trial.set_aside_reason = None
            restored.append(trial.position)
            _record(session, trial, "show again", {"set_aside_reason": None}, actor)
    session.flush()
    return Checked(len(trials), damaged, tuple(restored))


def _record(session: Session, trial: Trial, action: str, after: dict[str, str | None], actor: str = "workbench") -> None:
    facts = {"study_id": trial.study_id, "position": trial.position, **after}
    events.record(session, actor=actor, action=action, subject="trial", subject_id=trial.id, before=None, after=facts)
