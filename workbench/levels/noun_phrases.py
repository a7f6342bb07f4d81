"""From words to noun phrases."""

from dataclasses import dataclass, field
from enum import StrEnum, auto

from workbench.levels import noun_lists
from workbench.levels.tokens import COLOR_WORDS, MODIFIERS, Kind, Word, word_at

__all__ = ["ColorGroup", "Form", "Parse", "Phrase", "find_phrases"]


class Form(StrEnum):
    """How a color is said of an object, which decides how it is taken out again."""

    MODIFIER = auto()  # a red bus
    PREDICATE = auto()  # the bus is red; a bus that is red
    PARTICIPLE = auto()  # a room painted red
    CLOTHING = auto()  # a woman in red; wearing red
    APPOSITION = auto()  # a parrot, green and red
    ANAPHOR = auto()  # two cups, a red one and a blue one
    COLOR_NOUN = auto()  # the blue of the sky


@dataclass(slots=True)
class Phrase:
    """A noun phrase: words first..last, head noun, and the color groups bound to it.

    `is_object`: something that could be colored; `repeats`: it names again what an earlier phrase named.
    """

    first: int
    last: int
    noun: int
    is_object: bool = False
    groups: list["ColorGroup"] = field(default_factory=list)
    repeats: bool = False


@dataclass(slots=True)
class ColorGroup:
    """Color words first..last that are said together; `lead` is the first word of what introduces them (copula, "in", comma)."""

    first: int
    last: int
    form: Form
    lead: int


@dataclass(slots=True)
class Parse:
    """Words, noun phrases in order, the color groups that no object owns, and those that the caption denies ("not red")."""

    words: list[Word]
    phrases: list[Phrase]
    unbound: list[ColorGroup]
    denied: list[ColorGroup] = field(default_factory=list)

    def terms(self, phrase: Phrase) -> tuple[str, ...]:
        """The basic terms said of a phrase, in order, each once."""
        terms = (term for group in phrase.groups for index in self.color_words(group) for term in self.words[index].terms)
        return tuple(dict.fromkeys(terms))

    def color_words(self, group: ColorGroup) -> list[int]:
        """The indices of the words of a group that name a color."""
        inside = range(group.first, group.last + 1)
        return [index for index in inside if self.words[index].kind is Kind.COLOR and not self.words[index].aside]


def find_phrases(words: list[Word]) -> tuple[Parse, list[tuple[int, int]]]:
    """Find the noun phrases of a caption, and the spans of modifiers that have no noun."""
    parse = Parse(words, [], [])
    loose: list[tuple[int, int]] = []
    _name_ones(words)
    index = 0
    while index < len(words):
        index += words[index].kind is Kind.POSSESSIVE  # "the dog's red collar": what is owned begins after the "'s"
        last, noun = _phrase_from(words, index)
        if last < index:
            index += 1
            continue
        if noun is None or words[noun].text in COLOR_WORDS or _names_shades(words, noun):
            loose.append((index, last))
        else:
            parse.phrases += _split_at_article(words, Phrase(index, last, noun))
        index = last + 1
    return parse, loose


def _split_at_article(words: list[Word], phrase: Phrase) -> list[Phrase]:
    """The phrase, or two of one noun: "a black and a white dog" are two dogs. The first ends before the noun that both share."""
    for index in range(phrase.first + 2, phrase.noun):
        if words[index].kind is Kind.DETERMINER and words[phrase.first].text in ("a", "an") and words[index].text in ("a", "an"):
            first = index - 1
            while words[first].kind in (Kind.AND, Kind.COMMA):
                first -= 1
            return [Phrase(phrase.first, first, phrase.noun), Phrase(index, phrase.last, phrase.noun)]
    return [phrase]


def _name_ones(words: list[Word]) -> None:
    """Make nouns of "one" and "ones" where they stand for another thing: "a blue pot beside a lighter one".

    "One" stays a pronoun where it picks from things that were named: "two birds, a blue one and a yellow one".
    """
    for index, word in enumerate(words):
        if word.text not in ("one", "ones") or word_at(words, index + 1).kind in (Kind.NOUN, *MODIFIERS):
            continue
        first = index
        while word_at(words, first - 1).kind in (*MODIFIERS, Kind.AND) and word_at(words, first - 1).text not in ("other", "last"):
            first -= 1
        opener = word_at(words, first - 1)
        described = any(word_at(words, place).kind in MODIFIERS for place in range(first, index))
        placed = opener.text == "the" and first == index and word_at(words, index + 1).kind is Kind.PREPOSITION
        if opener.kind not in (Kind.DETERMINER, Kind.NUMBER) or not (described or (placed and word_at(words, index + 1).text != "of")):
            continue
        if not _picks(words, first - 1):
            word.kind, word.tag = Kind.NOUN, "NN" if word.text == "one" else "NNS"


