"""Which words of a caption name colors: "an orange cup" but not "an orange", "a rose" or "a glass of orange juice"."""

from functools import lru_cache

from workbench.imaging import BASIC_TERMS, TERM_OF_WORD, basic_term
from workbench.levels import lexicon, noun_lists
from workbench.levels.misspelled_colors import misspelled_color
from workbench.levels.tokens import COLOR_WORDS, NOMINAL, OPENERS, Kind, Word, word_at
from workbench.levels.word_senses import NOUN, lemmas

__all__ = ["mark_aside", "mark_color", "mark_shade", "names_color", "noun_ahead", "predicative", "wears"]


def mark_color(words: list[Word], index: int) -> None:
    """Make the word a color if it names one here, or a noun if it is the fruit, the flower or a name."""
    word = words[index]
    terms = _likened(words, index) or _terms_of(word.text)
    if not terms:
        return
    if _is_color_here(words, index):
        word.kind, word.terms = Kind.COLOR, terms
    elif word.kind is not Kind.VERB or word_at(words, index - 1).kind in OPENERS:
        word.kind = Kind.NOUN if word.kind is not Kind.ADJECTIVE or word_at(words, index + 1).kind not in NOMINAL else Kind.ADJECTIVE


def names_color(text: str) -> bool:
    """Whether a word could name a color, whatever it does in its caption."""
    return bool(_terms_of(text))


def _likened(words: list[Word], index: int) -> tuple[str, ...]:
    """The terms of a thing to which a color is likened: "the color of emeralds", "the color of a lemon"."""
    before = index - 1
    while word_at(words, before).kind is Kind.DETERMINER:
        before -= 1
    if word_at(words, before).text != "of" or word_at(words, before - 1).text not in COLOR_WORDS:
        return ()
    text = words[index].text
    term = next((TERM_OF_WORD[word] for word in (text, *lemmas(text, NOUN)) if word in TERM_OF_WORD), None)
    return (term,) if term else ()


@lru_cache(maxsize=50_000)
def _terms_of(text: str) -> tuple[str, ...]:
    """The basic terms in a word as written: "black-and-white" has two, "navy-blue" and "blue-eyed" one."""
    parts = [part for part in text.replace("/", "-").split("-") if part]
    if not parts:
        return ()
    if len(parts) == 1:
        single = parts[0]
        ish = basic_term(single) if single.endswith(("ish", "ed", "y")) else None
        term = TERM_OF_WORD.get(single) or ish or misspelled_color(single)
        return (term,) if term else ()
    if len(parts) == 2 and all(part in BASIC_TERMS or part == "grey" for part in parts):  # "blue-gray" is both
        return tuple(dict.fromkeys(TERM_OF_WORD[part] for part in parts))
    if "/" in text or "and" in parts or "n" in parts:
        named = tuple(dict.fromkeys(term for part in parts if (term := TERM_OF_WORD.get(part))))
        return named if len(named) > 1 else ()
    if parts[-1] in lexicon.TINTED | lexicon.PART_PARTICIPLES:
        parts = parts[:-1]
    term = basic_term("-".join(parts))
    if term is None and parts[0] in TERM_OF_WORD and parts[0] not in lexicon.COLOR_NOUNS | lexicon.WEAK_COLORS:
        term = TERM_OF_WORD[parts[0]]
    return (term,) if term else ()


def _is_color_here(words: list[Word], index: int) -> bool:
    text, previous, following = words[index].text, word_at(words, index - 1), word_at(words, index + 1)
    if "-" in text or "/" in text:
        return True
    if following.text in lexicon.NAMES_WITH_COLORS.get(text, ()):
        return False
    if following.text in ("colored", "coloured", "hued", "toned", "tinted"):
        return True
    if text == "orange":
        return _orange_is_color(words, index)
    if _likened(words, index):
        return True
    if text in lexicon.HAIR_WORDS or text in ("sandy", "chestnut", "platinum"):
        return _hair_ahead(words, index + 1) or (text == "chestnut" and _weak_is_color(words, index))
    if text in lexicon.COLOR_NOUNS:
        return False
    if text in lexicon.WEAK_COLORS:
        return _weak_is_color(words, index)
    if text in ("gold", "silver", "tan", "cream", "teal", "khaki") and previous.kind is Kind.DETERMINER:
        return following.kind in (*NOMINAL, Kind.AND, Kind.COMMA) or following.text == "one"
    return True


def _hair_ahead(words: list[Word], index: int) -> bool:
    """Whether hair is named next: "blond hair", "blond, curly hair", "sandy brown hair"."""
    while word_at(words, index).kind in (Kind.ADJECTIVE, Kind.COLOR, Kind.COMMA) and word_at(words, index).text not in lexicon.HAIR:
        index += 1
    return word_at(words, index).text in lexicon.HAIR


