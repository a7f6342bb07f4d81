"""The text of a release: one line of JSON an item, in one order, so that equal contents have equal hashes."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from db.models import ReleaseItem

__all__ = ["Difference", "compare", "digest", "lines", "next_version", "record_of"]

FIELDS = (
    "split",
    "group_key",
    "image_sha256",
    "file_name",
    "width",
    "height",
    "caption_text",
    "level",
    "target",
    "colorization_key",
    "source_key",
    "color_key",
    "regions",
)
"""What an item is; ids of rows are no part of it, so that a copy of a store gives the same manifest."""

Key = tuple[str, str]


@dataclass(frozen=True)
class Difference:
    """How one release differs from another; each thing is (image SHA-256, caption)."""

    added: list[Key] = field(default_factory=list)
    removed: list[Key] = field(default_factory=list)
    moved: list[Key] = field(default_factory=list)
    """In another split."""
    changed: list[Key] = field(default_factory=list)
    """Other level, target, regions or files."""

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.moved or self.changed)


def record_of(item: ReleaseItem) -> dict[str, Any]:
    """What an item is, as JSON holds it."""
    return {name: getattr(value, "value", value) for name in FIELDS for value in [getattr(item, name)]}


def sort_key(item: ReleaseItem) -> Key:
    """Where an item stands in its manifest."""
    return item.image_sha256, item.caption_text


def lines(items: Iterable[ReleaseItem]) -> Iterator[bytes]:
    """The manifest's lines of items that come in the order of `sort_key`."""
    for item in items:
        yield json.dumps(record_of(item), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def digest(manifest: Iterable[bytes]) -> str:
    """The SHA-256 of a manifest, given in pieces."""
    found = hashlib.sha256()
    for piece in manifest:
        found.update(piece)
    return found.hexdigest()


def compare(before: Iterable[ReleaseItem], after: Iterable[ReleaseItem]) -> Difference:
    """How `after` differs from `before`."""
    old = {sort_key(item): _short(item) for item in before}
    found = Difference()
    for item in after:
        key, (split, content) = sort_key(item), _short(item)
        if key not in old:
            found.added.append(key)
            continue
        old_split, old_content = old.pop(key)
        if split != old_split:
            found.moved.append(key)
        if content != old_content:
            found.changed.append(key)
    found.removed.extend(old)
    return found


def _short(item: ReleaseItem) -> tuple[str, bytes]:
    """An item's split, and a hash of the rest: a comparison of many items holds hashes, not masks."""
    record: Mapping[str, Any] = {name: value for name, value in record_of(item).items() if name not in ("split", "group_key")}
    return str(item.split), hashlib.sha256(json.dumps(record, sort_keys=True).encode()).digest()


def next_version(before: str | None, difference: Difference) -> str:
    """The version by Croissant's rule: additions alone are minor; edits, removals and moves across splits are major.

    The first version is 1.0.0; without any difference the version stays.
    """
    if before is None:
        return "1.0.0"
    major, minor, patch = (int(part) for part in before.split("."))
    if difference.removed or difference.moved or difference.changed:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if difference.added else f"{major}.{minor}.{patch}"
