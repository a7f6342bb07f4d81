"""From words to noun phrases, and which of them are objects that could be colored."""

from dataclasses import dataclass, field
from enum import StrEnum, auto

from workbench.levels import lexicon, noun_lists
from workbench.levels.tokens import COLOR_WORDS, MODIFIERS, Kind, Word, word_at

__all__ = ["ColorGroup", "Form", "Parse", "Phrase", "find_phrases", "is_transparent", "next_after_of"]


class Form(StrEnum):
    """How a color is said of an object, which decides how it is taken out again."""

    MODIFIER = auto()  # a red bus
    PREDICATE = auto()  # the bus is red; a bus that is red
    PARTICIPLE = auto()  # a room painted red
    CLOTHING = auto()  # a woman in red; wearing red
    APPOSITION = auto()  # a parrot, green and red
    ANAPHOR = auto()  # two cups, a red one and a blue one


@dataclass(slots=True)
class Phrase:
    """A noun phrase: words first..last, head noun, and the color groups bound to it. `is_object`: something that could be colored."""

    first: int
    last: int
    noun: int
    is_object: bool = False
    groups: list["ColorGroup"] = field(default_factory=list)


@dataclass(slots=True)
class ColorGroup:
    """Color words first..last that are said together; `lead` is the first word of what introduces them (copula, "in", comma)."""

    first: int
    last: int
    form: Form
    lead: int


@dataclass(slots=True)
class Parse:
    """Words, noun phrases in order, and the color groups that no object owns."""

    words: list[Word]
    phrases: list[Phrase]
    unbound: list[ColorGroup]

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
    index = 0
    while index < len(words):
        last, noun = _phrase_from(words, index)
        if last < index:
            index += 1
            continue
        if noun is None or words[noun].text in COLOR_WORDS or _names_shades(words, noun):
            loose.append((index, last))
        else:
            parse.phrases.append(Phrase(index, last, noun))
        index = last + 1
    for position, phrase in enumerate(parse.phrases):
        phrase.is_object = _is_object(parse, position)
    return parse, loose


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


def _compounds(words: list[Word], noun: int, index: int) -> bool:
    """Whether a noun after a noun belongs to the same phrase: not after a plural, which ends a phrase of a list without commas."""
    text = words[noun].text
    plural = words[noun].tag in ("NNS", "NNPS") and text.endswith("s") and text not in noun_lists.SINGULAR_S
    owned = words[index].text in noun_lists.BODY_NOUNS or (text in noun_lists.OWNERS and words[index].text in noun_lists.OWNED)
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
    if is_transparent(parse, position):
        return False
    if text in noun_lists.DEPICTIONS:
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
    return text not in noun_lists.ABSTRACT and len(text) > 1 and not any(character.isdigit() for character in text)


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