def _picks(words: list[Word], opener: int) -> bool:
    """Whether "a blue one" or "the one on the left" is of things that were named together before it: "two birds, a blue one"."""
    if words[opener].text == "the":
        if _is_told_apart(words, 0):  # "the child in white is on the bars, while the one in brown stands below": another child
            return False
        return any(word.tag == "NNS" and word.kind is Kind.NOUN for word in words[:opener])
    before = opener - 1
    while word_at(words, before).kind is Kind.AND or word_at(words, before).text == "ones":
        before -= 1
    if word_at(words, before).text == "one":  # "a blue one and a yellow one": as the first, so the second
        while word_at(words, before).kind in (*MODIFIERS, Kind.PRONOUN) or word_at(words, before).text == "one":
            before -= 1
        return word_at(words, before).kind is Kind.DETERMINER and words[before + 1].kind is not Kind.NOUN and _picks(words, before)
    listed = word_at(words, before)
    return (listed.kind is Kind.COMMA or listed.text == ":") and word_at(words, before - 1).tag == "NNS"


def _is_told_apart(words: list[Word], opener: int) -> bool:
    """Whether "the child in white" begins here: one thing, told from others of its noun by what follows."""
    noun = opener + 1
    while word_at(words, noun).kind in MODIFIERS:
        noun += 1
    return word_at(words, opener).text == "the" and word_at(words, noun).tag == "NN" and word_at(words, noun + 1).text in ("in", "with")


def _names_shades(words: list[Word], noun: int) -> bool:
    """Whether a noun only leads to a color: "a wall in shades of blue"."""
    of_color = word_at(words, noun + 1).text == "of" and word_at(words, noun + 2).kind in (Kind.COLOR, Kind.SHADE)
    return of_color and words[noun].text in ("shade", "shades", "tone", "tones", "hue", "hues")


def _phrase_from(words: list[Word], first: int) -> tuple[int, int | None]:
    """The last word of the phrase that starts here (before `first` if none does) and its head noun."""
    last, noun, index = first - 1, None, first
    while index < len(words):
        kind = words[index].kind
        if kind is Kind.NOUN:
            if noun is not None and not _compounds(words, noun, index):
                break
            noun = index
        elif noun is not None and _contained_with(words, first, index):
            noun = None
        elif noun is not None:
            break
        elif kind in (Kind.DETERMINER, Kind.NUMBER, Kind.POSSESSIVE):
            if index > first and words[index - 1].kind not in (Kind.DETERMINER, Kind.NUMBER, *MODIFIERS):
                break
            if index > first and words[index - 1].kind in MODIFIERS and kind is not Kind.NUMBER:
                break
        elif kind in (Kind.AND, Kind.COMMA):
            after = _joined_modifier(words, first, index)
            if after is None:
                break
            index = after
            continue
        elif kind not in MODIFIERS:
            break
        last, index = index, index + 1
    return last, noun


def _contained_with(words: list[Word], first: int, index: int) -> bool:
    """Whether "and" joins two contents before their containers: "ketchup and mustard bottles"."""
    bare = index == first + 1 and words[index].text in ("and", "&") and words[first].tag == "NN"
    if bare and words[first].text in noun_lists.MATERIALS and word_at(words, index + 1).kind is Kind.COLOR:
        return True  # "clay and gold vases"
    return bare and word_at(words, index + 1).kind is Kind.NOUN and word_at(words, index + 2).text in noun_lists.CONTAINERS


def _compounds(words: list[Word], noun: int, index: int) -> bool:
    """Whether a noun after a noun belongs to the same phrase: not after a plural, which ends a phrase of a list without commas."""
    text = words[noun].text
    plural = words[noun].tag in ("NNS", "NNPS") and text.endswith("s") and text not in noun_lists.SINGULAR_S
    owned = text in noun_lists.OWNERS and words[index].text in noun_lists.OWNED
    return noun == index - 1 and (not plural or owned)


def _joined_modifier(words: list[Word], first: int, index: int) -> int | None:
    """Where the modifiers go on after "and" or commas ("red, white and blue"), or None if they do not."""
    if index == first or words[index - 1].kind not in MODIFIERS:
        return None
    after = index
    while word_at(words, after).kind in (Kind.AND, Kind.COMMA):
        after += 1
    following = word_at(words, after)
    if following.kind in MODIFIERS:
        return after
    if following.text in noun_lists.MATERIALS and word_at(words, after + 1).kind is Kind.NOUN:
        return after  # "white and glass furniture"
    elided = following.kind is Kind.DETERMINER and words[first].kind is Kind.DETERMINER and word_at(words, after + 1).kind is Kind.COLOR
    if elided and words[index - 1].kind is Kind.COLOR and word_at(words, after + 2).kind is Kind.NOUN:
        return after + 1
    return None
