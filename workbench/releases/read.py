"""What is frozen, read: releases, their items and what they leave out."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, Split
from db.models import Release, ReleaseExclusion, ReleaseItem
from workbench.errors import InvalidInputError, NotFoundError
from workbench.releases import manifest as manifests
from workbench.releases.manifest import Difference
from workbench.store import BATCH, require


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


def whole() -> Select[Any]:
    """All releases but those that are being entered."""
    return select(Release).where(Release.entering_at.is_(None))


def newest(session: Session, name: str) -> Release | None:
    """The newest release of a name; None where there is none."""
    return session.scalar(whole().where(Release.name == name).order_by(Release.id.desc()).limit(1))


def by_id(session: Session, release_id: int) -> Release:
    """The release with an id; raises NotFoundError."""
    release = require(session, Release, release_id)
    if release.entering_at is not None:
        raise NotFoundError(f"There is no release {release_id} yet: it is being entered.")
    return release


def get(session: Session, name: str, version: str | None = None) -> Release:
    """A release by name and version, the newest without a version; raises NotFoundError that lists what there is."""
    release = newest(session, name)
    if release is not None and version is not None:
        release = session.scalar(whole().where(Release.name == name, Release.version == version))
    if release is None:
        known = ", ".join(f"{row.name} {row.version}" for row in listing(session)) or "none yet"
        raise NotFoundError(f"There is no release {name} {version or ''}".rstrip() + f"; there are: {known}.")
    return release


def listing(session: Session, *, name: str | None = None) -> list[Release]:
    """All releases, newest first, or those of one name."""
    statement = whole().order_by(Release.id.desc())
    return list(session.scalars(statement if name is None else statement.where(Release.name == name)))


def items(
    session: Session, release_id: int, split: Split | str | None = None, *, after_id: int | None = None, limit: int | None = None
) -> list[ReleaseItem]:
    """Items in the manifest's order, of one split or all, from after `after_id` on. Raises NotFoundError."""
    by_id(session, release_id)
    statement = select(ReleaseItem).where(ReleaseItem.release_id == release_id).order_by(ReleaseItem.id).limit(limit)
    if split is not None:
        statement = statement.where(ReleaseItem.split == _split(split))
    if after_id is not None:
        statement = statement.where(ReleaseItem.id > after_id)
    return list(session.scalars(statement))


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
            if item in session:  # two streams of one release share their items
                session.expunge(item)


def exclusions(session: Session, release_id: int, *, after_id: int | None = None, limit: int | None = None) -> list[ReleaseExclusion]:
    """What the release leaves out, with the reasons, in the order of images; those of which it keeps the number alone are not among it."""
    statement = select(ReleaseExclusion).where(ReleaseExclusion.release_id == release_id).order_by(ReleaseExclusion.id).limit(limit)
    return list(session.scalars(statement if after_id is None else statement.where(ReleaseExclusion.id > after_id)))


def summary(session: Session, release_id: int) -> Summary:
    """A release in numbers; raises NotFoundError."""
    unnamed = by_id(session, release_id).facts.get("unnamed", {})
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
        images=session.execute(select(func.count(ReleaseItem.image_sha256.distinct())).where(of_release)).scalar_one(),
        by_split=by_split,
        targets={target.value: count for target, count in targets},
        excluded=dict((Counter(dict(session.execute(reasons).all())) + Counter(unnamed)).most_common()),
    )


def manifest_bytes(session: Session, release_id: int) -> bytes:
    """The manifest: one line of JSON an item, sorted by image and caption; its SHA-256 is the release's `manifest_hash`."""
    return b"".join(manifests.lines(stream(session, release_id)))


def manifest_key(release: Release) -> str:
    """The media key under which the manifest was kept when the release was frozen."""
    return f"{release.manifest_hash[:2]}/{release.manifest_hash}.jsonl"


def diff(session: Session, a: int, b: int) -> Difference:
    """How release `b` differs from release `a`, both given by id; raises NotFoundError."""
    by_id(session, a), by_id(session, b)
    return manifests.compare(stream(session, a), stream(session, b))
