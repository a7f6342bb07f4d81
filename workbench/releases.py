"""Frozen datasets: chosen by rule, explained, split without leaks, versioned, and checked byte by byte."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, Split
from db.models import Release, ReleaseExclusion, ReleaseItem
from workbench import events, manifests, placement, records, split_assignments, splits
from workbench.batches import BATCH, batches
from workbench.errors import ConflictError, InvalidInputError, NotFoundError
from workbench.manifests import Difference
from workbench.media import MediaStore
from workbench.selection import Candidate, Exclusion, Rules, select_items
from workbench.splits import Bound

__all__ = [
    "Difference",
    "Problem",
    "Summary",
    "by_id",
    "create",
    "diff",
    "exclusions",
    "get",
    "items",
    "listing",
    "manifest",
    "stream",
    "summary",
    "verify",
]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True)
class Problem:
    """Something about a release that is not as it was frozen."""

    subject: str
    """A media key, or `manifest`, or `splits`."""
    reason: str


@dataclass(frozen=True)
class Summary:
    """A release in numbers."""

    items: int
    images: int
    by_split: dict[str, dict[str, int]]
    """Items by split, then by level; every split and level is there."""
    targets: dict[str, int]
    excluded: dict[str, int]
    """How many things are left out, by reason, the most frequent first."""


def create(
    session: Session,
    media: MediaStore,
    *,
    name: str,
    rules: Mapping[str, Any] | None = None,
    author: str,
    note: str = "",
    run_id: int | None = None,
) -> Release:
    """Freeze what the rules choose now; where that is what the newest version holds already, that version is returned.

    `rules` as `selection.Rules` reads them. Images are bound to their splits for good by this. The version follows Croissant's rule.
    Raises InvalidInputError for bad rules or where nothing is left to release, NotFoundError where a chosen file is missing from the
    media store, and ConflictError where the splits would leak.
    """
    if not NAME.fullmatch(name):
        raise InvalidInputError(f'"{name}" is no name for a release; use letters, digits, dots, dashes and underscores.')
    chosen = Rules.read(rules or {})
    selection = select_items(session, chosen)
    placed = placement.place(session, chosen, selection)
    if not selection.candidates:
        raise InvalidInputError(f"Nothing is left to release. {_why(selection.exclusions)}")
    frozen = sorted((_item(candidate, placed[candidate.image.sha256]) for candidate in selection.candidates), key=manifests.sort_key)
    manifest_hash = manifests.digest(manifests.lines(frozen))
    newest = _newest(session, name)
    if newest is not None and newest.manifest_hash == manifest_hash:
        return newest
    _require_files(media, frozen)
    difference = manifests.compare(stream(session, newest.id), frozen) if newest is not None else Difference()
    version = manifests.next_version(newest.version if newest is not None else None, difference)
    release = Release(
        name=name, version=version, manifest_hash=manifest_hash, rules=chosen.as_json(), note=note, author=author, run_id=run_id
    )
    _store(session, release, frozen, selection.exclusions)
    split_assignments.bind(session, placed)
    after = records.snapshot(session, "release", release.id)
    events.record(session, actor=author, action="create", subject="release", subject_id=release.id, before=None, after=after, run_id=run_id)
    return release


def _why(left_out: Sequence[Exclusion]) -> str:
    if not left_out:
        return "The store holds no images; import some first."
    reasons = Counter(exclusion.reason for exclusion in left_out).most_common(4)
    return "Left out: " + "; ".join(f"{count} × {reason}" for reason, count in reasons) + "."


def _item(candidate: Candidate, place: Bound) -> ReleaseItem:
    return ReleaseItem(
        split=place.split,
        group_key=place.group_key,
        image_id=candidate.image.id,
        image_sha256=candidate.image.sha256,
        file_name=candidate.image.file_name,
        width=candidate.image.width,
        height=candidate.image.height,
        caption_id=candidate.caption.id,
        caption_text=candidate.caption.text,
        level=candidate.caption.level,
        target=candidate.target,
        colorization_key=candidate.colorization_key,
        source_key=candidate.image.upright_key,
        color_key=candidate.color_key,
        regions=candidate.regions,
    )


def _require_files(media: MediaStore, frozen: Sequence[ReleaseItem]) -> None:
    keys = sorted({key for item in frozen for key in (item.source_key, item.color_key)})
    missing = [key for key in keys if not media.exists(key)]
    if missing:
        raise NotFoundError(f"{len(missing)} files of the release are missing from the media store, the first of them {missing[0]}.")


def _store(session: Session, release: Release, frozen: Sequence[ReleaseItem], left_out: Sequence[Exclusion]) -> None:
    try:
        with session.begin_nested():
            session.add(release)
    except IntegrityError:
        raise ConflictError(f"{release.name} {release.version} was released by somebody else just now; look at it first.") from None
    columns = [column.key for column in ReleaseItem.__table__.columns if column.key not in ("id", "release_id")]
    for some in batches(frozen):
        session.execute(
            insert(ReleaseItem), [{"release_id": release.id} | {name: getattr(item, name) for name in columns} for item in some]
        )
    for some in batches(left_out):
        session.execute(
            insert(ReleaseExclusion),
            [
                {"release_id": release.id, "image_sha256": row.image_sha256, "caption_text": row.caption_text, "reason": row.reason}
                for row in some
            ],
        )


def _newest(session: Session, name: str) -> Release | None:
    return session.scalar(select(Release).where(Release.name == name).order_by(Release.id.desc()).limit(1))


def by_id(session: Session, release_id: int) -> Release:
    """The release with an id; raises NotFoundError."""
    release = session.get(Release, release_id)
    if release is None:
        raise NotFoundError(f"There is no release {release_id}.")
    return release


def get(session: Session, name: str, version: str | None = None) -> Release:
    """A release by name and version, the newest without a version; raises NotFoundError that lists what there is."""
    found = _newest(session, name)
    if found is not None and version is not None:
        found = session.scalar(select(Release).where(Release.name == name, Release.version == version))
    if found is None:
        known = ", ".join(f"{row.name} {row.version}" for row in listing(session)) or "none yet"
        raise NotFoundError(f"There is no release {name} {version or ''}".rstrip() + f"; there are: {known}.")
    return found


def listing(session: Session, *, name: str | None = None) -> list[Release]:
    """All releases, newest first, or those of one name."""
    wanted = select(Release).order_by(Release.id.desc())
    return list(session.scalars(wanted if name is None else wanted.where(Release.name == name)))


def items(
    session: Session, release_id: int, split: Split | str | None = None, *, after_id: int | None = None, limit: int | None = None
) -> list[ReleaseItem]:
    """Items in the manifest's order, of one split or all, from after `after_id` on. Raises NotFoundError."""
    by_id(session, release_id)
    wanted = select(ReleaseItem).where(ReleaseItem.release_id == release_id).order_by(ReleaseItem.id).limit(limit)
    if split is not None:
        wanted = wanted.where(ReleaseItem.split == _split(split))
    if after_id is not None:
        wanted = wanted.where(ReleaseItem.id > after_id)
    return list(session.scalars(wanted))


