"""What happened to the captions of an image, and taking back the newest of it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Caption, Event
from workbench import events

__all__ = ["last_change", "of_image", "take_back"]

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
    found = list(session.scalars(together.limit(MOST_TOGETHER + 1)))
    keys = [int(one.subject_id) for one in found if one.subject == "caption"]
    images = set(session.scalars(select(Caption.image_id).where(Caption.id.in_(keys))))
    alone = len(images) == 1 and len(keys) == len(found) <= MOST_TOGETHER
    return [events.undo(session, one.id, actor=actor).id for one in (found if alone else [event])]


def _own(session: Session, image_id: int) -> tuple:
    keys = session.scalars(select(Caption.id).where(Caption.image_id == image_id))
    return Event.subject == "caption", Event.subject_id.in_([str(key) for key in keys])
