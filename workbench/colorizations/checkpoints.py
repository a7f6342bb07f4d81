"""Weights: where they lie, where they came from, and which of them colorizes by default."""

import hashlib
import importlib.util
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import now
from db.models import Checkpoint
from workbench.errors import ConflictError, InvalidInputError, MissingPartError, NotFoundError
from workbench.store import events, require, snapshots

MINI = "mini"
PROVENANCE = "checkpoint.json"
MINI_LOCATION = "embedded:mini"
CHUNK = 1 << 20


def folder_digest(folder: Path | str) -> str:
    """The name of a checkpoint's content: a SHA-256 over the sorted relative names and the bytes of its weights and configs.

    Left out are README files, `checkpoint.json`, where a push tells what is known of the weights, and everything whose name, or a folder's
    on the way, starts with a dot: none of them changes a pixel.
    Raises InvalidInputError where the folder is none or holds no such file.
    """
    folder = Path(folder)
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    names = [name for name in names if not _is_aside(name)]
    if not names:
        raise InvalidInputError(f"{folder} is no checkpoint: expected a folder with weights and configs.")
    digest = hashlib.sha256()
    for name in names:
        path = folder / name
        # A name's and a file's length stand before them, so that no two folders read the same.
        digest.update(f"{len(name.encode())}:{name}:{path.stat().st_size}:".encode())
        with path.open("rb") as stream:
            while block := stream.read(CHUNK):
                digest.update(block)
    return digest.hexdigest()


def _is_aside(name: str) -> bool:
    parts = name.split("/")
    return any(part.startswith(".") for part in parts) or parts[-1].lower().startswith("readme") or name == PROVENANCE


def register(
    session: Session,
    *,
    name: str,
    location: str,
    digest: str,
    parent_id: int | None = None,
    release_id: int | None = None,
    run_id: int | None = None,
    note: str = "",
    facts: Mapping[str, Any] | None = None,
    author: str = "workbench",
) -> Checkpoint:
    """Enter weights under a name; the same weights again return the row that is there.

    Raises InvalidInputError for an empty name and ConflictError where the name belongs to other weights.
    """
    if not name.strip():
        raise InvalidInputError("A checkpoint needs a name.")
    existing = session.scalar(select(Checkpoint).where(Checkpoint.digest == digest))
    if existing is not None:
        return existing
    if session.scalar(select(Checkpoint.id).where(Checkpoint.name == name)) is not None:
        raise ConflictError(f'The name "{name}" belongs to other weights; choose another name for these.')
    row = Checkpoint(
        name=name,
        location=location,
        digest=digest,
        parent_id=parent_id,
        release_id=release_id,
        run_id=run_id,
        note=note,
        facts=dict(facts or {}),
    )
    session.add(row)
    session.flush()
    after = snapshots.snapshot(session, "checkpoint", row.id)
    events.record(session, actor=author, action="create", subject="checkpoint", subject_id=row.id, before=None, after=after, run_id=run_id)
    return row


def get(session: Session, checkpoint_id: int) -> Checkpoint:
    """The checkpoint with an id; raises NotFoundError."""
    return require(session, Checkpoint, checkpoint_id)


def by_name(session: Session, name: str) -> Checkpoint:
    """The checkpoint of a name; raises NotFoundError that lists the names there are."""
    row = session.scalar(select(Checkpoint).where(Checkpoint.name == name))
    if row is None:
        known = ", ".join(session.scalars(select(Checkpoint.name).order_by(Checkpoint.id))) or "none yet"
        raise NotFoundError(f'There is no checkpoint "{name}"; there are: {known}.')
    return row


def default(session: Session) -> Checkpoint:
    """The checkpoint that colorizes unless another is named: the one promoted last, else the embedded one.

    Raises NotFoundError where neither is there.
    """
    promoted = select(Checkpoint).where(Checkpoint.promoted_at.is_not(None)).order_by(Checkpoint.promoted_at.desc(), Checkpoint.id.desc())
    embedded = select(Checkpoint).where(Checkpoint.location == MINI_LOCATION).order_by(Checkpoint.id.desc())
    row = session.scalar(promoted.limit(1)) or session.scalar(embedded.limit(1))
    if row is None:
        raise NotFoundError("There is no checkpoint yet; add one, or install the embedded one.")
    return row


def promote(session: Session, checkpoint_id: int, *, actor: str) -> Checkpoint:
    """Make a checkpoint the default; raises NotFoundError."""
    row = get(session, checkpoint_id)
    before = {"promoted_at": row.promoted_at}
    row.promoted_at = now()
    session.flush()
    after = {"promoted_at": row.promoted_at}
    events.record(session, actor=actor, action="promote", subject="checkpoint", subject_id=row.id, before=before, after=after)
    return row


def listing(session: Session) -> list[Checkpoint]:
    """All checkpoints, newest first."""
    return list(session.scalars(select(Checkpoint).order_by(Checkpoint.id.desc())))


def named(session: Session, name: str | None) -> Checkpoint:
    """The checkpoint of a name, or the default one; `mini` is the embedded one as it is installed, entered where it is not there yet.

    Raises NotFoundError for an unknown name and MissingPartError where the embedded weights are not installed.
    """
    if name in (None, MINI):
        embedded = ensure_mini(session)
        return embedded if name else default(session)
    return by_name(session, name)


def mini_folder() -> Path:
    """Where the embedded checkpoint lies, found without loading the model's code; raises MissingPartError."""
    spec = importlib.util.find_spec("lcad")
    for place in (spec.submodule_search_locations or []) if spec else []:
        folder = Path(place) / "checkpoints" / MINI
        if any(folder.rglob("*.safetensors")):
            return folder
    raise MissingPartError("The embedded checkpoint is not installed: the package lcad has no weights in checkpoints/mini. Reinstall it.")


def ensure_mini(session: Session) -> Checkpoint:
    """The embedded checkpoint, entered where it is not there yet.

    Another installed version gets a name of its own (`mini-` and its digest's start), so that what the old one made keeps its name.
    Raises MissingPartError where its weights are not installed.
    """
    digest = folder_digest(mini_folder())
    existing = session.scalar(select(Checkpoint).where(Checkpoint.digest == digest))
    if existing is not None:
        return existing
    taken = session.scalar(select(Checkpoint.id).where(Checkpoint.name == MINI)) is not None
    name = f"{MINI}-{digest[:8]}" if taken else MINI
    return register(session, name=name, location=MINI_LOCATION, digest=digest, note="The checkpoint that comes with the package.")