def _split(split: Split | str) -> Split:
    try:
        return Split(split)
    except ValueError:
        raise InvalidInputError(f'There is no split "{split}"; there are {", ".join(Split)}.') from None


def stream(session: Session, release_id: int, split: Split | str | None = None) -> Iterator[ReleaseItem]:
    """All items in the manifest's order, read in pieces and forgotten by the session again."""
    after_id = None
    while piece := items(session, release_id, split, after_id=after_id, limit=BATCH):
        after_id = piece[-1].id
        for item in piece:
            yield item
            session.expunge(item)


def exclusions(session: Session, release_id: int, *, after_id: int | None = None, limit: int | None = None) -> list[ReleaseExclusion]:
    """What the release leaves out, with the reasons, in the order of images."""
    wanted = select(ReleaseExclusion).where(ReleaseExclusion.release_id == release_id).order_by(ReleaseExclusion.id).limit(limit)
    return list(session.scalars(wanted if after_id is None else wanted.where(ReleaseExclusion.id > after_id)))


def summary(session: Session, release_id: int) -> Summary:
    """A release in numbers; raises NotFoundError."""
    by_id(session, release_id)
    by_split = {split.value: {level.value: 0 for level in CaptionLevel} for split in Split}
    of_release = ReleaseItem.release_id == release_id
    grouped = select(ReleaseItem.split, ReleaseItem.level, func.count()).where(of_release).group_by(ReleaseItem.split, ReleaseItem.level)
    for split, level, count in session.execute(grouped):
        by_split[split][level] = count
    targets = session.execute(select(ReleaseItem.target, func.count()).where(of_release).group_by(ReleaseItem.target))
    reasons = select(ReleaseExclusion.reason, func.count()).where(ReleaseExclusion.release_id == release_id)
    reasons = reasons.group_by(ReleaseExclusion.reason).order_by(func.count().desc(), ReleaseExclusion.reason)
    return Summary(
        items=sum(sum(levels.values()) for levels in by_split.values()),
        images=session.scalar(select(func.count(ReleaseItem.image_sha256.distinct())).where(of_release)),
        by_split=by_split,
        targets={target.value: count for target, count in targets},
        excluded=dict(session.execute(reasons).all()),
    )


def manifest(session: Session, release_id: int) -> bytes:
    """The manifest: one line of JSON an item, sorted by image and caption; its SHA-256 is the release's `manifest_hash`."""
    return b"".join(manifests.lines(stream(session, release_id)))


def diff(session: Session, a: int, b: int) -> Difference:
    """How release `b` differs from release `a`, both given by id; raises NotFoundError."""
    by_id(session, a), by_id(session, b)
    return manifests.compare(stream(session, a), stream(session, b))


def verify(session: Session, media: MediaStore, release_id: int) -> list[Problem]:
    """What is no longer as it was frozen: every file's bytes, the manifest, and the splits; empty where the release is sound."""
    release = by_id(session, release_id)
    problems = []
    keys: set[str] = set()
    places: dict[str, Bound] = {}
    for item in stream(session, release_id):
        keys |= {item.source_key, item.color_key}
        place = Bound(item.group_key, item.split)
        if places.setdefault(item.image_sha256, place) != place:
            problems.append(Problem("splits", f"image {item.image_sha256} lies in {places[item.image_sha256].split} and in {item.split}"))
    problems += [Problem("splits", f"{leak.first} and {leak.second}: {leak.reason}") for leak in splits.leaks(places)]
    found = manifests.digest(manifests.lines(stream(session, release_id)))
    if found != release.manifest_hash:
        problems.append(Problem("manifest", f"its hash is {found}, but {release.manifest_hash} was frozen"))
    for key in sorted(keys):
        if not media.exists(key):
            problems.append(Problem(key, "the file is missing"))
        elif not media.verify(key):
            problems.append(Problem(key, "the file's bytes are no longer those of its name"))
    return problems
