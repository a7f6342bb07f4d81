"""Files written from releases, whole or not at all."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Export, Release
from workbench import releases
from workbench.errors import ConflictError, InvalidInputError
from workbench.exports.atomic_folder import CHECKSUMS, atomic_folder, checked_files
from workbench.exports.croissant import croissant
from workbench.exports.dataset_card import card, release_json
from workbench.exports.formats import coco, imagefolder, label_studio, lcad, parquet, sd_scripts, webdataset
from workbench.exports.items import Items
from workbench.exports.provenance import tell
from workbench.releases import Problem
from workbench.store import MediaStore, events, snapshots

FORMATS = {
    "imagefolder": imagefolder.write,
    "webdataset": webdataset.write,
    "coco": coco.write,
    "lcad": lcad.write,
    "sd-scripts": sd_scripts.write,
    "parquet": parquet.write,
    "label-studio": label_studio.write,
}

Progress = Callable[[int, int], None]
"""Called with items done and items in all."""


@dataclass(frozen=True)
class ExportedFiles:
    """What lies in an export's folder."""

    files: int
    bytes: int


def write(
    session: Session,
    media: MediaStore,
    release_id: int,
    format: str,  # noqa: A002  (the word of the command line)
    folder: Path | str,
    *,
    actor: str = "workbench",
    run_id: int | None = None,
    progress: Progress | None = None,
) -> Export:
    """Write a release into a new folder and enter the export; the same export again changes nothing.

    Holds the session's transaction for the whole time: a job writes with `write_files` in a reader's session and then enters it
    with `record` in a writer's. Raises as `write_files` does.
    """
    exported = write_files(session, media, release_id, format, folder, progress=progress)
    return record(session, release_id, format, folder, exported, actor=actor, run_id=run_id)


def write_files(
    session: Session,
    media: MediaStore,
    release_id: int,
    format: str,  # noqa: A002
    folder: Path | str,
    *,
    keep_metadata: bool = False,
    progress: Progress | None = None,
) -> ExportedFiles:
    """Write a release's files in one of FORMATS, with `release.json`, a card, Croissant metadata and checksums; only reads the store.

    The folder appears when everything is in it. Where the same release lies there already in the same format, unchanged, nothing is
    written. Without `keep_metadata` the pictures' files tell nothing of where, when and by whom they were taken. Raises
    InvalidInputError for an unknown format, ConflictError where something else is in the folder or a media file's bytes were changed,
    NotFoundError for an unknown release or a missing file.
    """
    if format not in FORMATS:
        raise InvalidInputError(f'There is no export format "{format}"; there are {", ".join(FORMATS)}.')
    release, target = releases.by_id(session, release_id), Path(folder)
    existing = _present(release, format, target, keep_metadata)
    if existing is not None:
        return existing
    summary = releases.summary(session, release_id)
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None:
            progress(done, summary.items)

    with atomic_folder(target, media, keep_metadata=keep_metadata) as files:
        FORMATS[format](files, Items(partial(releases.stream, session, release_id), advance))
        story = tell(session, release)
        files.write("croissant.json", croissant(release, summary, story, format, files.parts), part=False)
        files.write("README.md", card(release, summary, story, format), part=False)
        files.write("release.json", release_json(release, summary, format, keep_metadata=keep_metadata), part=False)
    return ExportedFiles(files.files, files.total_bytes)


def _present(release: Release, layout: str, target: Path, keep_metadata: bool) -> ExportedFiles | None:
    """What lies in the folder if it is this export, sound; None where the folder is free."""
    if not target.exists() or (target.is_dir() and not any(target.iterdir())):
        return None
    named = target / "release.json"
    if named.is_file() and (target / CHECKSUMS).is_file():
        manifest = json.loads(named.read_text(encoding="utf-8"))
        same = (manifest.get("manifest_hash"), manifest.get("version"), manifest.get("format")) == (
            release.manifest_hash,
            release.version,
            layout,
        )
        same = same and bool(manifest.get("keeps_metadata")) == keep_metadata
        if same and not verify_folder(target):
            sizes = [path.stat().st_size for path in target.rglob("*") if path.is_file()]
            return ExportedFiles(len(sizes), sum(sizes))
    raise ConflictError(f"{target} is taken by something else than {release.name} {release.version} as {layout}; name a new folder.")


def record(
    session: Session,
    release_id: int,
    format: str,  # noqa: A002
    folder: Path | str,
    exported: ExportedFiles,
    *,
    actor: str = "workbench",
    run_id: int | None = None,
) -> Export:
    """Enter an export that was written; the same one again returns the row that is there, brought up to date."""
    release, location = releases.by_id(session, release_id), str(Path(folder).resolve())
    row = session.scalar(select(Export).where(Export.release_id == release_id, Export.format == format, Export.location == location))
    if row is not None:
        row.files, row.bytes = exported.files, exported.bytes
        session.flush()
        return row
    row = Export(
        release_id=release_id,
        format=format,
        location=location,
        files=exported.files,
        bytes=exported.bytes,
        manifest_hash=release.manifest_hash,
        run_id=run_id,
    )
    session.add(row)
    session.flush()
    after = snapshots.snapshot(session, "export", row.id)
    events.record(session, actor=actor, action="export", subject="export", subject_id=row.id, before=None, after=after, run_id=run_id)
    return row


def listing(session: Session, release_id: int | None = None) -> list[Export]:
    """All exports, newest first, or those of one release."""
    statement = select(Export).order_by(Export.id.desc())
    return list(session.scalars(statement if release_id is None else statement.where(Export.release_id == release_id)))


def verify_folder(folder: Path | str) -> list[Problem]:
    """Every file of an export that is missing, changed or foreign; empty where it is whole.

    Raises InvalidInputError where the folder is no export.
    """
    folder = Path(folder)
    if not (folder / CHECKSUMS).is_file():
        raise InvalidInputError(f"{folder} is no export: it has no {CHECKSUMS}.")
    return [Problem(name, reason) for name, reason in checked_files(folder) if reason is not None]
