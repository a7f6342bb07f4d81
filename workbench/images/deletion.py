"""Deleting images with what hangs on them, as one batch that can be undone; files stay in the media store, so nothing is lost by it."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.base import Base
from db.models import Caption, Colorization, Event, Image, ImageTag, Region, Review, SplitAssignment, Stimulus, Trial
from workbench.errors import ConflictError, InvalidInputError, NotFoundError, WorkbenchError
from workbench.store import Opening, batches, events, snapshots
from workbench.store.snapshots import is_row

MOST_AT_ONCE = 500
"""Images that one batch deletes: each row that goes is recorded by itself."""
PART = 20
"""Images that one transaction deletes."""
DEPENDENT = (Review, Colorization, Region, Caption, ImageTag, SplitAssignment)
"""What hangs on an image, in the order in which it can go."""


def remove_in_parts(image_ids: Sequence[int], *, actor: str, reading: Opening, writing: Opening) -> str:
    """Delete images as `remove` does, PART of them in one transaction, as one batch; where one cannot be deleted, none is."""
    keys, batch = sorted(set(image_ids)), events.new_batch()
    with reading() as session:
        _require_deletable(session, keys)
    try:
        for some in batches(keys, PART):
            with writing() as session:
                remove(session, some, actor=actor, batch_id=batch)
    except WorkbenchError:
        with reading() as session:
            begun = session.scalar(select(Event.id).where(Event.batch_id == batch).limit(1)) is not None
        if begun:
            with writing() as session:
                events.rollback(session, batch, actor=actor)
        raise
    return batch


def remove(session: Session, image_ids: Sequence[int], *, actor: str, batch_id: str | None = None) -> str:
    """Delete images with their tags, captions, masks, colorizations and reviews; return the batch under which that is undone.

    Raises NotFoundError for an unknown image, InvalidInputError for none or more than MOST_AT_ONCE, and ConflictError, with nothing
    deleted, where a study shows one of them to raters.
    """
    keys = sorted(set(image_ids))
    _require_deletable(session, keys)
    batch = batch_id or events.new_batch()
    for model in DEPENDENT:
        _delete(session, model, keys, actor, batch)
    for key in reversed(keys):
        _delete_rows(session, Image, [str(key)], actor, batch)
    session.expire_all()
    return batch


def _require_deletable(session: Session, keys: Sequence[int]) -> None:
    if not 0 < len(keys) <= MOST_AT_ONCE:
        raise InvalidInputError(f"Between 1 and {MOST_AT_ONCE} images can be deleted at once; these are {len(keys):,}.")
    known = set(session.scalars(select(Image.id).where(Image.id.in_(keys))))
    if len(known) < len(keys):
        raise NotFoundError(f"There is no image {next(key for key in keys if key not in known)}.")
    _require_unrated(session, keys)


def _require_unrated(session: Session, keys: Sequence[int]) -> None:
    shown = select(Trial.image_id).where(Trial.image_id.in_(keys))
    colorized = select(Colorization.image_id).join(Stimulus, Stimulus.colorization_id == Colorization.id)
    used = session.scalar(shown.limit(1)) or session.scalar(colorized.where(Colorization.image_id.in_(keys)).limit(1))
    if used is not None:
        raise ConflictError(f"Image {used} is shown in a study, whose ratings need it; leave it out.")


def _delete(session: Session, model: type[Base], keys: Sequence[int], actor: str, batch: str) -> None:
    """The rows of a table that hang on the images, newest first: what was derived goes before what it was derived from."""
    rows = select(model).order_by(*(column.desc() for column in model.__table__.primary_key))
    if model is Review:
        rows = rows.join(Colorization).where(Colorization.image_id.in_(keys))
    else:
        rows = rows.where(model.__table__.c.image_id.in_(keys))
    _delete_rows(session, model, [snapshots.key_of(row) for row in session.scalars(rows)], actor, batch)


def _delete_rows(session: Session, model: type[Base], subject_ids: Sequence[str], actor: str, batch: str) -> None:
    table = model.__table__
    for subject_id in subject_ids:
        before = snapshots.snapshot(session, table.name, subject_id)
        session.execute(delete(table).where(is_row(table, subject_id)))
        events.record(
            session,
            actor=actor,
            action="delete",
            subject=table.name,
            subject_id=subject_id,
            before=before,
            after=None,
            batch_id=batch,
        )
