"""Color words with one slip of the typing finger: "yelow", "gren", "oragne"."""

from functools import cache, lru_cache
from string import ascii_lowercase

from workbench.imaging import TERM_OF_WORD
from workbench.levels.word_senses import is_english

__all__ = ["meant_color", "misspelled_color"]

_OFTEN_USED = (
    "black white green yellow blue brown orange pink purple gray grey beige maroon turquoise lavender silver golden crimson scarlet violet "
    "magenta burgundy"
)
SHORTEST = 4
"""Words of fewer letters are too near to others: "rad" may be anything."""


@lru_cache(maxsize=20_000)
def misspelled_color(word: str) -> str | None:
    """The basic term that a misspelled color word means; None for an English word and for what is no color word by one slip."""
    meant = meant_color(word)
    return TERM_OF_WORD[meant] if meant else None


def meant_color(word: str) -> str | None:
    """The color word of which a word in lower case is a slip, or None."""
    meant = _slips().get(word)
    return meant if meant and not is_english(word) else None


@cache
def _slips() -> dict[str, str]:
    slips: dict[str, str] = {}
    for color in _OFTEN_USED.split():
        for slip in _one_slip_from(color):
            if len(slip) >= SHORTEST and slip not in TERM_OF_WORD:
                slips.setdefault(slip, color)
    return slips


def _one_slip_from(word: str) -> set[str]:
    """Every word that is one letter more or less, one letter other, or two neighbors swapped, away (Damerau 1964)."""
    cuts = [(word[:place], word[place:]) for place in range(len(word) + 1)]
    less = {left + right[1:] for left, right in cuts if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    other = {left + letter + right[1:] for left, right in cuts if right for letter in ascii_lowercase}
    more = {left + letter + right for left, right in cuts for letter in ascii_lowercase}
    return less | swapped | other | more
