"""Making a release: chosen by rule, split without leaks, versioned, and kept with its manifest, changes and lineage.

Nothing but the names and traits of the images is held in memory: what is selected waits on disk for its splits.
"""

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.models import Release, ReleaseExclusion, ReleaseItem
from workbench.errors import ConflictError, InvalidInputError, NotFoundError
from workbench.releases import decontamination, leak_gate, lineage, read, split_bindings
from workbench.releases import manifest as manifests
from workbench.releases.grouped_split import Bound
from workbench.releases.leak_gate import Chosen, Frozen, Placement
from workbench.releases.manifest import Difference
from workbench.releases.rules import ReleaseRules
from workbench.releases.selection import Candidate, Exclusion, select_items
from workbench.releases.statements import read_statements
from workbench.store import MediaStore, Spool, batches, events, snapshots

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
ROWS = 2000
"""Rows of one insert."""


@dataclass(frozen=True)
class Ready:
    """A release that is chosen, split and checked, and waits to be entered; `same` is the version that holds just this already."""

    release: Release
    items: Spool[Frozen]
    left_out: Spool[Exclusion]
    placed: Mapping[str, Bound]
    same: int | None = None


@contextmanager
def prepared(
    session: Session,
    media: MediaStore,
    *,
    name: str,
    rules: Mapping[str, Any] | None = None,
    author: str,
    note: str = "",
    statements: Mapping[str, object] | None = None,
    run_id: int | None = None,
) -> Iterator[Ready]:
    """Choose what a release will hold, and keep its manifest; the store's rows are only read, so that nobody waits to write meanwhile.

    `statements` are what its card says beside what the store knows (`statements.STATEMENTS`).
    Raises InvalidInputError for bad rules or where nothing is left to release, UnreadableFileError for foreign images that cannot be
    read, NotFoundError where a chosen file is missing from the media store, and ConflictError where the splits would leak.
    """
    if not NAME.fullmatch(name):
        raise InvalidInputError(f'"{name}" is no name for a release; use letters, digits, dots, dashes and underscores.')
    chosen = ReleaseRules.read(rules or {})
    chosen = replace(chosen, foreign=tuple(decontamination.keep(media, entry) for entry in chosen.foreign))
    release = Release(name=name, manifest_hash="", version="", rules=chosen.as_json(), note=note, author=author, run_id=run_id)
    said = read_statements(statements or {})
    with Spool() as items, Spool() as left_out, tempfile.NamedTemporaryFile(suffix=".jsonl") as manifest:
        placed = _choose(session, media, chosen, items, left_out)
        release.manifest_hash = _write(manifest, items)
        newest = read.newest(session, name)
        if newest is not None and newest.manifest_hash == release.manifest_hash:
            yield Ready(newest, items, left_out, {}, newest.id)
            return
        _require_files(media, items)
        difference = manifests.compare(read.stream(session, newest.id), items) if newest is not None else Difference()
        release.version = manifests.next_version(newest.version if newest is not None else None, difference)
        changes = {"since": newest.version, **difference.counts()} if newest is not None else None
        release.facts = {"changes": changes, "gate": placed.gate, "statements": said}
        media.put_file(Path(manifest.name), ".jsonl")
        yield Ready(release, items, left_out, placed.partition.placed)


def enter(session: Session, ready: Ready) -> Release:
    """Enter a prepared release; where its newest version holds just this already, that version is returned.

    Images are bound to their splits for good by this. Raises ConflictError where the store was changed meanwhile so that the release is no
    longer what the rules choose: another one came first, an image was bound to another split, or an image or a caption is gone.
    """
    if ready.same is not None:
        return read.by_id(session, ready.same)
    release = ready.release
    _store(session, release, ready.items, ready.left_out)
    split_bindings.bind(session, ready.placed)
    _require_bound(session, ready.placed)
    release.facts = {**release.facts, "lineage": lineage.trace(session, release.id)}
    session.flush()
    named: dict[str, Any] = {"actor": release.author, "subject": "release", "subject_id": release.id, "run_id": release.run_id}
    events.record(session, action="create", before=None, after=snapshots.snapshot(session, "release", release.id), **named)
    return release


