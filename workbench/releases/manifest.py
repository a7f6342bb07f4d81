"""The text of a release: one line of JSON an item, in one order, so that equal contents have equal hashes."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from types import SimpleNamespace
from typing import Any, Protocol

from db.enums import Split

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
    "origins",
)
"""What an item is; ids of rows are no part of it, so that a copy of a store gives the same manifest."""

Key = tuple[str, str]
REWRITTEN = 0.6
"""From this likeness of words on a description counts as rewritten: one word of four may differ."""


class Item(Protocol):
    """Anything with the FIELDS of an item: a row, one that is about to be frozen, or one read from a manifest."""

    @property
    def image_sha256(self) -> str: ...
    @property
    def caption_text(self) -> str: ...
    @property
    def file_name(self) -> str: ...
    @property
    def group_key(self) -> str: ...
    @property
    def split(self) -> Split: ...
    @property
    def source_key(self) -> str: ...
    @property
    def color_key(self) -> str: ...


@dataclass(frozen=True)
class ItemChange:
    """One item that differs: the image's SHA-256 and file name, the caption, and what of it was and is."""

    image_sha256: str
    caption_text: str
    file_name: str
    what: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    """By field its value before and after; of regions their number. Empty for an item that came or went as a whole.

    Of a description that was rewritten `caption_text` is what it says now, and here is what it said.
    """


@dataclass(frozen=True)
class Difference:
    """How one release differs from another."""

    added: list[ItemChange] = field(default_factory=list)
    removed: list[ItemChange] = field(default_factory=list)
    moved: list[ItemChange] = field(default_factory=list)
    """In another split."""
    changed: list[ItemChange] = field(default_factory=list)
    """Other words, level, target, regions, files or origins; an item may have moved as well."""

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.moved or self.changed)

    def counts(self) -> dict[str, int]:
        """How many items of each kind."""
        return {name: len(changes) for name, changes in vars(self).items()}


def record_of(item: Item) -> dict[str, Any]:
    """What an item is, as JSON holds it; of items that were frozen before origins were kept there are none."""
    record = {name: getattr(value, "value", value) for name in FIELDS for value in [getattr(item, name, None)]}
    return record if record["origins"] is not None else {name: record[name] for name in FIELDS if name != "origins"}


def key_of(item: Item) -> Key:
    """Where an item stands in its manifest."""
    return item.image_sha256, item.caption_text


def lines(items: Iterable[Item]) -> Iterator[bytes]:
    """The manifest's lines of items that come in the order of `key_of`."""
    for item in items:
        yield json.dumps(record_of(item), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def items_of(manifest: Iterable[bytes]) -> Iterator[Item]:
    """The items of a manifest's lines."""
    for line in manifest:
        yield SimpleNamespace(**json.loads(line))


def digest(manifest: Iterable[bytes]) -> str:
    """The SHA-256 of a manifest, given in pieces."""
    hasher = hashlib.sha256()
    for piece in manifest:
        hasher.update(piece)
    return hasher.hexdigest()


def compare(before: Iterable[Item], after: Iterable[Item]) -> Difference:
    """How `after` differs from `before`, both in the order of `key_of`; neither is held in memory."""
    difference, gone, come = Difference(), list[Item](), list[Item]()
    for old, new in _side_by_side(iter(before), iter(after)):
        waiting = gone or come
        if waiting and waiting[0].image_sha256 not in [item.image_sha256 for item in (old, new) if item is not None]:
            _sort_out(gone, come, difference)
        if old is not None and new is not None:
            _compare_two(old, new, difference)
        elif new is not None:
            come.append(new)
        elif old is not None:
            gone.append(old)
    _sort_out(gone, come, difference)
    return difference


def _sort_out(gone: list[Item], come: list[Item], difference: Difference) -> None:
    """Enter what one image lost and got: descriptions of the same row, or that share most words, were rewritten; the rest went and came."""
    pairs = [(_likeness(old, new), old, new) for old in gone for new in come]
    for likeness, old, new in sorted(pairs, key=lambda pair: -pair[0]):
        if likeness >= REWRITTEN and old in gone and new in come:
            gone.remove(old)
            come.remove(new)
            _compare_two(old, new, difference)
    difference.removed.extend(ItemChange(*key_of(old), old.file_name) for old in gone)
    difference.added.extend(ItemChange(*key_of(new), new.file_name) for new in come)
    gone.clear()
    come.clear()


def _likeness(old: Item, new: Item) -> float:
    """How far a description is the other one rewritten: 2 where it is the same row of the store, else by their words, in [0, 1]."""
    row = getattr(old, "caption_id", None)
    if row is not None and row == getattr(new, "caption_id", None):
        return 2.0
    return SequenceMatcher(None, old.caption_text.lower().split(), new.caption_text.lower().split(), autojunk=False).ratio()


def _side_by_side(before: Iterator[Item], after: Iterator[Item]) -> Iterator[tuple[Item | None, Item | None]]:
    """Items of two sorted sequences with the same key together, others beside None."""
    old, new = next(before, None), next(after, None)
    while old is not None or new is not None:
        if new is None or (old is not None and key_of(old) < key_of(new)):
            yield old, None
            old = next(before, None)
        elif old is None or key_of(new) < key_of(old):
            yield None, new
            new = next(after, None)
        else:
            yield old, new
            old, new = next(before, None), next(after, None)


def _compare_two(old: Item, new: Item, difference: Difference) -> None:
    was, now = record_of(old), record_of(new)
    if was["split"] != now["split"]:
        difference.moved.append(ItemChange(*key_of(new), new.file_name, {"split": (was["split"], now["split"])}))
    if "origins" not in was or "origins" not in now:  # the older one was frozen before they were kept
        was, now = _without_origins(was), _without_origins(now)
    what = {name: (was[name], now[name]) for name in was if was[name] != now[name] and name not in ("split", "group_key")}
    if "regions" in what:
        what["regions"] = (len(was["regions"]), len(now["regions"]))
    if "origins" in what:
        what |= _changed_origins(*what.pop("origins"))
    if what:
        difference.changed.append(ItemChange(*key_of(new), new.file_name, what))


def _without_origins(record: dict[str, Any]) -> dict[str, Any]:
    regions = [{name: value for name, value in region.items() if name != "origin"} for region in record["regions"]]
    return {**{name: value for name, value in record.items() if name != "origins"}, "regions": regions}


def _changed_origins(was: dict[str, Any], now: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What differs in origins, part by part."""
    return {name: (was.get(name), now.get(name)) for name in {**was, **now} if was.get(name) != now.get(name)}


def next_version(before: str | None, difference: Difference) -> str:
    """The version by Croissant's rule: additions alone are minor; edits, removals and moves across splits are major.

    The first version is 1.0.0. Where the manifest differs in nothing that a reader of the items sees, the last number grows.
    """
    if before is None:
        return "1.0.0"
    major, minor, patch = (int(part) for part in before.split("."))
    if difference.removed or difference.moved or difference.changed:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if difference.added else f"{major}.{minor}.{patch + 1}"
