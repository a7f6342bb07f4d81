"""Whether a release is as it was frozen: every byte of its files, every line of its manifest, and its splits."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy.orm import Session

from db.models import Release
from workbench.releases import grouped_split, manifest, read
from workbench.releases.grouped_split import Bound
from workbench.releases.manifest import Item
from workbench.store import MediaStore

MOST = 20
"""Problems of the manifest that are named one by one."""
EVERY = 200
"""Files between two words about the progress."""

Progress = Callable[[int, int], None]
"""Called with files done and files in all."""


@dataclass(frozen=True)
class Problem:
    """Something about a release that is not as it was frozen."""

    subject: str
    """A media key, or `manifest`, or `splits`."""
    reason: str


def verify(session: Session, media: MediaStore, release_id: int, *, progress: Progress | None = None) -> list[Problem]:
    """What is no longer as it was frozen; empty where the release is sound. Raises NotFoundError."""
    release = read.by_id(session, release_id)
    keys: set[str] = {kept["key"] for kept in release.rules.get("foreign", [])}
    problems = [*_splits(_noting(read.stream(session, release_id), keys)), *_manifest(session, media, release)]
    for done, key in enumerate(sorted(keys), 1):
        if not media.exists(key):
            problems.append(Problem(key, "the file is missing"))
        elif not media.verify(key):
            problems.append(Problem(key, "the file's bytes are no longer those of its name"))
        if progress is not None and (done % EVERY == 0 or done == len(keys)):
            progress(done, len(keys))
    return problems


def _noting(items: Iterable[Item], keys: set[str]) -> Iterator[Item]:
    for item in items:
        keys.update((item.source_key, item.color_key))
        yield item


def _splits(items: Iterable[Item]) -> Iterator[Problem]:
    places: dict[str, Bound] = {}
    for item in items:
        place = Bound(item.group_key, item.split)
        if places.setdefault(item.image_sha256, place) != place:
            yield Problem("splits", f"image {item.image_sha256} lies in {places[item.image_sha256].split} and in {item.split}")
    for leak in grouped_split.leaks(places):
        yield Problem("splits", f"{leak.first} and {leak.second}: {leak.reason}")


def _manifest(session: Session, media: MediaStore, release: Release) -> list[Problem]:
    """What differs between the rows of the store, the manifest that was kept, and the hash that was frozen."""
    key = read.manifest_key(release)
    digest = manifest.digest(manifest.lines(read.stream(session, release.id)))
    kept = media.exists(key)
    if kept and media.verify(key):
        if digest == release.manifest_hash:
            return []
        with media.open(key) as file:
            return _rows(manifest.compare(manifest.items_of(file), read.stream(session, release.id)), digest, release)
    if not kept:
        problems = [Problem("manifest", f"its file {key} is missing")]
    else:
        rows_are_sound = digest == release.manifest_hash
        wrong = _lines(session, media, release) if rows_are_sound else ""
        problems = [Problem("manifest", f"the bytes of its file {key} were changed{wrong}")]
    if digest != release.manifest_hash:
        problems.append(Problem("manifest", f"the hash of the store's items is {digest}, but {release.manifest_hash} was frozen"))
    return problems


def _rows(difference: manifest.Difference, digest: str, release: Release) -> list[Problem]:
    """The store's items that are not those of the manifest, by name."""
    named = [f"{_item(change)} was not frozen, but is there" for change in difference.added]
    named += [f"{_item(change)} was frozen, but is gone" for change in difference.removed]
    for change in (*difference.moved, *difference.changed):
        what = ", ".join(f"{name} is {now!r} instead of {was!r}" for name, (was, now) in change.what.items())
        named.append(f"{_item(change)}: {what}")
    if not named:
        named = [f"the hash of the store's items is {digest}, but {release.manifest_hash} was frozen: groups differ"]
    more = [f"and {len(named) - MOST:,} more items"] if len(named) > MOST else []
    return [Problem("manifest", text) for text in (*named[:MOST], *more)]


def _item(change: manifest.ItemChange) -> str:
    return f'image {change.image_sha256[:12]} ({change.file_name}), "{change.caption_text}"'


def _lines(session: Session, media: MediaStore, release: Release) -> str:
    """Which lines of the kept file are not those of the store's sound items."""
    wrong, number = [], 0
    with media.open(read.manifest_key(release)) as file:
        for number, line in enumerate(manifest.lines(read.stream(session, release.id)), 1):
            if file.readline() != line:
                wrong.append(number)
        rest = bool(file.read(1))
    if rest:
        wrong.append(number + 1)
    return f", first in line {wrong[0]:,} ({len(wrong):,} in all)" if wrong else ""
