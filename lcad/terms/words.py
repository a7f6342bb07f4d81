"""Color words in English: the eleven basic terms (Berlin and Kay 1969), cyan, and the everyday words that stand for them.

Cyan is kept apart because English speakers divide over it: turquoise called blue by one is green for another, and a judge who takes
either for right cannot tell a royal blue cup from the cyan one that was asked for.

Which word stands for which term is written in `color_words.txt`, beside the colors of the survey in `xkcd.txt`. The workbench reads the
same file (`workbench.imaging.color_names`): a word that its caption reading takes for a color means the same to the model. The file is
here and not there because this package imports nothing of the workbench's and can be used without it.
"""

import re
from importlib.resources import files


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BASIC_TERMS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "gray")
TERMS = (*BASIC_TERMS, "cyan")
ACHROMATIC = ("black", "white", "gray")

SHADES = _words(
    "light dark bright pale deep rich vivid pastel neon soft faded dull muted medium hot electric very mid dusty dirty off warm cool"
)
SAID_OF = _words("is are was were be being in wearing painted colored mostly all")
AFTER_THINGS = _words(
    "of on in at by with under over above below near next beside behind before between against to from for and or is are was were that "
    "which who standing sitting lying into through around along"
)
COLORED = _words("colored coloured hued toned tinted color colour")
JOINED = tuple(
    sorted(
        _words(
            "light dark medium deep pale hot lawn forest sea spring lime olive yellow green dodger royal steel sky corn cadet powder alice "
            "midnight slate navajo antique floral ghost sandy saddle rosy indian fire blue dim orange rebecca"
        )
    )
)
"""How names of CSS Color 4 that are written in one word begin."""


def _by_use() -> dict[str, dict[str, str]]:
    """The table's words with their terms, by their use."""
    words: dict[str, dict[str, str]] = {}
    for row in files("lcad.terms").joinpath("color_words.txt").read_text(encoding="utf-8").splitlines():
        if not row.startswith("#"):
            term, use, listed = row.split("\t")
            words.setdefault(use, {}).update(dict.fromkeys(listed.split(), term))
    return words


_WORDS = _by_use()
TERM_OF_SURE, TERM_OF_WEAK = _WORDS["sure"], _WORDS["weak"]
TERM_OF_WORD = _WORDS["thing"] | TERM_OF_WEAK | TERM_OF_SURE


def head_term(name: str) -> str | None:
    """The term of a name's last color word ("dark sea green", "lightsteelblue", "brick-red"), or None where it ends in none."""
    last = re.split(r"[^a-z]+", name.lower())[-1]
    if last in TERM_OF_WORD:
        return TERM_OF_WORD[last]
    if not last.startswith(JOINED):
        return None
    endings = [word for word in (*TERM_OF_SURE, *TERM_OF_WEAK) if last.endswith(word)]
    return TERM_OF_WORD[max(endings, key=len)] if endings else None


def terms_in(text: str) -> tuple[str, ...]:
    """The terms that the color words of a phrase ask for, each once, in their order; of adjacent color words the last decides.

    A color of a part ("blue-eyed") and a thing that shares its name with a color ("a rose", "an orange") are none.
    """
    words, terms = re.findall(r"[a-z]+(?:-[a-z]+)*|,", text.lower()), []
    for at, word in enumerate(words):
        for term in terms_at(words, at, word):
            if term not in terms:
                terms.append(term)
    return tuple(terms)


def terms_at(words: list[str], at: int, word: str) -> list[str]:
    """The terms of one word where it stands among others, in lower case."""
    following = words[at + 1] if at + 1 < len(words) else ""
    if "-" in word:
        *parts, last = word.split("-")
        if last in COLORED:
            return [term] if (term := TERM_OF_WORD.get(parts[-1])) else []
        ended = TERM_OF_SURE.get(last) or TERM_OF_WEAK.get(last)
        return [TERM_OF_SURE[part] for part in word.split("-") if part in TERM_OF_SURE] if "and" in parts else [ended] if ended else []
    if following in COLORED:
        return [TERM_OF_WORD[word]] if word in TERM_OF_WORD else []
    if word not in TERM_OF_SURE and word not in TERM_OF_WEAK:
        return [term] if (term := head_term(word)) and word not in TERM_OF_WORD else []
    if following in TERM_OF_SURE or (following in TERM_OF_WEAK and _is_color(words, at + 1)):
        return []
    return [TERM_OF_WORD[word]] if _is_color(words, at) else []


def _is_color(words: list[str], at: int) -> bool:
    """Whether the color word at a place is used as one."""
    if words[at] in TERM_OF_SURE:
        return True
    before, following = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ""
    if before in SHADES or before in SAID_OF or not (before or following):
        return True
    if before in ("and", ",") and at >= 2 and words[at - 2] in TERM_OF_SURE:
        return True
    if following in ("and", ","):
        return any(word in TERM_OF_SURE for word in words[at + 2 : at + 3])
    return bool(following) and following not in AFTER_THINGS
