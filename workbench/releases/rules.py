"""How a release is chosen: the rules that a person writes, checked, as they are kept with the release."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from db.enums import CaptionLevel, Split
from workbench.errors import InvalidInputError
from workbench.releases.grouped_split import SHARES
from workbench.search import parse

TARGETS = ("reference_first", "reference", "colorization")
"""The color target: the original's own colors, else the best accepted colorization; or only the one; or only the other.

That is in training. What a model is measured against, in validation and test, is always an original's own colors: a target that the
base itself painted would call every change a loss.
"""
REGIONS = ("where_grounded", "required", "none")
"""The masks of mentions: those that are there; or only descriptions with a mask take part; or none is released."""


@dataclass(frozen=True)
class Rules:
    """How a release is chosen; all of it is kept with the release."""

    query: str = ""
    """Which images take part; empty: all."""
    levels: tuple[str, ...] = tuple(CaptionLevel)
    target: str = "reference_first"
    min_votes: int = 0
    """Votes that an accepted colorization needs to be a target."""
    simulated_votes: bool = False
    """Whether simulated raters' votes count for that, and help to choose the best colorization."""
    regions: str = "where_grounded"
    shares: Mapping[str, float] = field(default_factory=lambda: {split.value: share for split, share in SHARES.items()})
    seed: int = 0
    """Orders groups of equal size."""
    foreign: tuple[Any, ...] = ()
    """Images that must stay out: folders or files of hashes, and once they are kept {name, key, images} (see `foreign`)."""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "Rules":
        """Rules from a mapping; parts left out take their defaults. Raises InvalidInputError that names what is wrong."""
        if not isinstance(given, Mapping):
            raise InvalidInputError(f"Release rules are a mapping of their parts; got {given!r}.")
        known = {part.name for part in fields(cls)}
        unknown = set(given) - known
        if unknown:
            named = ", ".join(sorted(known))
            raise InvalidInputError(f'Release rules have no part "{min(unknown, key=str)}"; they have {named}.')
        parts: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
        rules = cls(**parts)
        rules._check()
        parse(rules.query)
        return rules

    def _check(self) -> None:
        if not isinstance(self.levels, tuple) or not self.levels or any(level not in list(CaptionLevel) for level in self.levels):
            raise InvalidInputError(f"Levels are a list of {', '.join(CaptionLevel)}; got {_plain(self.levels)!r}.")
        for name, known in (("target", TARGETS), ("regions", REGIONS)):
            if getattr(self, name) not in known:
                raise InvalidInputError(f'`{name}` cannot be "{getattr(self, name)}"; it is one of {", ".join(known)}.')
        if not isinstance(self.simulated_votes, bool):
            raise InvalidInputError(f"`simulated_votes` is true or false; got {self.simulated_votes!r}.")
        if not _is_whole(self.seed) or not isinstance(self.query, str):
            raise InvalidInputError(f"`seed` is a whole number and `query` a text; got {self.seed!r} and {self.query!r}.")
        if not _is_whole(self.min_votes) or self.min_votes < 0:
            raise InvalidInputError(f"`min_votes` is a whole number from 0 on; got {self.min_votes!r}.")
        if not _are_shares(self.shares):
            raise InvalidInputError(f"`shares` gives train, validation and test a number each; got {self.shares!r}.")
        if not isinstance(self.foreign, tuple) or not all(map(_is_foreign, self.foreign)):
            raise InvalidInputError(f"`foreign` is a list of folders of images and files of hashes; got {_plain(self.foreign)!r}.")

    def as_json(self) -> dict[str, Any]:
        """The rules as the store keeps them."""
        return {
            "query": self.query,
            "levels": [level.value for level in CaptionLevel if level in self.levels],
            "target": self.target,
            "min_votes": self.min_votes,
            "simulated_votes": self.simulated_votes,
            "regions": self.regions,
            "shares": {split.value: self.shares[split] for split in Split},
            "seed": self.seed,
            "foreign": [_plain(entry) for entry in self.foreign],
        }


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_shares(given: Any) -> bool:
    if not isinstance(given, Mapping) or set(given) != set(Split):
        return False
    return all(isinstance(share, int | float) and not isinstance(share, bool) and 0 <= share < math.inf for share in given.values())


def _is_foreign(entry: Any) -> bool:
    return (isinstance(entry, str) and bool(entry.strip())) or (isinstance(entry, Mapping) and set(entry) == {"name", "key", "images"})


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value
