"""The words of a caption and what each one does there."""

from dataclasses import dataclass
from enum import StrEnum, auto

__all__ = ["COLOR_WORDS", "MODIFIERS", "NOMINAL", "OPENERS", "Kind", "Word", "word_at"]


class Kind(StrEnum):
    """What a word does in a caption."""

    DETERMINER = auto()
    NUMBER = auto()
    COLOR = auto()
    SHADE = auto()
    ADJECTIVE = auto()
    NOUN = auto()
    VERB = auto()
    BE = auto()
    PREPOSITION = auto()
    AND = auto()
    COMMA = auto()
    RELATIVE = auto()
    PRONOUN = auto()
    POSSESSIVE = auto()
    ADVERB = auto()
    BREAK = auto()


@dataclass(slots=True)
class Word:
    """One word: lower-case text, character span in the caption, Penn tag, kind, and the basic terms that it names.

    `aside` marks a color word that says something of a part or a style ("blue eyed", "black and white photo"), not of the object;
    `capital` a word that is written with a capital in a caption that has small letters elsewhere, `opens` the first of a sentence.
    """

    text: str
    start: int
    end: int
    tag: str
    kind: Kind = Kind.BREAK
    terms: tuple[str, ...] = ()
    aside: bool = False
    capital: bool = False
    opens: bool = False


COLOR_WORDS = ("color", "colors", "colour", "colours", "coloring", "colouring", "coloration")
MODIFIERS = (Kind.ADJECTIVE, Kind.COLOR, Kind.SHADE)
NOMINAL = (Kind.NOUN, *MODIFIERS)
OPENERS = (Kind.DETERMINER, Kind.NUMBER, Kind.POSSESSIVE, *MODIFIERS)

_SENTENCE_EDGE = Word("", 0, 0, ".")


def word_at(words: list[Word], index: int) -> Word:
    """The word at an index, or an empty one before the first and after the last."""
    return words[index] if 0 <= index < len(words) else _SENTENCE_EDGE
