"""The keys of the grammar, and how the values of each are read."""

import re
from collections.abc import Callable
from typing import Any

from db.enums import CaptionLevel, CaptionStatus, Origin
from workbench.imaging import BASIC_TERMS, basic_term

Span = tuple[int | None, int | None]
"""A range of whole numbers, both ends included; None is open."""
SORTS = ("newest", "oldest", "longest", "adherence")
"""Orders of what is found: by when it came, by the tokens of the longest caption, by the lowest adherence of a colorization."""
HAS = ("caption", "colorization", "duplicate", "mask", "reference", "review")
COMPARISON = re.compile(r"(>=|<=|>|<|=)?\s*(\d{1,18})|(\d{1,18})-(\d{1,18})")


def _one_of(noun: str, known: tuple[str, ...]) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value.lower() not in known:
            raise ValueError(f'"{value}" is no {noun}; use {", ".join(known[:-1])} or {known[-1]}')
        return value.lower()

    return read


def _color(value: str) -> str:
    if basic_term(value) is None:
        raise ValueError(f'"{value}" is no color; use {", ".join(BASIC_TERMS[:-1])} or {BASIC_TERMS[-1]}, or a word like teal')
    return value.lower()


def _number(value: str) -> Span:
    if not (match := COMPARISON.fullmatch(value)):
        raise ValueError(f'"{value}" is no number; write 75, >75, <=20 or 10-20')
    sign, number, low, high = match.groups()
    if low is not None:
        return int(low), int(high)
    bound = int(number)
    return {
        ">": (bound + 1, None),
        ">=": (bound, None),
        "<": (None, bound - 1),
        "<=": (None, bound),
    }.get(sign, (bound, bound))


def _image(value: str) -> int:
    if not re.fullmatch(r"\d{1,18}", value):
        raise ValueError(f'"{value}" is no image; write its number, as in like:12')
    return int(value)


Area = tuple[int, int, int, int]
"""A part of the map: left, top, right, bottom."""


def _area(value: str) -> Area:
    corners = re.fullmatch(r"(\d{1,4})x(\d{1,4})-(\d{1,4})x(\d{1,4})", value)
    if not corners:
        raise ValueError(f'"{value}" is no part of the map; write two corners in thousandths of its sides, as in map:100x200-300x400')
    x, y, other_x, other_y = map(int, corners.groups())
    return min(x, other_x), min(y, other_y), max(x, other_x), max(y, other_y)


KEYS: dict[str, Callable[[str], Any]] = {
    "caption": _number,
    "color": _color,
    "file": str,
    "has": _one_of("thing an image can have", HAS),
    "id": _number,
    "level": _one_of("level", tuple(CaptionLevel)),
    "like": _image,
    "map": _area,
    "object": str.lower,
    "origin": _one_of("origin", tuple(Origin)),
    "sort": _one_of("order", SORTS),
    "source": str,
    "status": _one_of("status", tuple(CaptionStatus)),
    "tag": str,
    "tokens": _number,
}
"""The keys of the grammar, each with the reading of its values."""
