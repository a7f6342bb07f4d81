"""Where annotations land: captions, regions and ratings, each annotation once, a changed one in place of what it had brought."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.enums import CaptionStatus, Origin, RegionOrigin, TaskKind
from db.models import Caption, LabelStudioAnnotation, LabelStudioProject, Region, Stimulus, Trial
from workbench import captions, regions, studies
from workbench.errors import InvalidInputError, StudyNotOpenError, WorkbenchError
from workbench.labelstudio.annotation_values import drawn_in, texts_in
from workbench.labelstudio.annotations import Annotation, Task
from workbench.labelstudio.result_json import labels_of
from workbench.labelstudio.study_answers import choice_of
from workbench.labelstudio.tasks import order_of
from workbench.rating import votes_csv

__all__ = ["Landed", "land"]


@dataclass
class Landed:
    """What became of the annotations of some tasks."""

    annotations: int = 0
    """That landed now, for the first time or anew."""
    present: int = 0
    """That had landed before and did not change."""
    captions: int = 0
    regions: int = 0
    ratings: int = 0
    taken_back: int = 0
    """Captions and regions that an annotation had brought and no longer has."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    """(task's key and annotation, the reason)."""


@dataclass(frozen=True)
class _Pull:
    session: Session
    project: LabelStudioProject
    run_id: int | None
    batch_id: str
    landed: Landed

    def author(self, annotation: Annotation) -> str:
        return f"{annotation.author} (Label Studio)"


def land(session: Session, project: LabelStudioProject, task: Task, landed: Landed, *, batch_id: str, run_id: int | None = None) -> None:
    """Take over the annotations of a task that are new or changed; count them in `landed`.

    One that cannot be used is refused with its reason, and looked at again only when it changes. Raises StudyNotOpenError where answers
    come to a study that takes none now.
    """
    pull = _Pull(session, project, run_id, batch_id, landed)
    for annotation in task.annotations:
        known = session.scalar(
            select(LabelStudioAnnotation).where(
                LabelStudioAnnotation.project_id == project.id, LabelStudioAnnotation.annotation == annotation.id
            )
        )
        if known is not None and known.updated_at == annotation.updated_at:
            landed.present += 1
        elif not annotation.is_skipped:
            brought = _take(pull, task, annotation, known.landed if known else {})
            _remember(pull, annotation, known, brought)


def _take(pull: _Pull, task: Task, annotation: Annotation, before: dict[str, Any]) -> dict[str, Any]:
    """Land one annotation; what it brought, which is what it had brought before where it is refused."""
    takers: dict[TaskKind, Callable[[_Pull, int, Annotation, dict[str, Any]], dict[str, Any]]] = {
        TaskKind.CAPTIONS: _take_texts,
        TaskKind.REGIONS: _take_masks,
        TaskKind.STUDY: _take_answer,
    }
    try:
        with pull.session.begin_nested():
            brought = takers[pull.project.kind](pull, _id_in(task.key), annotation, before)
    except StudyNotOpenError:
        raise
    except WorkbenchError as error:
        pull.landed.refused.append((f"{task.key}, annotation {annotation.id}", str(error)))
        return before
    pull.landed.annotations += 1
    return brought


def _id_in(key: str) -> int:
    kind, _, number = key.partition(":")
    if kind not in ("image", "caption", "trial") or not number.isdecimal():
        raise InvalidInputError(f'The task\'s "{key}" is no key of ours.')
    return int(number)


def _remember(pull: _Pull, annotation: Annotation, known: LabelStudioAnnotation | None, brought: dict[str, Any]) -> None:
    if known is None:
        known = LabelStudioAnnotation(project_id=pull.project.id, annotation=annotation.id)
        pull.session.add(known)
    known.updated_at, known.landed, known.run_id = annotation.updated_at, brought, pull.run_id
    pull.session.flush()


def _take_texts(pull: _Pull, image_id: int, annotation: Annotation, before: dict[str, Any]) -> dict[str, Any]:
    """Add the descriptions that are new; set aside those that this annotation had added and no longer has."""
    texts = texts_in(annotation.results)
    if not texts:
        raise InvalidInputError("No description was written.")
    known = dict(pull.session.execute(select(Caption.text, Caption.id).where(Caption.image_id == image_id)).all())
    common: dict[str, Any] = {"author": pull.author(annotation), "run_id": pull.run_id, "batch_id": pull.batch_id}
    added = captions.add_many(
        pull.session, [captions.NewCaption(image_id, text) for text in texts if text not in known], text_origin=Origin.HUMAN, **common
    )
    pull.landed.captions += added.added
    kept = [key for text, key in known.items() if text in texts and key in before.get("captions", ())]
    gone = [key for key in before.get("captions", ()) if key not in kept]
    untouched = select(Caption.id).where(Caption.id.in_(gone), Caption.status == CaptionStatus.ACCEPTED)
    dropped = captions.drop(pull.session, pull.session.scalars(untouched).all(), actor=pull.author(annotation), batch_id=pull.batch_id)
    pull.landed.taken_back += dropped
    return {"captions": sorted({*kept, *added.ids})}


def _take_masks(pull: _Pull, caption_id: int, annotation: Annotation, before: dict[str, Any]) -> dict[str, Any]:
    """Add the masks that are new and put the phrases they are labeled with on them; remove those that this annotation had added."""
    caption = captions.get(pull.session, caption_id)
    mentions = regions.for_caption(pull.session, caption_id)
    named = dict(zip(labels_of(mention.phrase for mention in mentions), mentions, strict=True))
    earlier = set(pull.session.scalars(select(Region.id).where(Region.image_id == caption.image_id)))
    author = pull.author(annotation)
    common: dict[str, Any] = {"run_id": pull.run_id, "batch_id": pull.batch_id}
    drawn = drawn_in(annotation.results)
    if not drawn:
        raise InvalidInputError("No mask was drawn.")
    unknown = sorted({part.label for part in drawn} - named.keys())
    if unknown:
        raise InvalidInputError(f'The caption mentions no "{unknown[0]}" now: it reads "{caption.text}".')
    brought = []
    for part in drawn:
        mention = named[part.label].mention
        stored = regions.add(
            pull.session, caption.image_id, part.mask, origin=RegionOrigin.HUMAN, label=mention.object, author=author, **common
        )
        regions.ground(pull.session, mention.id, stored.id, origin=Origin.HUMAN, actor=author, **common)
        if stored.id not in earlier or stored.id in before.get("regions", ()):
            brought.append(stored.id)
    pull.landed.regions += len(set(brought) - earlier)
    gone = [key for key in before.get("regions", ()) if key not in brought and pull.session.get(Region, key) is not None]
    for key in gone:
        regions.remove(pull.session, key, actor=author, batch_id=pull.batch_id)
    pull.landed.taken_back += len(gone)
    return {"regions": sorted(set(brought))}


def _take_answer(pull: _Pull, trial_id: int, annotation: Annotation, _before: dict[str, Any]) -> dict[str, Any]:
    """Take over the answer to a trial under a pseudonym of the person; answers are final."""
    trial = pull.session.get(Trial, trial_id)
    if trial is None or trial.study_id != pull.project.study_id:
        raise InvalidInputError(f"The study has no trial {trial_id} any more.")
    study = studies.get(pull.session, trial.study_id)
    stimuli = list(pull.session.scalars(select(Stimulus).where(Stimulus.trial_id == trial_id)))
    row = {
        "rater": _pseudonym(pull.project.server, annotation.author_id),
        "trial": str(trial.position),
        "choice": choice_of(study, order_of(study, trial, stimuli), annotation.results),
        "seconds": "" if annotation.seconds is None else str(annotation.seconds),
    }
    done = votes_csv.import_rows(pull.session, study.id, [row], actor=pull.author(annotation))
    if done.refused:
        raise InvalidInputError(done.refused[0][1])
    pull.landed.ratings += done.added
    return {}


def _pseudonym(server: str, user: int) -> str:
    """The same name for the same person of a server, which does not tell who it is."""
    return f"ls-{hashlib.sha256(f'{server} {user}'.encode()).hexdigest()[:10]}"
