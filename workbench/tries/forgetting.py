"""Forgetting tries: of one that is not kept no file stays, and its run no longer says what was asked."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db.base import now
from db.models import Colorization, Image, Run
from workbench import runs
from workbench.store import MediaStore
from workbench.tries.asking import JOB

OLD = timedelta(hours=1)
"""A try whose page was left open, or closed, for so long is forgotten with the next one."""
BARE = {"picture": "", "captions": {}, "seeds": [], "settings": {}}


def forget(session: Session, media: MediaStore, run_id: int, *, actor: str) -> None:
    """Stop a try and remove its files; what was kept of it stays, and so does what its run says of that."""
    run = runs.get(session, run_id)
    if run.status not in runs.ENDED:
        runs.cancel(session, run_id, actor=actor)
    _discard(session, media, run, files_of(run.parameters, run.summary))
    kept = session.scalar(select(Colorization.id).where(Colorization.run_id == run_id).limit(1)) is not None
    run.parameters = {**run.parameters, **({"picture": ""} if kept else {**BARE, "image_id": None, "sha256": ""})}
    run.summary = {}
    session.flush()


def forget_old(session: Session, media: MediaStore, *, actor: str) -> int:
    """Forget the tries that nobody came back to; return how many there were."""
    old_runs = select(Run).where(Run.job == JOB, Run.created_at < now() - OLD).order_by(Run.id.desc()).limit(200)
    left = [run for run in session.scalars(old_runs) if run.parameters["picture"] or run.summary]
    for run in left:
        forget(session, media, run.id, actor=actor)
    return len(left)


def drop_files(session: Session, media: MediaStore, run_id: int, summary: Mapping[str, Any]) -> None:
    """Remove the files that a summary names, which a worker had made when the try was already forgotten."""
    _discard(session, media, runs.get(session, run_id), files_of(BARE, summary))


def _discard(session: Session, media: MediaStore, run: Run, keys: set[str]) -> None:
    for key in sorted(keys):
        if not _needed(session, run, key):
            media.discard(key)


def files_of(parameters: Mapping[str, Any], summary: Mapping[str, Any]) -> set[str]:
    """The media files that a try has of its own: its results and maps, and the picture where it is none of the library's."""
    cells = {cell["key"] for cell in summary.get("cells", {}).values()}
    maps = {phrase[name] for phrase in summary.get("phrases", []) for name in ("heat", "mask")}
    own = {parameters["picture"]} if parameters["picture"] and parameters.get("image_id") is None else set()
    return cells | maps | own


def _needed(session: Session, run: Run, key: str) -> bool:
    """Whether the library, or another try, has the same file."""
    if session.scalar(select(Colorization.id).where(Colorization.media_key == key).limit(1)) is not None:
        return True
    if session.scalar(select(Image.id).where(or_(Image.media_key == key, Image.upright_key == key)).limit(1)) is not None:
        return True
    others = session.scalars(select(Run).where(Run.job == JOB, Run.id != run.id, Run.created_at > now() - 2 * OLD))
    return any(key in files_of(other.parameters, other.summary) for other in others)
