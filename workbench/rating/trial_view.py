"""What a rater sees of a trial, and nothing else."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import RatingMethod, TrialKind
from db.models import Assignment, Image, Stimulus, Study, Trial
from workbench.studies import Scale, rules_of

__all__ = ["StimulusView", "TrialView", "view_of"]


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
    view: str
    """Of pairs: side by side, flip or slider."""
    caption_text: str | None
    source_key: str | None
    """The source photo's file, to be shown in gray only: in color it is the answer."""
    reference_key: str | None
    """The original in color, where the design shows it beside."""
    stimuli: tuple[StimulusView, ...]
    """From left to right, in this rater's own stored order."""
    ties: bool
    scales: tuple[Scale, ...]
    practice: bool
    """Whether it is for training: the right answer is told afterwards."""
    done: int
    """Trials that this rater has answered, and all there are for this rater now, the present one included."""
    total: int


def view_of(session: Session, study: Study, assignment: Assignment, done: int, total: int) -> TrialView:
    """The view of a trial that was dealt."""
    rules = rules_of(study)
    trial, source_key, in_color = session.execute(
        select(Trial, Image.upright_key, Image.has_reference)
        .outerjoin(Image, Image.id == Trial.image_id)
        .where(Trial.id == assignment.trial_id)
    ).one()
    keys = dict(session.execute(select(Stimulus.id, Stimulus.media_key).where(Stimulus.trial_id == trial.id)).all())
    return TrialView(
        trial_id=trial.id,
        question=study.question,
        method=study.method,
        view=rules.view,
        caption_text=trial.caption_text if rules.caption else None,
        source_key=source_key if rules.source else None,
        reference_key=source_key if rules.reference and in_color else None,
        stimuli=tuple(StimulusView(stimulus_id, keys[stimulus_id]) for stimulus_id in assignment.shown_order),
        ties=study.method is RatingMethod.PAIR and rules.ties,
        scales=rules.scales if study.method is RatingMethod.CATEGORY else (),
        practice=trial.kind is TrialKind.TRAINING,
        done=done,
        total=total,
    )
