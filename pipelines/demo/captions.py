"""Captions of the demo with marked phrases: `{cup|a red cup} on {table|a brown table}` names the regions `cup` and `table`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LEVELS = ("complete", "partial", "scarce")
_MARK = re.compile(r"\{([^|{}]+)\|([^|{}]+)\}")


@dataclass(frozen=True)
class Phrase:
    """The part [start, end) of a caption that names a region."""

    text: str
    start: int
    end: int
    region: str


@dataclass(frozen=True)
class Caption:
    """A description, how much color it gives (complete, partial, scarce), and its phrases in order."""

    text: str
    level: str
    phrases: tuple[Phrase, ...]


def parse_caption(marked: str, level: str) -> Caption:
    """Take the marks out of a caption and keep where they stood. Raises ValueError for an unknown level or a broken mark."""
    if level not in LEVELS:
        raise ValueError(f"expected a level of {', '.join(LEVELS)}, got {level!r}")
    text, end, phrases = "", 0, []
    for mark in _MARK.finditer(marked):
        text += marked[end : mark.start()]
        phrases.append(Phrase(mark[2], len(text), len(text) + len(mark[2]), mark[1]))
        text, end = text + mark[2], mark.end()
    text += marked[end:]
    if set(text) & set("{}|"):
        raise ValueError(f"a mark is written {{region|words}}, got {marked!r}")
    return Caption(text, level, tuple(phrases))


def parse_captions(by_level: Mapping[str, Iterable[str]]) -> tuple[Caption, ...]:
    """All captions of `{level: [marked caption, …]}`, from complete to scarce."""
    return tuple(parse_caption(marked, level) for level in LEVELS for marked in by_level.get(level, ()))
