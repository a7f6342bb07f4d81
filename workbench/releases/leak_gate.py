"""The splits of what was selected for a release: who stands where, which target each item has there, and the gate against leaks."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from sys import intern
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.enums import CaptionLevel, Split, TargetKind
from db.models import Image, Landmarks
from workbench.errors import ConflictError
from workbench.releases import decontamination, grouped_split, split_bindings
from workbench.releases.decontamination import Foreign
from workbench.releases.grouped_split import Bound, Partition
from workbench.releases.rules import ReleaseRules
from workbench.releases.selection import Candidate, Exclusion
from workbench.releases.split_bindings import Ties
from workbench.store import Opening, batches

UNMEASURED = "the original is gray, and {} measures against originals in color only"
MOST_INSTANCES = 3
"""Descriptions with more masks count with these."""


@dataclass(slots=True)
class Chosen:
    """What the splits must know of an image: whether it can be measured against, and what they are to have in equal parts."""

    has_reference: bool
    traits: Counter[str] = field(default_factory=Counter)

    def count(self, candidate: Candidate) -> None:
        """Take in one of the image's items."""
        self.traits[intern(f"source {candidate.source}")] = 1
        self.traits[intern(f"level {candidate.level}")] += 1
        self.traits[intern(f"instances {min(len(candidate.regions), MOST_INSTANCES)}")] += 1


@dataclass(frozen=True)
class Frozen:
    """An item of a release, by the names of `ReleaseItem`."""

    split: Split
    group_key: str
    image_id: int
    image_sha256: str
    file_name: str
    width: int
    height: int
    caption_id: int
    caption_text: str
    level: CaptionLevel
    target: TargetKind
    colorization_key: str | None
    source_key: str
    color_key: str
    regions: list[dict[str, Any]]
    choice: dict[str, Any] | None
    origins: dict[str, Any] | None


@dataclass(frozen=True)
class Placement:
    """Where images stand, and what the gate has looked at."""

    partition: Partition
    gate: dict[str, Any]

    def fit(self, candidates: Iterable[Candidate]) -> Iterator[Frozen | Exclusion]:
        """Items with their splits and the targets of these; for an image that has no place its reason, once."""
        told = None
        for candidate in candidates:
            fitting = self._fit(candidate)
            if isinstance(fitting, Exclusion):
                if told == fitting.image_sha256:
                    continue
                told = fitting.image_sha256
            yield fitting

    def _fit(self, candidate: Candidate) -> Frozen | Exclusion:
        sha256 = candidate.image_sha256
        place = self.partition.placed.get(sha256)
        if place is None:
            return Exclusion(sha256, self.partition.left_out[sha256])
        if place.split is not Split.TRAIN:
            if not candidate.has_reference:
                return Exclusion(sha256, UNMEASURED.format(place.split))
            original = {"target": TargetKind.REFERENCE, "colorization_key": None, "color_key": candidate.source_key, "choice": None}
            candidate = replace(candidate, **original)
        kept = {name: value for name, value in vars(candidate).items() if name not in ("source", "has_reference")}
        return Frozen(place.split, place.group_key, **kept)


def kept_out(session: Session, lists: Iterable[Foreign]) -> dict[str, str]:
    """Images that are foreign or resemble one that is, and scenes made from one, by SHA-256 and with the reason."""
    matches = decontamination.matches(session, lists)
    links: dict[str, set[str]] = defaultdict(set)
    for first, second in split_bindings.ties(session).links if matches else ():
        links[first].add(second)
        links[second].add(first)
    reached = dict(matches)
    edge = list(matches)
    while edge:
        name = edge.pop()
        for other in links[name] - reached.keys():
            reached[other] = f"it belongs together with image {name[:12]}, and that stays out: {matches.get(name) or reached[name]}"
            edge.append(other)
    return reached


def place(session: Session, images: Mapping[str, Chosen], rules: ReleaseRules, out: Mapping[str, str] | None = None) -> Placement:
    """The places of images, by SHA-256; a gray one can only teach. `out` may not be among them.

    The gate: raises ConflictError where images that belong together lie in different splits, or one stands in that must stay out.
    """
    ties = split_bindings.ties(session)
    partition = grouped_split.assign(
        images,
        ties.links,
        sources=ties.sources,
        bound=split_bindings.bound(session),
        only_train={sha256 for sha256, chosen in images.items() if not chosen.has_reference},
        traits={sha256: chosen.traits for sha256, chosen in images.items()},
        shares={split: rules.shares[split] for split in Split},
        seed=rules.seed,
    )
    leaks = grouped_split.leaks(partition.placed, ties.links, sources=ties.sources)
    named = [f"{leak.first[:12]} and {leak.second[:12]}: {leak.reason}" for leak in leaks]
    named += [f"{sha256[:12]}: {reason}" for sha256, reason in (out or {}).items() if sha256 in partition.placed]
    if named:
        raise ConflictError(f"The splits would leak in {len(named)} places, so nothing was bound or released. {'; '.join(named[:5])}.")
    return Placement(partition, _looked_at(partition.placed, ties) | {"uncompared": _uncompared(session, partition.placed)})


def _uncompared(session: Session, placed: Mapping[str, Bound]) -> int:
    """How many of the placed images were not yet compared with the others for crops."""
    compared = select(func.count(Landmarks.image_id)).join(Image, Image.id == Landmarks.image_id)
    return len(placed) - sum(session.scalar(compared.where(Image.sha256.in_(some))) or 0 for some in batches(placed))


def _looked_at(placed: Mapping[str, Bound], ties: Ties) -> dict[str, Any]:
    """How many ties among the placed images none of which crosses the splits."""
    pairs = {tuple(sorted(pair)) for pair in ties.links if pair[0] in placed and pair[1] in placed}
    sources = {source for name, own in ties.sources.items() if name in placed for source in own}
    return {
        "images": len(placed),
        "groups": len({place.group_key for place in placed.values()}),
        "pairs": len(pairs),
        "sources": len(sources),
    }


def settle(images: Mapping[str, bool], *, reading: Opening, writing: Opening) -> dict[str, Split]:
    """Bind images (by SHA-256, with whether they have a reference) to splits for good, as a release of all of them would, some at a time.

    Returns the split of each; one that belongs together with images of several splits is not among them. Raises ConflictError where a
    release bound one elsewhere meanwhile.
    """
    chosen = {sha256: Chosen(has_reference) for sha256, has_reference in images.items()}
    with reading() as session:
        placed = place(session, chosen, ReleaseRules()).partition.placed
    for names in batches(sorted(placed)):
        with writing() as session:
            split_bindings.bind(session, {name: placed[name] for name in names})
    return {sha256: bound.split for sha256, bound in placed.items()}
