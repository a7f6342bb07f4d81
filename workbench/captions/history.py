"""What happened to captions: the history of an image, the newest batches of edits, and undoing either."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from db.enums import RunStatus
from db.models import Caption, Event, Run
from workbench.errors import ConflictError
from workbench.store import events

SUBJECTS = ("caption", "image_tag")
JOBS = ("edit_captions", "level_captions", "describe_images", "import_captions")
"""Jobs whose runs are each a batch."""


@dataclass(frozen=True)
class Batch:
    """Changes that were made together, and whether any of them still stands."""

    batch_id: str
    action: str
    subject: str
    actor: str
    count: int
    created_at: datetime
    stands: bool


def recent(session: Session, limit: int = 10) -> list[Batch]:
    """The newest batches, undoings left out."""
    batches = [*_made_at_once(session, limit), *_of_runs(session, limit)]
    return sorted(batches, key=lambda batch: batch.created_at, reverse=True)[:limit]


def require_ended(session: Session, batch_id: str) -> None:
    """Raise ConflictError where a run is still making the batch: what is taken back would be made again, or half of it stay."""
    run = session.scalar(select(Run).where(Run.id == events.run_of_batch(batch_id)))
    if run is not None and run.status in (RunStatus.QUEUED, RunStatus.RUNNING):
        raise ConflictError(f"Run {run.id} is still at work on this batch; cancel it first, or wait for its end.")


def _made_at_once(session: Session, limit: int) -> Iterator[Batch]:
    # Not the column itself, lest all events of captions be sorted instead of a step being taken along those that no run made.
    about = Event.subject.concat("").in_(SUBJECTS)
    told = select(Event).where(Event.batch_id.is_not(None), Event.run_id.is_(None), Event.action != events.UNDO, about)
    before = events.newest(session) + 1
    for _ in range(limit):
        event = session.scalar(told.where(Event.id < before).order_by(Event.id.desc()).limit(1))
        if event is None:
            return
        yield _batch(session, event)
        before = session.scalar(select(func.min(Event.id)).where(Event.batch_id == event.batch_id))


def _of_runs(session: Session, limit: int) -> Iterator[Batch]:
    for run_id in session.scalars(select(Run.id).where(Run.job.in_(JOBS)).order_by(Run.id.desc()).limit(limit)):
        own = select(Event).where(Event.batch_id == events.batch_of_run(run_id))
        event = session.scalar(own.order_by(Event.id.desc()).limit(1))
        if event is not None:
            yield _batch(session, event)


def _batch(session: Session, event: Event) -> Batch:
    own = Event.batch_id == event.batch_id
    count = session.execute(select(func.count()).where(own)).scalar_one()
    stands = bool(session.scalar(select(exists().where(own, Event.undone_by_id.is_(None)))))
    return Batch(event.batch_id or "", event.action, event.subject, event.actor, count, event.created_at, stands)


MOST_TOGETHER = 200
"""Events of a batch that are taken back as one; a larger batch is no change of one image."""


def of_image(session: Session, image_id: int, limit: int = 300) -> list[Event]:
    """The newest events of an image's captions, dropped ones included, newest first."""
    return list(session.scalars(select(Event).where(*_own(session, image_id)).order_by(Event.id.desc()).limit(limit)))


def last_change(session: Session, image_id: int) -> Event | None:
    """The newest change that a person (not a run) made to an image's captions and that still stands; None where there is none."""
    stands = Event.run_id.is_(None), Event.undone_by_id.is_(None), Event.action != events.UNDO
    return session.scalar(select(Event).where(*_own(session, image_id), *stands).order_by(Event.id.desc()).limit(1))


def take_back(session: Session, event: Event, *, actor: str) -> list[int]:
    """Undo an event, or, where it was one of a batch on a single image, all of that batch; return the events that say so.

    A batch that reaches beyond the image is taken back for this caption alone: the whole of it is rolled back where batches are listed.
    """
    if event.batch_id is None:
        return [events.undo(session, event.id, actor=actor).id]
    together = select(Event).where(Event.batch_id == event.batch_id, Event.undone_by_id.is_(None)).order_by(Event.id.desc())
    event_ids = list(session.scalars(together.limit(MOST_TOGETHER + 1)))
    keys = [int(one.subject_id) for one in event_ids if one.subject == "caption"]
    images = set(session.scalars(select(Caption.image_id).where(Caption.id.in_(keys))))
    alone = len(images) == 1 and len(keys) == len(event_ids) <= MOST_TOGETHER
    return [events.undo(session, one.id, actor=actor).id for one in (event_ids if alone else [event])]


def _own(session: Session, image_id: int) -> tuple:
    keys = session.scalars(select(Caption.id).where(Caption.image_id == image_id))
    return Event.subject == "caption", Event.subject_id.in_([str(key) for key in keys])