def create(session: Session, media: MediaStore, **chosen: Any) -> Release:
    """Prepare a release and enter it in one transaction, which is held for all of it; takes and raises what `prepared` does.

    The version follows Croissant's rule.
    """
    with prepared(session, media, **chosen) as ready:
        return enter(session, ready)


def _require_bound(session: Session, placed: Mapping[str, Bound]) -> None:
    for sha256, place in split_bindings.bound(session).items():
        if sha256 in placed and placed[sha256].split != place.split:
            raise ConflictError(
                f"Image {sha256[:12]} was bound to {place.split} by another release just now; create this one again, it will fit in."
            )


def _choose(session: Session, media: MediaStore, rules: ReleaseRules, items: Spool[Frozen], left_out: Spool[Exclusion]) -> Placement:
    """Put the items in their splits, in the manifest's order, and everything else to what is left out."""
    lists = [decontamination.load(media, kept) for kept in rules.foreign]
    out = leak_gate.kept_out(session, lists)
    images: dict[str, Chosen] = {}
    with Spool[Candidate]() as candidates:
        for candidate in select_items(session, rules, out):
            if isinstance(candidate, Exclusion):
                left_out.add(candidate)
            else:
                candidates.add(candidate)
                images.setdefault(candidate.image_sha256, Chosen(candidate.has_reference)).count(candidate)
        placed = leak_gate.place(session, images, rules, out)
        for item in placed.fit(candidates):
            if isinstance(item, Exclusion):
                left_out.add(item)
            else:
                items.add(item)
    if not len(items):
        raise InvalidInputError(f"Nothing is left to release. {_why(left_out)}")
    placed.gate["foreign"] = [kept["name"] for kept in rules.foreign]
    placed.gate["kept_out"] = len(out)
    return placed


def _why(left_out: Iterable[Exclusion]) -> str:
    reasons = Counter(exclusion.reason for exclusion in left_out).most_common(4)
    if not reasons:
        return "The store holds no images; import some first."
    return "Left out: " + "; ".join(f"{count} × {reason}" for reason, count in reasons) + "."


def _write(manifest: Any, items: Iterable[Frozen]) -> str:
    """Write the manifest into an open file; return its hash."""

    def rows():
        for line in manifests.lines(items):
            manifest.write(line)
            yield line

    digest = manifests.digest(rows())
    manifest.flush()
    return digest


def _require_files(media: MediaStore, items: Iterable[Frozen]) -> None:
    missing, looked_at = [], ""
    for item in items:
        for key in {item.source_key, item.color_key}:
            if key != looked_at and not media.exists(key):
                missing.append(key)
        looked_at = item.source_key
    if missing:
        raise NotFoundError(
            f"{len(set(missing))} files of the release are missing from the media store, the first of them {min(missing)}. "
            "`workbench doctor` lists what is missing; import these images again or leave them out by a query."
        )


def _store(session: Session, release: Release, items: Iterable[Frozen], left_out: Iterable[Exclusion]) -> None:
    try:
        with session.begin_nested():
            session.add(release)
    except IntegrityError:
        raise ConflictError(f"{release.name} {release.version} was released by somebody else just now; look at it first.") from None
    own = {"release_id": release.id}
    try:
        with session.begin_nested():
            for some in batches(items, ROWS):
                session.execute(insert(ReleaseItem), [own | vars(item) for item in some])
            for some in batches(left_out, ROWS):
                session.execute(insert(ReleaseExclusion), [own | vars(row) for row in some])
    except IntegrityError:
        raise ConflictError("An image or a caption of the release was removed while it was chosen; create it again.") from None
