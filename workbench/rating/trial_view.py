"""What a rater sees of a trial, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import RatingMethod, TrialKind
from db.models import Assignment, Image, Stimulus, Study, Trial
from workbench.studies import Scale, rules_of


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
    """The view of a trial that was assigned."""
    return views_of(session, study, [assignment], done, total)[0]


def views_of(session: Session, study: Study, assignments: Sequence[Assignment], done: int = 0, total: int = 0) -> list[TrialView]:
    """The views of trials that were assigned to one rater."""
    rows = (
        select(Trial.id, Trial.kind, Trial.caption_text, Image.upright_key, Image.has_reference, Stimulus.id, Stimulus.media_key)
        .outerjoin(Image, Image.id == Trial.image_id)
        .join(Stimulus, Stimulus.trial_id == Trial.id)
        .where(Trial.id.in_([assignment.trial_id for assignment in assignments]))
    )
    facts: dict[int, tuple] = {}
    keys: dict[int, str] = {}
    for trial_id, kind, caption_text, source_key, in_color, stimulus_id, media_key in session.execute(rows):
        facts[trial_id] = kind, caption_text, source_key, in_color
        keys[stimulus_id] = media_key
    return [_view(study, assignment, facts[assignment.trial_id], keys, done, total) for assignment in assignments]


def _view(study: Study, assignment: Assignment, facts: tuple, keys: Mapping[int, str], done: int, total: int) -> TrialView:
    rules = rules_of(study)
    kind, caption_text, source_key, in_color = facts
    return TrialView(
        trial_id=assignment.trial_id,
        question=study.question,
        method=study.method,
        view=rules.view,
        caption_text=caption_text if rules.caption else None,
        source_key=source_key if rules.source else None,
        reference_key=source_key if rules.reference and in_color else None,
        stimuli=tuple(StimulusView(stimulus_id, keys[stimulus_id]) for stimulus_id in assignment.shown_order),
        ties=study.method is RatingMethod.PAIR and rules.ties,
        scales=rules.scales if study.method is RatingMethod.CATEGORY else (),
        practice=kind is TrialKind.TRAINING,
        done=done,
        total=total,
    )
