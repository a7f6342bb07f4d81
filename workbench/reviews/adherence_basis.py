"""What masks a colorization's adherence was measured in: only some of them can say something that the coloring did not make true itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from db.enums import PERSON_ORIGINS, RegionOrigin
from db.models import Colorization

AUTOMATIC_ORIGINS = (RegionOrigin.SAM, RegionOrigin.GRABCUT)
"""Masks that a program found and nobody has confirmed."""


class Basis(StrEnum):
    """Where adherence was measured."""

    PERSON = "person"
    INDEPENDENT = "independent"
    STEERING = "steering"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Measured:
    """An adherence and the masks in which it was measured; both None where it was not measured."""

    value: float | None
    basis: Basis | None


NOT_MEASURED = Measured(None, None)


def facts_of(origins: Sequence[RegionOrigin], *, steered: bool, independent: float | None = None) -> dict[str, object]:
    """The part of a colorization's facts that says whose masks it was measured in, and whether the same ones steered its colors.

    `independent` is the adherence in masks that were found in another way than those that steered, where there are any.
    """
    known: dict[str, object] = {"mask_origins": sorted({str(origin) for origin in origins}), "steered": steered}
    return known if independent is None else known | {"independent_adherence": independent}


def measured(row: Colorization) -> Measured:
    """A colorization's adherence: where automatic masks steered it, that in masks found in another way, if there are such."""
    basis, independent = basis_of(row), row.facts.get("independent_adherence")
    if basis is Basis.STEERING and independent is not None:
        return Measured(independent, Basis.INDEPENDENT)
    return Measured(row.adherence, basis)


def worth(row: Colorization, *, automatic_masks: bool = False) -> float | None:
    """A colorization's adherence where it can say something; in automatic masks that steered the colors only when told to."""
    return trusted(row, automatic_masks=automatic_masks).value


def trusted(row: Colorization, *, automatic_masks: bool = False) -> Measured:
    """As `measured`; what only the automatic masks that steered the colors say counts as not measured, unless they may."""
    known = measured(row)
    return NOT_MEASURED if known.basis is Basis.STEERING and not automatic_masks else known


def basis_of(row: Colorization) -> Basis | None:
    """The masks in which a colorization's `adherence` was measured; None where it was not measured.

    PERSON: a person drew or confirmed all of them, or they are exact by construction. INDEPENDENT: automatic ones, which did not steer
    the colors. STEERING: automatic ones that steered the colors; a wrong mask then agrees with itself. UNKNOWN: it was not recorded.
    """
    if row.adherence is None:
        return None
    origins = row.facts.get("mask_origins")
    if not origins:
        return Basis.UNKNOWN
    if set(origins) <= set(map(str, PERSON_ORIGINS)):
        return Basis.PERSON
    return Basis.STEERING if row.facts.get("steered", True) else Basis.INDEPENDENT
