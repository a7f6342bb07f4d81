"""How a release is chosen: the rules that a person writes, checked, as they are kept with the release."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from db.enums import CaptionLevel, Split
from workbench.errors import InvalidInputError
from workbench.releases.grouped_split import SHARES
from workbench.search import parse
from workbench.yaml_fields import Truth, one_of, part, told, validate

TARGETS = ("reference_first", "reference", "colorization")
"""The color target: the original's own colors, else the best accepted colorization; or only the one; or only the other.

That is in training. What a model is measured against, in validation and test, is always an original's own colors: a target that the
base itself painted would call every change a loss.
"""
REGIONS = ("where_grounded", "required", "none")
"""The masks of mentions: those that are there; or only descriptions with a mask take part; or none is released."""


def _query(text: str) -> str:
    try:
        parse(text)
    except InvalidInputError as refusal:
        raise ValueError(str(refusal)) from None
    return text


def _levels(levels: tuple[str, ...]) -> tuple[str, ...]:
    if not levels:
        raise ValueError(f"one level at least of {', '.join(CaptionLevel)} belongs here.")
    return levels


def _shares(shares: Any) -> Any:
    if not _are_shares(shares):
        raise ValueError(f"shares give train, validation and test a number each; got {told(shares)}.")
    return shares


def _foreign(entry: Any) -> Any:
    if not _is_foreign(entry):
        raise ValueError(f"a folder of images or a file of hashes belongs here; got {told(entry)}.")
    return entry


@dataclass(frozen=True)
class ReleaseRules:
    """How a release is chosen; all of it is kept with the release."""

    __pydantic_config__ = part("A set of release rules")

    query: Annotated[str, Field(strict=True), AfterValidator(_query)] = ""
    """Which images take part; empty: all."""
    levels: Annotated[tuple[Annotated[str, one_of(CaptionLevel)], ...], AfterValidator(_levels)] = tuple(CaptionLevel)
    target: Annotated[str, one_of(TARGETS)] = "reference_first"
    min_votes: Annotated[int, Field(strict=True, ge=0)] = 0
    """Votes that an accepted colorization needs to be a target."""
    simulated_votes: Truth = False
    """Whether simulated raters' votes count for that, and help to choose the best colorization."""
    regions: Annotated[str, one_of(REGIONS)] = "where_grounded"
    automatic_masks: Truth = False
    """Whether masks that a program found and nobody confirmed are released, and adherence measured in them helps to choose."""
    shares: Annotated[Any, AfterValidator(_shares)] = field(default_factory=lambda: {split.value: share for split, share in SHARES.items()})
    seed: Annotated[int, Field(strict=True)] = 0
    """Orders groups of equal size."""
    foreign: tuple[Annotated[Any, AfterValidator(_foreign)], ...] = ()
    """Images that must stay out: folders or files of hashes, and once they are kept {name, key, images} (see `foreign`)."""

    @classmethod
    def read(cls, content: Any) -> "ReleaseRules":
        """Rules from a mapping; parts left out take their defaults. Raises InvalidInputError that names each key at fault."""
        return validate(cls, content)

    def as_json(self) -> dict[str, Any]:
        """The rules as the store keeps them."""
        return {
            "query": self.query,
            "levels": [level.value for level in CaptionLevel if level in self.levels],
            "target": self.target,
            "min_votes": self.min_votes,
            "simulated_votes": self.simulated_votes,
            "regions": self.regions,
            "automatic_masks": self.automatic_masks,
            "shares": {split.value: self.shares[split] for split in Split},
            "seed": self.seed,
            "foreign": [_plain(entry) for entry in self.foreign],
        }


def _are_shares(shares: Any) -> bool:
    if not isinstance(shares, Mapping) or set(shares) != set(Split):
        return False
    return all(isinstance(share, int | float) and not isinstance(share, bool) and 0 <= share < math.inf for share in shares.values())


def _is_foreign(entry: Any) -> bool:
    return (isinstance(entry, str) and bool(entry.strip())) or (isinstance(entry, Mapping) and set(entry) == {"name", "key", "images"})


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value
