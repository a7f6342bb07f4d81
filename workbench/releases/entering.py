"""Entering a release that was chosen: in parts, each a short transaction, unseen until the last one makes it whole.

A release that is being entered has a row that says when its last part came (`Release.entering_at`); nothing that reads releases shows it.
What a killed entering leaves is cleared away by the next one and by `workbench gc`, once no part has come for ABANDONED.
"""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.base import now
from db.models import Release, ReleaseExclusion, ReleaseItem
from workbench.errors import ConflictError
from workbench.releases import lineage, read, split_bindings
from workbench.releases.creation import Ready, prepared
from workbench.releases.grouped_split import Bound
from workbench.store import MediaStore, Opening, batches, events, snapshots, within

__all__ = ["ABANDONED", "PART", "abandoned", "clear_abandoned", "create", "enter"]

PART = 250
"""Rows of one part."""
ABANDONED = timedelta(minutes=10)
"""A release of which no part came for so long is no longer being entered by anybody."""
GONE = "An image or a caption of the release was removed while it was entered; create it again."


def enter(ready: Ready, *, writing: Opening, reading: Opening) -> Release:
    """Enter a prepared release; where its newest version holds just this already, that version is returned.

    Images are bound to their splits for good by this. Raises ConflictError where the store was changed since the choosing so that the
    release can no longer be what was chosen: another one came first, an image was bound to another split, or an image or a caption is
    gone. Then, and after any other error, nothing of it stays.
    """
    clear_abandoned(writing)
    if ready.same is not None:
        with reading() as session:
            return read.by_id(session, ready.same)
    with writing() as session:
        release_id = _begin(session, ready)
    try:
        for items in batches(ready.items, PART):
            with writing() as session:
                _add(session, release_id, ReleaseItem, items)
                split_bindings.bind(session, {item.image_sha256: Bound(item.group_key, item.split) for item in items}, release_id)
        for left_out in batches(ready.left_out, PART):
            with writing() as session:
                _add(session, release_id, ReleaseExclusion, left_out)
        for names in batches(ready.without_items, PART):
            with writing() as session:
                split_bindings.bind(session, {name: ready.without_items[name] for name in names}, release_id)
        with reading() as session:
            story = lineage.trace(session, release_id)
        with writing() as session:
            return _complete(session, ready, release_id, story)
    except BaseException:
        _discard(writing, release_id)
        raise


def create(session: Session, media: MediaStore, **chosen: Any) -> Release:
    """Prepare a release and enter it in one transaction, which is held for all of it; takes what `prepared` does, and raises as it and
    `enter` do.

    The version follows Croissant's rule.
    """
    with prepared(session, media, **chosen) as ready:
        return enter(ready, writing=within(session), reading=within(session))


def abandoned(session: Session) -> list[Release]:
    """Releases whose entering was cut short; nobody is shown them."""
    return list(session.scalars(select(Release).where(Release.entering_at < now() - ABANDONED).order_by(Release.id)))


def clear_abandoned(writing: Opening) -> int:
    """Remove what enterings that were cut short have left, in parts; return how many releases that were."""
    with writing() as session:
        release_ids = [release.id for release in abandoned(session)]
    for release_id in release_ids:
        _discard(writing, release_id)
    return len(release_ids)


def _begin(session: Session, ready: Ready) -> int:
    """Enter the row of a release that is not whole yet; its version is nobody's until it is. Returns its id."""
    _require_newest(session, ready)
    told = {name: getattr(ready.release, name) for name in ("name", "manifest_hash", "rules", "note", "author", "facts", "run_id")}
    unseen = {"version": f"entering-{uuid.uuid4().hex}", "entering_at": now(), "created_at": now()}
    return session.scalars(insert(Release).returning(Release.id), [told | unseen]).one()


def _require_newest(session: Session, ready: Ready) -> None:
    newest = read.newest(session, ready.release.name)
    if (newest.id if newest is not None else None) != ready.since:
        raise ConflictError(f"A release {ready.release.name} was made by somebody else just now; look at it first.")


def _add(session: Session, release_id: int, table: type[ReleaseItem | ReleaseExclusion], rows: Iterable[Any]) -> None:
    _touch(session, release_id, entering_at=now())
    try:
        with session.begin_nested():
            session.execute(insert(table), [{"release_id": release_id} | vars(row) for row in rows])
    except IntegrityError:
        raise ConflictError(GONE) from None


def _touch(session: Session, release_id: int, **values: Any) -> None:
    """Write values of a release that is not whole; raises ConflictError where it was cleared away meanwhile."""
    own = (Release.id == release_id, Release.entering_at.is_not(None))
    changed: CursorResult[Any] = session.connection().execute(update(Release).where(*own).values(**values))
    if changed.rowcount != 1:
        raise ConflictError("This release took so long to enter that it was given up for dead and cleared away; create it again.")


def _complete(session: Session, ready: Ready, release_id: int, story: dict[str, Any]) -> Release:
    """Check that what was entered is what was chosen, and let it be seen."""
    release = ready.release
    facts = {**release.facts, "lineage": story}
    _require_newest(session, ready)
    try:
        with session.begin_nested():
            _touch(session, release_id, version=release.version, facts=facts, created_at=now(), entering_at=None)
    except IntegrityError:
        raise ConflictError(f"{release.name} {release.version} was made by somebody else just now; look at it first.") from None
    _require_whole(session, ready, release_id)
    entered = read.by_id(session, release_id)
    named: dict[str, Any] = {"actor": release.author, "subject": "release", "subject_id": release_id, "run_id": release.run_id}
    events.record(session, action="create", before=None, after=snapshots.snapshot(session, "release", release_id), **named)
    return entered


def _require_whole(session: Session, ready: Ready, release_id: int) -> None:
    """Raise ConflictError where items are missing, or one lost its image or caption: indexes answer both."""
    entered = session.scalar(select(func.count()).select_from(ReleaseItem).where(ReleaseItem.release_id == release_id))
    lost = {
        key
        for column in (ReleaseItem.image_id, ReleaseItem.caption_id)
        for key in session.scalars(select(ReleaseItem.release_id).where(column.is_(None)).distinct())
    }
    if entered != len(ready.items) or release_id in lost:
        raise ConflictError(GONE)


def _discard(writing: Opening, release_id: int) -> None:
    """Remove a release that is not whole, in parts."""
    own = (Release.id == release_id, Release.entering_at.is_not(None))
    for remove_some in (split_bindings.unbind_some, _remove_items, _remove_left_out):
        more = True
        while more:
            with writing() as session:
                if session.scalar(select(Release.id).where(*own).with_for_update()) is None:
                    return
                more = remove_some(session, release_id, PART) > 0
    with writing() as session:
        session.connection().execute(delete(Release).where(*own))


def _remove_items(session: Session, release_id: int, most: int) -> int:
    return _remove_rows(session, ReleaseItem, release_id, most)


def _remove_left_out(session: Session, release_id: int, most: int) -> int:
    return _remove_rows(session, ReleaseExclusion, release_id, most)


def _remove_rows(session: Session, table: type[ReleaseItem | ReleaseExclusion], release_id: int, most: int) -> int:
    some = select(table.id).where(table.release_id == release_id).order_by(table.id).limit(most)
    removed: CursorResult[Any] = session.connection().execute(delete(table).where(table.id.in_(some)))
    return removed.rowcount
