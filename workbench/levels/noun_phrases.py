"""From words to noun phrases, and which of them are objects that could be colored."""

from dataclasses import dataclass, field
from enum import StrEnum, auto

from workbench.levels import lexicon, noun_lists
from workbench.levels.tokens import COLOR_WORDS, MODIFIERS, Kind, Word, word_at
from workbench.levels.word_senses import ADJECTIVE, NOUN, senses

__all__ = ["ColorGroup", "Form", "Parse", "Phrase", "find_phrases", "is_transparent", "next_after_of"]


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
        found = (term for group in phrase.groups for index in self.color_words(group) for term in self.words[index].terms)
        return tuple(dict.fromkeys(found))

    def color_words(self, group: ColorGroup) -> list[int]:
        """The indices of the words of a group that name a color."""
        inside = range(group.first, group.last + 1)
        return [index for index in inside if self.words[index].kind is Kind.COLOR and not self.words[index].aside]


def find_phrases(words: list[Word]) -> tuple[Parse, list[tuple[int, int]]]:
    """Find the noun phrases of a caption, say which are objects, and give the spans of modifiers that have no noun."""
    parse = Parse(words, [], [])
    loose: list[tuple[int, int]] = []
    _name_ones(words)
    index = 0
    while index < len(words):
        last, noun = _phrase_from(words, index)
        if last < index:
            index += 1
            continue
        if noun is None or words[noun].text in COLOR_WORDS or _names_shades(words, noun):
            loose.append((index, last))
        else:
            parse.phrases += _split_at_article(words, Phrase(index, last, noun))
        index = last + 1
    for position, phrase in enumerate(parse.phrases):
        phrase.is_object = _is_object(parse, position)
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


def _is_object(parse: Parse, position: int) -> bool:
    """Whether the phrase names something with a surface that could be colored."""
    words, phrase = parse.words, parse.phrases[position]
    text = words[phrase.noun].text
    inside = words[phrase.first : phrase.noun]
    compound = any(word.kind is Kind.NOUN or word.text.endswith("ing") for word in inside)
    colored = any(word.kind is Kind.COLOR and not word.aside for word in inside)
    previous, following = word_at(words, phrase.first - 1), word_at(words, phrase.last + 1)
    if is_transparent(parse, position) or _is_owner(parse, position) or _is_idiom(parse, position):
        return False
    if text in ("one", "ones", *noun_lists.SWINGS):
        return text in ("one", "ones") or not previous.text.startswith(("tak", "took"))
    if text in noun_lists.DEPICTIONS:
        if previous.text.startswith(("tak", "took", "snap")):
            return False
        first = position == 0 or not any(earlier.is_object for earlier in parse.phrases[:position])
        inside_picture = previous.text in ("in", "for", "from", "this", "is")
        return text in noun_lists.HANGING and not first and not inside_picture and following.text not in lexicon.DEPICTING and not colored
    if text in noun_lists.SPORTS and (previous.text.startswith("play") or previous.text == "of" or text == "tennis"):
        return False
    if text in noun_lists.BALLS:
        return colored or any(word.kind in (Kind.DETERMINER, Kind.NUMBER) for word in inside)
    if text in noun_lists.PLACES or text in noun_lists.COMPOUND_PLACES:
        return compound or colored or _is_real_place(words, phrase)
    if text in ("sunset", "sunrise") and previous.text == "at":
        return False
    if text in noun_lists.COLORED_ABSTRACT:
        return colored or text not in noun_lists.ABSTRACT
    if len(text) == 1:
        return compound and words[phrase.noun].capital  # "a Model T"
    possible = senses(text)
    if ADJECTIVE in possible and NOUN not in possible:
        return False
    return text not in noun_lists.ABSTRACT and not any(character.isdigit() for character in text)


def _is_owner(parse: Parse, position: int) -> bool:
    """Whether the phrase only says whose the next thing is: "the dog's collar", and without its apostrophe "a dogs ear"."""
    words, phrase = parse.words, parse.phrases[position]
    if any(word.kind is Kind.COLOR and not word.aside for word in words[phrase.first : phrase.noun]):
        return False  # "a gray dog's ear": the gray is the dog's
    if word_at(words, phrase.last + 1).kind is Kind.POSSESSIVE:
        return True
    following = parse.phrases[position + 1] if position + 1 < len(parse.phrases) else None
    beside = following is not None and following.first == phrase.last + 1 and words[following.first].kind is not Kind.DETERMINER
    singular = words[phrase.first].text in ("a", "an", "one", "another") or words[phrase.noun].text in noun_lists.OWNING
    return beside and singular and words[phrase.noun].tag in ("NNS", "NNPS") and words[phrase.noun].text.endswith("s")


def _is_idiom(parse: Parse, position: int) -> bool:
    """Whether the phrase is part of an idiom and names nothing that is seen: "looking at the camera", "the floor is dark wood"."""
    words, phrase = parse.words, parse.phrases[position]
    text, previous = words[phrase.noun].text, word_at(words, phrase.first - 1)
    the = phrase.last == phrase.first + 1 and words[phrase.first].text == "the"
    if text in ("camera", "cameras") and (the or phrase.first == phrase.last):
        lens = position == 0 or previous.text in ("at", "for", "to", "toward", "towards", "into", "on", "from", "facing", "of")
        return lens or previous.kind is Kind.VERB
    if previous.kind is Kind.BE and text in noun_lists.MATERIALS:
        return all(words[index].kind in MODIFIERS for index in range(phrase.first, phrase.noun))
    bare = phrase.first == phrase.last and words[phrase.noun].tag == "NN"
    return bare and text in noun_lists.IDIOMS.get(previous.text, ())


def _is_real_place(words: list[Word], phrase: Phrase) -> bool:
    """Whether a word that mostly places others is a place itself: "a grassy area", "on a corner", "in the lot", but not "in the corner"."""
    text, previous = words[phrase.noun].text, word_at(words, phrase.first - 1)
    if text in noun_lists.SURFACES and any(word.kind is not Kind.DETERMINER for word in words[phrase.first : phrase.noun]):
        return True
    if text == "lot":
        return previous.text in ("in", "on", "across", "through", "into", "near", "at")
    if text == "corner" and word_at(words, phrase.last + 1).text == "of":
        return False
    return text in ("corner", "bar", "patio", "pile", "stack") and previous.text != "in"


def is_transparent(parse: Parse, position: int) -> bool:
    """Whether the phrase only counts or cuts what follows its "of": "a pair of", "a slice of"."""
    words, phrase = parse.words, parse.phrases[position]
    return (
        words[phrase.noun].text in noun_lists.PARTITIVES
        and word_at(words, phrase.last + 1).text == "of"
        and next_after_of(parse, position) is not None
    )


def next_after_of(parse: Parse, position: int) -> Phrase | None:
    following = parse.phrases[position + 1] if position + 1 < len(parse.phrases) else None
    return following if following and following.first <= parse.phrases[position].last + 3 else None
