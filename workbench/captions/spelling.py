"""Words of captions that look misspelled, with what may be meant: "yelow" for "yellow"."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Mention
from workbench import levels
from workbench.imaging import TERM_OF_WORD
from workbench.search import different

if TYPE_CHECKING:
    from spellchecker import SpellChecker


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHORTEST, LONGEST = 4, 16
"""Letters of the words that are looked at: shorter ones are too near to others, longer ones take long."""
SUGGESTED = 3
"""Suggestions for a word."""
OFTEN = 5
"""Mentions of a noun from which on a library is taken to mean it."""
_RECENT_WORDS = _words(
    """bbq blazer boho crocs drone emoji flatscreen hoodie hoverboard jeggings jumbotron labradoodle laptop leggings minivan
    motocross onesie parasail pickleball rollerblade scrunchie selfie skatepark skydiver smartphone smartwatch snowsuit streetlight
    tablecloth trackpants ukulele wakeboard wakeboarder wetsuit wifi windsurfer"""
)
"""Words of captions that older dictionaries lack."""
_WORD = re.compile(r"[A-Za-z]+(?:'[a-z]+)?")


@dataclass(frozen=True)
class Misspelling:
    """A word at characters [start, end) of a text, and what may be meant, the likeliest first; there may be no suggestion."""

    word: str
    start: int
    end: int
    suggestions: tuple[str, ...]


def check(text: str, vocabulary: Collection[str] = ()) -> list[Misspelling]:
    """The words of a text that no dictionary knows and no vocabulary has. Names, with a capital within a sentence, are left alone."""
    slips = []
    for match in _WORD.finditer(text):
        word = match[0].split("'")[0]
        opens = not text[: match.start()].rstrip() or text[: match.start()].rstrip()[-1] in '.!?:\n"“'
        if (word[0].isupper() and not (opens or text.isupper())) or not SHORTEST <= len(word) <= LONGEST:
            continue
        if word.lower() not in vocabulary and not is_known(word.lower()):
            slips.append(Misspelling(word, match.start(), match.start() + len(word), _suggestions(word.lower())))
    return slips


@lru_cache(maxsize=50_000)
def is_known(word: str) -> bool:
    """Whether a word in lower case is a color word or in a dictionary, as it stands or in the singular."""
    if word in TERM_OF_WORD or word in _RECENT_WORDS or levels.is_english(word):
        return True
    return word in _checker() or (word.endswith("s") and (word[:-1] in _RECENT_WORDS or word[:-1] in _checker()))


def vocabulary(session: Session) -> frozenset[str]:
    """The nouns that a library mentions often: they are meant, whatever a dictionary says."""
    names = different(Mention.object).subquery()
    used = select(Mention.id).where(Mention.object == names.c.name).order_by(Mention.object, Mention.id).limit(1).offset(OFTEN - 1)
    return frozenset(session.scalars(select(names.c.name).where(used.scalar_subquery().is_not(None))))


@lru_cache(maxsize=5_000)
def _suggestions(word: str) -> tuple[str, ...]:
    color = levels.meant_color(word)
    near = sorted(_checker().candidates(word) or (), key=lambda other: -_checker()[other])
    return tuple(dict.fromkeys([*([color] if color else []), *(other for other in near if other != word)]))[:SUGGESTED]


@cache
def _checker() -> "SpellChecker":
    """The dictionary with frequencies of English, loaded at first use."""
    from spellchecker import SpellChecker

    return SpellChecker(language="en", distance=2)
