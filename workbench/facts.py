"""What can be asked of a caption beside its words, as tokens of one text: the full-text index then answers any mix of both at once.

    facts_of("a red cup", [("cup", ("red",))])      # " 0a0 0cred0 0d00 0h00 0k00 0n6375700 0t50"

A token begins and ends with 0, so that no word of a caption is one of them and no stemmer shortens it. Objects are written in
hexadecimal. The number of tokens has one for itself and for its tens, hundreds and thousands, so that every range is a few of them.
Level, status and origin are columns that change by themselves: `db.models.search` adds their tokens to what is indexed.
"""

from collections.abc import Iterable

__all__ = ["ANY", "MOST_TOKENS", "color_fact", "column_fact", "estimated_tokens", "facts_of", "object_fact", "token_facts"]

MOST_TOKENS = 77
"""Tokens that CLIP's text encoder reads; what comes after them is not read."""
PUNCTUATION = ",.;:!?()\"'-/&"
ANY = "0a0"
"""The fact of every caption, from which others can be left out."""
MANY = 9999
"""Longer captions count as this long."""
SCALES = ((1000, "k"), (100, "h"), (10, "d"), (1, "t"))


def estimated_tokens(text: str) -> int:
    """About how many tokens CLIP makes of a caption, its start and end included: one a word and one a punctuation mark."""
    return 3 + sum(text.count(mark) for mark in " " + PUNCTUATION)


def facts_of(text: str, mentions: Iterable[tuple[str, Iterable[str]]]) -> str:
    """The facts of a caption whose mentions are `(object, colors)`, each with a space before it, in alphabetical order."""
    count = min(estimated_tokens(text), MANY)
    found = [ANY, *(f"0{name}{count // size}0" for size, name in reversed(SCALES))]
    for noun, colors in mentions:
        found += [color_fact(color) for color in colors]
        found.append(object_fact(noun))
    return "".join(f" {token}" for token in sorted(set(found)))


def color_fact(term: str) -> str:
    """The token of a basic color term."""
    return f"0c{term}0"


def object_fact(noun: str) -> str:
    """The token of an object."""
    return f"0n{noun.encode().hex()}0"


def column_fact(key: str, value: str) -> str:
    """The token of a level, a status or an origin, as the index adds it."""
    return f"0{key[0]}{value}0"


def token_facts(low: int | None, high: int | None) -> list[str]:
    """The tokens of a range of token counts, both ends included; one of them is true of a caption in it."""
    found, at, last = [], max(low or 0, 0), MANY if high is None else min(high, MANY)
    at = min(at, MANY) if high is None or high >= MANY else at
    while at <= last:
        size, name = next((size, name) for size, name in SCALES if at % size == 0 and at + size - 1 <= last)
        found.append(f"0{name}{at // size}0")
        at += size
    return found
