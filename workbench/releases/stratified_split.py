"""Dealing groups of images out to splits: by their shares, and so that the splits resemble each other.

Iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011, "On the Stratification of Multi-Label Data", section 3) of groups
instead of single examples. A group is dealt whole; large ones come first, and among equals those with the rarest trait. It goes to a
split that has room for it, where it brings the traits of the split nearest to what its share of them would be.

What that reaches: no split is larger than its share by more than the largest group that found room nowhere, or by less than one image
where there is none.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from db.enums import Split

Traits = Mapping[str, Mapping[str, int]]
"""Of each image, how often it has which trait: `{"level complete": 2, "source demo": 1}`."""

SIZE = ""
"""The trait that every image has once."""


@dataclass
class _Splits:
    """How much of each trait lies in each split, and how much would be its share."""

    quotas: dict[Split, dict[str, float]]
    room: dict[Split, int]
    """Images that each split holds when all have their shares."""
    filled: dict[Split, Counter[str]]

    def put(self, split: Split, group: Counter[str]) -> None:
        self.filled[split].update(group)

    def best(self, group: Counter[str]) -> Split:
        """Where a group goes: of the splits with room for it the one that gains most, else the one with the most room."""
        left = {split: self.room[split] - self._size(split) for split in Split}
        roomy = [split for split in Split if left[split] >= group[SIZE]]
        return min(roomy, key=lambda split: self._cost(split, group)) if roomy else max(Split, key=left.__getitem__)

    def is_empty(self, split: Split) -> bool:
        return not self._size(split)

    def _size(self, split: Split) -> int:
        return self.filled[split][SIZE]

    def _cost(self, split: Split, group: Counter[str]) -> float:
        """By how much the split's chi-square distance from its share grows with the group; negative where it shrinks."""
        quotas, filled = self.quotas[split], self.filled[split]
        return sum(
            count * (2 * (filled[trait] - quotas[trait]) + count) / quotas[trait] for trait, count in group.items() if trait in quotas
        )


def deal(
    groups: Iterable[Sequence[str]],
    placed: Mapping[str, Split],
    traits: Traits,
    *,
    only_train: frozenset[str],
    shares: Mapping[Split, float],
    seed: int,
) -> Iterator[tuple[Sequence[str], Split]]:
    """Each group with its split.

    `placed` are the images that have theirs; shares are those of all images together. Groups of images that are all in `only_train` go
    to training. No split is left empty as long as there are groups to fill it: where one would be, the smallest go there first.
    """
    profiles = {tuple(group): _profile(group, traits) for group in groups}
    split_profiles = {split: _profile([name for name, own in placed.items() if own is split], traits) for split in Split}
    totals = sum([*profiles.values(), *split_profiles.values()], Counter())
    ordered = sorted(profiles, key=lambda group: _rank(group, profiles[group], totals, seed))
    teaching = [group for group in ordered if only_train.issuperset(group)]
    free = [group for group in ordered if not only_train.issuperset(group)]
    split_profiles[Split.TRAIN].update(sum((profiles[group] for group in teaching), Counter()))
    yield from ((group, Split.TRAIN) for group in teaching)
    for first in (0, len(Split)):
        splits = _Splits(_quotas(totals, shares), _room(totals[SIZE], shares), {split: Counter(split_profiles[split]) for split in Split})
        dealt = list(_deal_all(splits, free, profiles, first))
        if not any(map(splits.is_empty, Split)):
            break
    yield from dealt


def _deal_all(
    splits: _Splits, groups: Sequence[tuple[str, ...]], profiles: Mapping[tuple[str, ...], Counter[str]], first: int
) -> Iterator[tuple[Sequence[str], Split]]:
    """Groups in their order to the best splits, after up to `first` empty splits got a group each."""
    waiting = list(groups)
    for split in reversed([split for split in Split if splits.is_empty(split)][: min(first, len(waiting))]):
        group = waiting.pop(0 if split is Split.TRAIN else -1)
        splits.put(split, profiles[group])
        yield group, split
    for group in waiting:
        split = splits.best(profiles[group])
        splits.put(split, profiles[group])
        yield group, split


def _profile(group: Sequence[str], traits: Traits) -> Counter[str]:
    profile = Counter({SIZE: len(group)})
    for name in group:
        profile.update(traits.get(name, {}))
    return profile


def _quotas(totals: Counter[str], shares: Mapping[Split, float]) -> dict[Split, dict[str, float]]:
    """By split its share of each trait; a trait so rare that some split's share of it is less than one image is left to chance."""
    enough = 1 / min(shares.values())
    return {
        split: {trait: share * total for trait, total in totals.items() if trait == SIZE or total >= enough}
        for split, share in shares.items()
    }


def _room(count: int, shares: Mapping[Split, float]) -> dict[Split, int]:
    """Whole images for the shares, by largest remainders: together exactly `count`."""
    room = {split: math.floor(share * count + 1e-9) for split, share in shares.items()}
    by_remainder = sorted(Split, key=lambda split: room[split] - shares[split] * count)
    for split in by_remainder[: count - sum(room.values())]:
        room[split] += 1
    return room


def _rank(group: Sequence[str], profile: Counter[str], totals: Counter[str], seed: int) -> tuple[int, int, str]:
    """Large groups first, then those with the rarest trait; equals in an order that is nobody's choice."""
    return -len(group), min(totals[trait] for trait in profile), hashlib.sha256(f"{seed}:{group[0]}".encode()).hexdigest()
