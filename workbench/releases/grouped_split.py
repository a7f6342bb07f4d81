"""Arithmetic of partitions: what belongs together stays together, nobody moves, leaks are named.

The rules, in their order:

1. Images that are linked (near duplicates) or share a source (scenes composed from one photo), directly or through others,
   share a split.
2. An image that is bound to a split stays there for good. New images that belong to it join it.
3. A new image that belongs to bound images of several splits can join none of them without a leak: it is left out, with the reason.
   Of bound images that are found only later to belong together, and lie in different splits, the first stays and the rest is left out.
4. A new group whose images can only teach (`only_train`), because nothing can be measured against them, goes to training.
5. Where there are at least three groups, no split is left empty as long as other new groups are there to fill it: the smallest of
   them go there first. A single group goes to training, a second one to validation.
6. Every other new group, the larger first, goes to a split that has room for it, by `stratification`: where the levels, sources and
   numbers of instances then come nearest to the split's share of them. Equals are ordered by a hash, so the outcome depends neither
   on chance nor on the order of import.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from db.enums import Split
from workbench.errors import InvalidInputError
from workbench.releases.stratified_split import Traits, deal

SHARES = {Split.TRAIN: 0.8, Split.VALIDATION: 0.1, Split.TEST: 0.1}

Links = Iterable[tuple[str, str]]
Sources = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Bound:
    """Where an image stands: its group and its split."""

    group_key: str
    split: Split


@dataclass(frozen=True)
class Partition:
    """The images that can take part, each with its place, and the rest with the reason why not."""

    placed: dict[str, Bound]
    left_out: dict[str, str]


@dataclass(frozen=True)
class Leak:
    """Two images that belong together on two sides of a partition."""

    first: str
    second: str
    reason: str


def assign(
    images: Iterable[str],
    links: Links = (),
    *,
    sources: Sources | None = None,
    bound: Mapping[str, Bound] | None = None,
    only_train: Collection[str] = frozenset(),
    traits: Traits | None = None,
    shares: Mapping[Split, float] = SHARES,
    seed: int = 0,
) -> Partition:
    """Places for images by the rules above.

    `images` and the names in `links` are stable names (hashes of content); `sources` names what an image was composed from.
    `bound` holds the images that have a place already, in the order in which they got it, also those that take no part now.
    `only_train`: the images without anything to be measured against; one beside another that has it goes where that one goes.
    `traits`: what the splits are to have in equal parts, by image (see `stratification`).
    `shares` are positive and add up to 1. A new group's key is its first image's name.
    Raises InvalidInputError for shares that are no partition.
    """
    _check_shares(shares)
    images, bound = set(images), bound or {}
    order = {name: rank for rank, name in enumerate(bound)}
    neighbors = _neighbors(links, sources or {})
    torn = _torn(bound, neighbors)
    placed = {name: bound[name] for name in bound if name in images and name not in torn}
    left_out = {name: torn[name] for name in torn if name in images}
    free: list[list[str]] = []
    for names in _components(images - bound.keys(), neighbors, bound):
        newcomers = sorted(names & images)
        around = {other for name in names for other in neighbors[name]}
        anchors = sorted((around & bound.keys()) - torn.keys(), key=order.__getitem__)
        splits = {bound[anchor].split for anchor in anchors}
        if not splits:
            free.append(newcomers)
        elif len(splits) == 1:
            placed.update(dict.fromkeys(newcomers, bound[anchors[0]]))
        else:
            left_out.update(dict.fromkeys(newcomers, _refusal(splits)))
    kept = {name: place.split for name, place in placed.items()}
    for group, split in deal(free, kept, traits or {}, only_train=frozenset(only_train), shares=shares, seed=seed):
        placed.update(dict.fromkeys(group, Bound(group[0], split)))
    return Partition(placed, left_out)


def leaks(placed: Mapping[str, Bound], links: Links = (), *, sources: Sources | None = None) -> list[Leak]:
    """Pairs of images in different splits that share a group or a source, or are linked; empty where the partition is sound."""
    pairs = []
    for first, second in sorted({tuple(sorted(pair)) for pair in links}):
        if first in placed and second in placed and placed[first].split != placed[second].split:
            pairs.append(Leak(first, second, _sides("they resemble each other", placed[first], placed[second])))
    shared: dict[tuple[str, str], str] = {}
    for name in sorted(placed):
        marks = [("group", placed[name].group_key), *(("source", source) for source in (sources or {}).get(name, ()))]
        for mark in marks:
            other = shared.setdefault(mark, name)
            if placed[other].split != placed[name].split:
                pairs.append(Leak(other, name, _sides(f"they share the {mark[0]} {mark[1]}", placed[other], placed[name])))
    return pairs


def _sides(why: str, first: Bound, second: Bound) -> str:
    return f"{why}, but lie in {first.split} and in {second.split}"


def _refusal(splits: set[Split]) -> str:
    named = " and ".join(split for split in Split if split in splits)
    return f"belongs together with images of {named}; images that belong together may not lie in different splits"


def _neighbors(links: Links, sources: Sources) -> dict[str, set[str]]:
    """Who is linked with whom; a source is a node of its own between the images made from it."""
    neighbors: dict[str, set[str]] = defaultdict(set)
    marked = ((name, f"source:{source}") for name, made_from in sources.items() for source in made_from)
    for first, second in (*links, *marked):
        neighbors[first].add(second)
        neighbors[second].add(first)
    return neighbors


def _torn(bound: Mapping[str, Bound], neighbors: Mapping[str, set[str]]) -> dict[str, str]:
    """Bound images that a link found later joins to an earlier one of another split, with the reason (rule 3)."""
    torn: dict[str, str] = {}
    reached: dict[str, Split] = {}  # the split of every kept image and of the sources it was made from
    for name, place in bound.items():
        around = neighbors.get(name, set())
        foreign = {reached[other] for other in around if other in reached} - {place.split}
        if foreign:
            torn[name] = _refusal({place.split, *foreign})
        else:
            reached[name] = place.split
            reached.update((other, place.split) for other in around if other.startswith("source:"))
    return torn


def _components(newcomers: set[str], neighbors: Mapping[str, set[str]], bound: Mapping[str, Bound]) -> Iterator[set[str]]:
    """Newcomers that belong together, with the sources and the images without a part that join them; never through bound ones."""
    seen: set[str] = set()
    for start in sorted(newcomers):
        if start in seen:
            continue
        names, edge = {start}, [start]
        while edge:
            fresh = {other for other in neighbors.get(edge.pop(), ()) if other not in bound} - names
            names |= fresh
            edge.extend(fresh)
        seen |= names
        yield names


def _check_shares(shares: Mapping[Split, float]) -> None:
    if set(shares) != set(Split) or min(shares.values()) <= 0 or abs(sum(shares.values()) - 1) > 1e-9:
        told = ", ".join(f"{split} {share}" for split, share in shares.items())
        raise InvalidInputError(f"Shares are positive numbers for train, validation and test that add up to 1; got {told}.")
