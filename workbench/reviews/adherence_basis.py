"""What masks a colorization's adherence was measured in: only some of them can say something that the coloring did not make true itself."""

from collections.abc import Sequence
from enum import StrEnum

from db.enums import RegionOrigin
from db.models import Colorization

PERSON_ORIGINS = (RegionOrigin.HUMAN, RegionOrigin.COMPOSED)
"""Masks that a person drew or confirmed, or that are exact because the picture was composed with them."""


class Basis(StrEnum):
    """Where adherence was measured."""

    PERSON = "person"
    INDEPENDENT = "independent"
    STEERING = "steering"
    UNKNOWN = "unknown"


def facts_of(origins: Sequence[RegionOrigin], *, steered: bool) -> dict[str, object]:
    """The part of a colorization's facts that says whose masks it was measured in, and whether the same ones steered its colors."""
    return {"mask_origins": sorted({str(origin) for origin in origins}), "steered": steered}


def basis_of(row: Colorization) -> Basis | None:
    """The masks in which a colorization's adherence was measured; None where it was not measured.

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
