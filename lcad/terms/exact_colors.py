"""Exact colors in a text: names that say more than a term ("burgundy", "navy blue", "mint"), and hex codes ("#0a5", "#0000ff").

A denoiser learns a few color words. What it does not know is asked for as a constraint on the chroma (`lcad.chroma`), in the color that
the one table of names gives (`named_colors`); the words themselves can be put to it as the term that stands for them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lcad.imaging import image_to_lab
from lcad.terms.distributions import fit, named_colors, term_of_name
from lcad.terms.words import COLORED, TERM_OF_WORD, TERMS, terms_at
from lcad.terms.words import terms_in as terms_of_words

LEARNED_SHADES = frozenset(("light", "dark", "bright", "deep", "medium"))
"""Words that leave a term what it is: lightness is not a colorizer's to change, and these are in every caption."""
MOST_WORDS = 4
HEX = r"#(?:[0-9a-f]{6}|[0-9a-f]{3})(?![0-9a-z])"
_TOKEN = re.compile(rf"{HEX}|[a-z]+(?:['’][a-z]+)?(?:-[a-z]+)*|,", re.IGNORECASE)


@dataclass(frozen=True)
class ExactColor:
    """A color that a text names at [start, end): `name` is of the table or "#rrggbb", `term` the color term that stands for it."""

    start: int
    end: int
    name: str
    term: str


def hex_code(text: str) -> str | None:
    """A hex code as "#rrggbb", of "#rgb" or "#rrggbb" in any case; None for what is none."""
    code = text.strip().lower()
    if not re.fullmatch(HEX, code):
        return None
    return code if len(code) == 7 else "#" + "".join(2 * digit for digit in code[1:])


def table_name(text: str) -> str | None:
    """The name in the table that a text means, whatever its case, its white space and its spelling of gray; None where there is none."""
    name = " ".join(re.sub(r"[-’]", lambda mark: "'" if mark[0] == "’" else " ", text.lower()).split())
    spellings = (name, name.replace("gray", "grey"), name.replace("grey", "gray"), name.replace("'s", ""))
    return next((spelling for spelling in spellings if spelling in named_colors()), None)


def term_of_rgb(rgb: tuple[int, int, int]) -> str:
    """The term that names an sRGB color best."""
    lightness, *ab = image_to_lab(np.array([[rgb]], np.uint8))[0, 0]
    return max(TERMS, key=lambda term: np.nan_to_num(fit(term, lightness, np.array(ab)), nan=-1))


def exact_colors(text: str) -> list[ExactColor]:
    """The exact colors of a text, in their order; words that only share their name with a color ("a mint on a plate") are none."""
    tokens = list(_TOKEN.finditer(text))
    words, colors, at = [token[0].lower() for token in tokens], [], 0
    while at < len(tokens):
        length, color = _color_at(words, at)
        if color:
            colors.append(ExactColor(tokens[at].start(), tokens[at + length - 1].end(), *color))
        at += length
    return colors


def _color_at(words: list[str], at: int) -> tuple[int, tuple[str, str] | None]:
    """How many words to go on by, and the name and the term of the exact color that they are, if any."""
    if code := hex_code(words[at]):
        red, green, blue = (int(code[place : place + 2], 16) for place in (1, 3, 5))
        return 1, (code, term_of_rgb((red, green, blue)))
    for length in range(min(MOST_WORDS, len(words) - at), 0, -1):
        last = at + length - 1
        name = table_name(_uncolored(" ".join(words[at : last + 1])))
        if name is None or not (name in TERMS or name == "grey" or terms_at(words, last, words[last])):
            continue
        return length, None if _is_learned(name) else (name, term_of_name(name))
    return _doubled_at(words, at)


def _doubled_at(words: list[str], at: int) -> tuple[int, tuple[str, str] | None]:
    """The same of a name with its own term after it: "burgundy red" is burgundy."""
    name, following = table_name(words[at]), words[at + 1] if at + 1 < len(words) else ""
    if name is None or _is_learned(name) or not terms_at(words, at + 1, following):
        return 1, None
    term = TERM_OF_WORD.get(following)
    return (2, (name, term)) if term is not None and term == TERM_OF_WORD.get(words[at]) else (1, None)


def _uncolored(name: str) -> str:
    """A name without "-colored" and the like."""
    head, _, last = name.rpartition("-")
    return head if head and last in COLORED else name


def _is_learned(name: str) -> bool:
    *shades, last = name.split()
    return (last in TERMS or last == "grey") and set(shades) <= LEARNED_SHADES


def exact_color_of(words: str) -> str | None:
    """The one exact color that the words of a phrase ask for; None where they ask for none, or for several colors."""
    colors = exact_colors(words)
    if len(colors) != 1:
        return None
    others = f"{words[: colors[0].start]} {words[colors[0].end :]}"
    return None if terms_in(others) else colors[0].name


def in_terms(text: str, swapped: Callable[[str], bool] = lambda _words: True) -> tuple[str, list[tuple[int, int, int]]]:
    """A text whose exact colors are said by their terms, where `swapped` says so of their words, and the (start, end, length) of each:
    where it stood in the text, and how long its term is."""
    pieces, places, at = [], [], 0
    for color in exact_colors(text):
        if swapped(text[color.start : color.end]):
            pieces += [text[at : color.start], color.term]
            places.append((color.start, color.end, len(color.term)))
            at = color.end
    return "".join([*pieces, text[at:]]), places


def terms_in(text: str) -> tuple[str, ...]:
    """The terms that the color words and hex codes of a phrase ask for, each once, in their order; of adjacent color words the last
    decides.

    A color of a part ("blue-eyed") and a thing that shares its name with a color ("a rose", "an orange") are none.
    """
    return terms_of_words(in_terms(text, lambda words: words.startswith("#"))[0] if "#" in text else text)
