"""Copies of a store that can be made while people work, and the way back.

A backup is a folder: `workbench.sqlite`, consistent at one moment; `media/`, to which each further backup adds only what is new, since
files are named by their content and never change; `checkpoints/`; and `backup.json`, written last, which says what belongs together.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from db import schema
from db.base import now
from db.copies import copy_database, without_side_files
from db.session import connect, transaction
from workbench.errors import ConflictError, InvalidInputError, NotFoundError
from workbench.settings import Settings
from workbench.store import MediaStore, atomic_file, sync_folder
from workbench.upkeep.integrity import database_damages
from workbench.upkeep.media_in_use import keys_in_use

__all__ = ["Backup", "back_up", "restore"]

Progress = Callable[[int, int], None]
DATABASE, LIST, MEDIA, CHECKPOINTS = "workbench.sqlite", "backup.json", "media", "checkpoints"


@dataclass(frozen=True)
class Backup:
    """What a backup holds; `copied` of its `files` came with this one."""

    schema: str
    database_sha256: str
    files: int
    copied: int
    bytes: int
    made_at: str


def back_up(settings: Settings, folder: Path, *, progress: Progress | None = None) -> Backup:
    """Copy a store into a folder, or bring an earlier backup there up to date; people and workers go on meanwhile.

    What was there stays until the new database is complete beside it. Raises InvalidInputError for a store on PostgreSQL and for a folder
    that holds something else, ConflictError where a media file of the store is missing or changed: such a backup would restore a hole.
    """
    source = _database_of(settings)
    if folder.exists() and any(folder.iterdir()) and not (folder / LIST).is_file() and not (folder / DATABASE).is_file():
        raise InvalidInputError(f"{folder} holds something else than a backup; name a new folder.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    incoming = folder / f".incoming-{DATABASE}"
    copy_database(source, incoming)
    engines = connect(f"sqlite:///{incoming}")
    try:
        version = schema.current(engines.reader)
        with transaction(engines.reader) as session:
            keys = sorted(keys_in_use(session))
            required = keys_in_use(session, history=False)
    finally:
        engines.dispose()
    without_side_files(incoming)
    copied, size = _copy_media(MediaStore(settings.media_url), folder / MEDIA, keys, required, progress)
    _copy_tree(settings.checkpoints, folder / CHECKPOINTS)
    backup = Backup(str(version), _sha256(incoming), len(keys), copied, size, now().isoformat())
    os.replace(incoming, folder / DATABASE)
    with atomic_file(folder / LIST, durable=True) as stream:
        stream.write(json.dumps(asdict(backup), indent=1).encode())
    return backup


def restore(folder: Path, settings: Settings, *, progress: Progress | None = None) -> Backup:
    """Make a store of a backup, in a home where there is none; every file is checked as it is copied.

    Runs that were at work are queued again by the first worker. Raises NotFoundError where the folder is no backup, ConflictError where
    the home has a store, InvalidInputError for a damaged backup or one of a newer version.
    """
    if not (folder / LIST).is_file() or not (folder / DATABASE).is_file():
        raise NotFoundError(f"{folder} is no backup: it has no {LIST} or no {DATABASE}.")
    target = _database_of(settings, must_exist=False)
    if target.exists():
        raise ConflictError(f"There is a store at {settings.home} already; name another home (--home), or move that one away.")
    backup = Backup(**json.loads((folder / LIST).read_text(encoding="utf-8")))
    _require_sound(folder, backup)
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    copy = settings.home / f".incoming-{DATABASE}"
    copy_database(folder / DATABASE, copy)
    engines = connect(f"sqlite:///{copy}")
    try:
        with transaction(engines.reader) as session:
            keys, required = sorted(keys_in_use(session)), keys_in_use(session, history=False)
    finally:
        engines.dispose()
    without_side_files(copy)
    _put_media(MediaStore(str(folder / MEDIA)), MediaStore(settings.media_url), keys, required, progress)
    _copy_tree(folder / CHECKPOINTS, settings.checkpoints)
    os.replace(copy, target)
    sync_folder(target.parent)
    return backup


def _database_of(settings: Settings, *, must_exist: bool = True) -> Path:
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise InvalidInputError(
            "This store's database is a server's: back it up with pg_dump, and restore it with pg_restore, while the workers are stopped; "
            "media files can be copied at any time, for they never change."
        )
    if must_exist and not Path(url.database).exists():
        raise NotFoundError(f"There is no store at {settings.home}.")
    return Path(url.database)


def _require_sound(folder: Path, backup: Backup) -> None:
    if _sha256(folder / DATABASE) != backup.database_sha256:
        raise InvalidInputError(f"{folder / DATABASE} is not the file that {LIST} names: it was changed, or a backup was cut short.")
    if broken := database_damages(f"sqlite:///{folder / DATABASE}", "the backup"):
        raise InvalidInputError(f"The backup's database is damaged: {broken[0].reason}")
    if backup.schema > schema.head():
        raise InvalidInputError(f"The backup was made by a newer version (schema {backup.schema}); install that version first.")


def _copy_media(media: MediaStore, target: Path, keys: list[str], required: set[str], progress: Progress | None) -> tuple[int, int]:
    """Copy the files that are not there yet; return how many, and the bytes of all."""
    kept = MediaStore(str(target))
    copied = 0
    for done, key in enumerate(keys, 1):
        if not kept.exists(key):
            copied += _carry(media, kept, key, needed=key in required)
        if progress is not None:
            progress(done, len(keys))
    return copied, sum(stored.size for stored in kept.listing())


def _put_media(kept: MediaStore, media: MediaStore, keys: list[str], required: set[str], progress: Progress | None) -> None:
    for done, key in enumerate(keys, 1):
        _carry(kept, media, key, needed=key in required)
        if progress is not None:
            progress(done, len(keys))


def _carry(source: MediaStore, target: MediaStore, key: str, *, needed: bool) -> bool:
    """Copy one file; one that only an undo could bring back may be gone."""
    try:
        content = source.read(key)
    except NotFoundError:
        if needed:
            raise ConflictError(f"The file {key} is missing from {source.url}; `workbench doctor --deep` tells what is damaged.") from None
        return False
    digest = hashlib.sha256(content).hexdigest()
    if digest != Path(key).stem:
        raise ConflictError(f"The file {key} in {source.url} was changed; `workbench doctor --deep` tells what is damaged.")
    target.put(content, Path(key).suffix, digest=digest)
    return True


def _copy_tree(source: Path, target: Path) -> None:
    """Copy the files of a folder that are not there in the same size and of the same time."""
    for path in sorted(source.rglob("*")) if source.is_dir() else ():
        copy = target / path.relative_to(source)
        if path.is_file() and not (copy.is_file() and _alike(path, copy)):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copy)


def _alike(one: Path, other: Path) -> bool:
    first, second = one.stat(), other.stat()
    return (first.st_size, int(first.st_mtime)) == (second.st_size, int(second.st_mtime))


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
