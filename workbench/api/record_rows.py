"""Rows of the store's records: studies, releases, checkpoints, runs. They take no query."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Checkpoint, Rating, Release, ReleaseItem, Run, Study, Trial
from workbench.api.library_rows import plain

OF_STUDY = ("id", "name", "question", "method", "status", "votes_per_trial", "created_at", "opened_at", "closed_at")
OF_RELEASE = ("id", "name", "version", "manifest_hash", "note", "author", "created_at")
OF_CHECKPOINT = ("id", "name", "digest", "note", "facts", "created_at", "promoted_at")
OF_RUN = (
    "id", "job", "status", "requested_by", "parameters", "total", "done", "failed", "skipped", "message", "summary", "created_at",
    "started_at", "finished_at",
)  # fmt: skip


def studies(session: Session, _query: str, after_id: int | None, limit: int) -> list[dict[str, Any]]:
    """All studies, by id."""
    whole = select(Study).where(Study.entering_at.is_(None), Study.id > (after_id or 0))
    rows = session.scalars(whole.order_by(Study.id).limit(limit)).all()
    ids = [row.id for row in rows]
    of_study = select(Trial.study_id, func.count(Trial.id)).where(Trial.study_id.in_(ids)).group_by(Trial.study_id)
    trials = dict(session.execute(of_study).all())
    given = select(Trial.study_id, func.count(Rating.id)).join(Rating, Rating.trial_id == Trial.id)
    ratings = dict(session.execute(given.where(Trial.study_id.in_(ids)).group_by(Trial.study_id)).all())
    return [plain(row, OF_STUDY) | {"trials": trials.get(row.id, 0), "ratings": ratings.get(row.id, 0)} for row in rows]


def releases(session: Session, _query: str, after_id: int | None, limit: int) -> list[dict[str, Any]]:
    """All releases, by id."""
    whole = select(Release).where(Release.entering_at.is_(None), Release.id > (after_id or 0))
    rows = session.scalars(whole.order_by(Release.id).limit(limit)).all()
    counted = select(ReleaseItem.release_id, func.count(ReleaseItem.id), func.count(ReleaseItem.image_sha256.distinct()))
    of_rows = counted.where(ReleaseItem.release_id.in_([row.id for row in rows])).group_by(ReleaseItem.release_id)
    sizes = {key: (items, images) for key, items, images in session.execute(of_rows)}
    return [plain(row, OF_RELEASE) | dict(zip(("items", "images"), sizes.get(row.id, (0, 0)), strict=True)) for row in rows]


def checkpoints(session: Session, _query: str, after_id: int | None, limit: int) -> list[dict[str, Any]]:
    """All checkpoints, by id."""
    rows = session.scalars(select(Checkpoint).where(Checkpoint.id > (after_id or 0)).order_by(Checkpoint.id).limit(limit)).all()
    named = dict(session.execute(select(Checkpoint.id, Checkpoint.name)).all())
    released = {key: f"{name} {version}" for key, name, version in session.execute(select(Release.id, Release.name, Release.version))}
    return [plain(row, OF_CHECKPOINT) | {"parent": named.get(row.parent_id), "release": released.get(row.release_id)} for row in rows]


def runs(session: Session, _query: str, after_id: int | None, limit: int) -> list[dict[str, Any]]:
    """All runs, by id."""
    rows = session.scalars(select(Run).where(Run.id > (after_id or 0)).order_by(Run.id).limit(limit))
    return [plain(row, OF_RUN) for row in rows]
