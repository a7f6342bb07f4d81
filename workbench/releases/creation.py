"""Choosing a release: by rule, split without leaks, versioned, and kept with its manifest; `entering` makes it one of the store.

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

from sqlalchemy.orm import Session

from db.models import Release
from workbench.errors import InvalidInputError, NotFoundError
from workbench.releases import decontamination, leak_gate, read
from workbench.releases import manifest as manifests
from workbench.releases.grouped_split import Bound
from workbench.releases.leak_gate import Chosen, Frozen, Placement
from workbench.releases.manifest import Difference
from workbench.releases.rules import ReleaseRules
from workbench.releases.selection import Asked, Candidate, Exclusion, select_items
from workbench.releases.statements import read_statements
from workbench.store import MediaStore, Spool

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True)
class Ready:
    """A release that is chosen, split and checked, and waits to be entered; `same` is the version that holds just this already."""

    release: Release
    items: Spool[Frozen]
    left_out: Spool[Exclusion]
    without_items: Mapping[str, Bound]
    """Places of images, by SHA-256, that belong to images of the release and have no item in it themselves."""
    since: int | None = None
    """The id of the newest release of its name, with which it was compared."""
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
        placed, unnamed = _choose(session, media, chosen, items, left_out)
        release.manifest_hash = _write(manifest, items)
        newest = read.newest(session, name)
        if newest is not None and newest.manifest_hash == release.manifest_hash:
            yield Ready(newest, items, left_out, {}, same=newest.id)
            return
        _require_files(media, items)
        difference = manifests.compare(read.stream(session, newest.id), items) if newest is not None else Difference()
        release.version = manifests.next_version(newest.version if newest is not None else None, difference)
        changes = {"since": newest.version, **difference.counts()} if newest is not None else None
        release.facts = {"changes": changes, "gate": placed.gate, "statements": said}
        release.facts |= {"unnamed": unnamed} if unnamed else {}
        media.put_file(Path(manifest.name), ".jsonl")
        yield Ready(release, items, left_out, _without_items(placed, items), since=newest.id if newest is not None else None)


def _choose(
    session: Session, media: MediaStore, rules: ReleaseRules, items: Spool[Frozen], left_out: Spool[Exclusion]
) -> tuple[Placement, dict[str, int]]:
    """Put the items in their splits, in the manifest's order, and everything else to what is left out.

    Told beside the places is by reason how much is not named.
    """
    lists = [decontamination.load(media, kept) for kept in rules.foreign]
    out, asked = leak_gate.kept_out(session, lists), Asked.by(session, rules)
    images: dict[str, Chosen] = {}
    with Spool[Candidate]() as candidates:
        for candidate in select_items(session, rules, out, asked):
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
        raise InvalidInputError(f"Nothing is left to release. {_why(left_out, asked.told(rules))}")
    placed.gate["foreign"] = [kept["name"] for kept in rules.foreign]
    placed.gate["kept_out"] = len(out)
    return placed, asked.told(rules)


def _without_items(placed: Placement, items: Iterable[Frozen]) -> dict[str, Bound]:
    released = {item.image_sha256 for item in items}
    return {sha256: place for sha256, place in placed.partition.placed.items() if sha256 not in released}


def _why(left_out: Iterable[Exclusion], unnamed: Mapping[str, int]) -> str:
    reasons = (Counter(unnamed) + Counter(exclusion.reason for exclusion in left_out)).most_common(4)
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