def _orange_is_color(words: list[Word], index: int) -> bool:
    """Whether "orange" is the color: before a noun, beside another color, or said of something; alone it is the fruit."""
    previous, following = word_at(words, index - 1), word_at(words, index + 1)
    if following.text in lexicon.ORANGE_HEADS:
        return False
    if following.kind in (Kind.AND, Kind.COMMA) and _plain_color(word_at(words, index + 2).text):
        return True
    if following.kind in NOMINAL and following.text not in lexicon.SURE_VERBS:
        return True
    counted_or_doing = following.kind is Kind.NUMBER or following.tag in ("VBG", "VBN", "VBD", "VB", "VBP")
    if following.text == "no" or (counted_or_doing and word_at(words, index + 2).kind is Kind.NOUN):
        return following.text not in ("has", "have")
    if previous.text in lexicon.SHADES or previous.kind is Kind.BE or previous.text in ("painted", "in", "colored", "all", "wearing"):
        return True
    before = index - 2 if previous.text in ("one", "some") else index - 1  # "one black and one orange"
    return word_at(words, before).kind in (Kind.AND, Kind.COMMA) and _plain_color(word_at(words, before - 1).text)


def _weak_is_color(words: list[Word], index: int) -> bool:
    """Whether the name of a thing is used as a color: shaded, in a row of colors, or before a noun that is no food or plant."""
    previous, following = word_at(words, index - 1), word_at(words, index + 1)
    if previous.text in lexicon.SHADES or (previous.kind is Kind.BE and following.kind not in NOMINAL):
        return True
    if following.kind in (Kind.AND, Kind.COMMA):
        return _plain_color(word_at(words, index + 2).text)
    if previous.kind is Kind.AND and _plain_color(word_at(words, index - 2).text) and following.kind in NOMINAL:
        return True
    if previous.kind is Kind.AND and word_at(words, index - 2).kind is Kind.NOUN and word_at(words, index - 3).kind not in OPENERS:
        return False  # "ketchup and mustard bottles"
    if previous.text in ("ice", "whipped", "sour", "whip", "shaving"):
        return False
    return following.kind in NOMINAL and following.text not in lexicon.FOOD_HEADS and following.text not in lexicon.SURE_VERBS


def _plain_color(text: str) -> bool:
    return text in TERM_OF_WORD and text not in lexicon.COLOR_NOUNS and text not in lexicon.WEAK_COLORS


def mark_shade(words: list[Word], index: int) -> None:
    """Bind a shade to the color after it: "light", and the first word of "golden brown" or "forest green"."""
    word, following = words[index], word_at(words, index + 1)
    if following.kind is Kind.COLOR and word.text in lexicon.COLOR_COMBINATIONS.get(following.text, ()):
        word.kind, word.terms = Kind.SHADE, ()
    elif word.text in lexicon.SHADES and word.kind is not Kind.COLOR:
        after = index + 1
        while word_at(words, after).kind in (Kind.SHADE, Kind.AND) or word_at(words, after).text in lexicon.SHADES:
            after += 1
        if word_at(words, after).kind is Kind.COLOR:
            word.kind = Kind.SHADE


def mark_aside(words: list[Word], index: int) -> None:
    """Take colors of parts from the object: "blue-eyed", "blue eyed", "black face sheep"."""
    word, following = words[index], word_at(words, index + 1)
    if following.text in ("colored", "coloured", "color", "colour") and word.text in ("light", "dark", "different", "bright", "multi"):
        word.kind = Kind.ADJECTIVE
        following.kind = Kind.ADJECTIVE if noun_ahead(words, index + 2) else following.kind
    if word.kind is not Kind.COLOR:
        return
    if "-" in word.text and word.text.rsplit("-", 1)[1] in lexicon.PART_PARTICIPLES:
        word.aside = True
    elif following.text in lexicon.GARMENT_PARTICIPLES and word_at(words, index + 2).text in lexicon.GARMENTS:
        following.kind = Kind.ADJECTIVE  # "a gray collared shirt"
    elif following.text in lexicon.PART_PARTICIPLES and (following.text != "face" or word_at(words, index + 2).kind is Kind.NOUN):
        word.aside = True
        following.kind, following.aside = Kind.ADJECTIVE, True
    elif following.text in ("colored", "coloured", "hued", "toned", "tinted", "lit", "clad", "color", "colour"):
        following.kind = Kind.ADJECTIVE if following.text not in ("color", "colour") or noun_ahead(words, index + 2) else following.kind


def wears(words: list[Word], index: int) -> bool:
    """Whether the colors that end here are clothes: "a woman in white", "wearing black"."""
    while word_at(words, index).kind in (Kind.COLOR, Kind.SHADE, Kind.AND, Kind.COMMA) or word_at(words, index).text == "all":
        index -= 1
    starts = word_at(words, index + 1).kind in (Kind.COLOR, Kind.SHADE) or word_at(words, index + 1).text == "all"
    return index >= 0 and starts and words[index].text in ("in", "wearing", "wears")


def predicative(words: list[Word], index: int) -> bool:
    """Whether the modifiers that end here follow a form of "be" with no determiner between."""
    while word_at(words, index).kind in (Kind.ADJECTIVE, Kind.COLOR, Kind.SHADE, Kind.AND, Kind.COMMA, Kind.ADVERB):
        index -= 1
    return word_at(words, index).kind in (Kind.BE, Kind.RELATIVE)


def noun_ahead(words: list[Word], index: int) -> bool:
    """Whether a noun follows with nothing but modifiers before it."""
    while word_at(words, index).kind in (Kind.ADJECTIVE, Kind.COLOR, Kind.SHADE) or word_at(words, index).tag in ("VBN", "VBG", "VB"):
        if word_at(words, index).text in noun_lists.SURE_NOUNS | noun_lists.ING_NOUNS:
            return True
        index += 1
    return word_at(words, index).kind is Kind.NOUN
