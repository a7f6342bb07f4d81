"""A colorization's adherence as a column, where it can say something: as `workbench.reviews.worth` gives it for a row."""

import json
from itertools import chain, combinations

from sqlalchemy import ColumnElement, Float, String, case, cast, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from db.enums import PERSON_ORIGINS
from db.models import Colorization

NOTHING = ("[]",)


class _fact(FunctionElement):  # noqa: N801  (reads as the SQL function that it is)
    """A fact of a colorization as text, lists as JSON; null where there is none."""

    type = String()
    inherit_cache = True


@compiles(_fact, "sqlite")
def _json_extract(element, compiler, **options) -> str:
    facts, name = (compiler.process(clause, **options) for clause in element.clauses)
    return f"CAST(json_extract({facts}, '$.' || {name}) AS TEXT)"


@compiles(_fact, "postgresql")
def _json_text(element, compiler, **options) -> str:
    facts, name = (compiler.process(clause, **options) for clause in element.clauses)
    return f"({facts} ->> {name})"


def _lists_of(origins: tuple[str, ...]) -> list[str]:
    """Every list of some of the origins in order, as either database writes it."""
    names = sorted(map(str, origins))
    some = chain.from_iterable(combinations(names, count) for count in range(1, len(names) + 1))
    return [json.dumps(chosen, separators=(comma, ":")) for chosen in some for comma in (",", ", ")]


def trusted_adherence() -> ColumnElement[float | None]:
    """The adherence of a `Colorization`, or null where nothing but the automatic masks that steered its colors could say it.

    Where these steered it is that in masks found in another way; in a person's or exact masks, or in automatic ones that did not
    steer, it is the adherence as it was measured, and so it is where it was not recorded in which masks.
    """
    origins, steered = _fact(Colorization.facts, literal("mask_origins")), _fact(Colorization.facts, literal("steered"))
    as_measured = origins.is_(None) | origins.in_([*NOTHING, *_lists_of(PERSON_ORIGINS)]) | steered.in_(["0", "false"])
    independent = cast(_fact(Colorization.facts, literal("independent_adherence")), Float)
    return case((Colorization.adherence.is_(None), None), (as_measured, Colorization.adherence), else_=independent)
