"""From words to noun phrases, and from color words to the phrases that they color."""

from dataclasses import dataclass, field
from enum import StrEnum, auto

from workbench import lexicon
from workbench.words import Kind, Word

__all__ = ["ColorGroup", "Form", "Parse", "Phrase", "parse_words"]


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


_MODIFIERS = (Kind.ADJECTIVE, Kind.COLOR, Kind.SHADE)
_OUTSIDE = Word("", 0, 0, ".")
_SINGULAR_S = frozenset(
    "bus glass grass dress class cross tennis glasses sports mens womens kids jeans skis goods gas brass canvas sunglasses bass "
    "lens tennis christmas mess press compass cactus campus circus pants shorts veggies clothes scissors less teddies mans womans childs peoples persons someones people".split()
)
_OWNERS = frozenset("chefs cowboys mens ladies girls boys artists farmers teachers players doctors trains buses".split())
_OWNED = frozenset("hat hats coat coats uniform uniforms engine room desk bike toy toys bedroom".split())
_COMPOUND_PLACES = frozenset("case cases lot lots back top tops patio display display-case pile stack bar line lines".split())
_SURFACES = frozenset("area areas surface surfaces region space spaces top tops section sections".split())
_COLORED_ABSTRACT = frozenset(
    "pattern patterns design designs shadow shadows sunset sunrise lighting shape shapes details detail word words name number numbers "
    "reflection scenery display formation theme accents trim".split()
)
_HANGING = frozenset(
    "picture pictures photo photos painting paintings photograph photographs drawing drawings portrait portraits image images print "
    "prints film collage sketch illustration".split()
)
_DEPICTING = frozenset("of showing shows with that depicting taken looking depicts has featuring features".split())


def parse_words(words: list[Word]) -> Parse:
    """Find the noun phrases of a caption, decide which are objects, and bind every color group to its object."""
    parse = Parse(words, [], [])
    loose: list[tuple[int, int]] = []
    index = 0
    while index < len(words):
        last, noun = _phrase_from(words, index)
        if last < index:
            index += 1
            continue
        if noun is None or words[noun].text in ("color", "colors", "colour", "colours"):
            loose.append((index, last))
        else:
            parse.phrases.append(Phrase(index, last, noun))
        index = last + 1
    for position, phrase in enumerate(parse.phrases):
        phrase.is_object = _is_object(parse, position)
    for position in range(len(parse.phrases)):
        _bind_modifiers(parse, position)
    for first, last in loose:
        _bind_loose(parse, first, last)
    return parse


def _at(words: list[Word], index: int) -> Word:
    return words[index] if 0 <= index < len(words) else _OUTSIDE


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
            if index > first and words[index - 1].kind not in (Kind.DETERMINER, Kind.NUMBER, *_MODIFIERS):
                break
            if index > first and words[index - 1].kind in _MODIFIERS and kind is not Kind.NUMBER:
                break
        elif kind in (Kind.AND, Kind.COMMA):
            after = _joined_modifier(words, first, index)
            if after is None:
                break
            index = after
            continue
        elif kind not in _MODIFIERS:
            break
        last, index = index, index + 1
    return last, noun


def _compounds(words: list[Word], noun: int, index: int) -> bool:
    """Whether a noun after a noun belongs to the same phrase: not after a plural, which ends a phrase of a list without commas."""
    text = words[noun].text
    plural = words[noun].tag in ("NNS", "NNPS") and text.endswith("s") and text not in _SINGULAR_S
    owned = words[index].text in lexicon.BODY_NOUNS or (text in _OWNERS and words[index].text in _OWNED)
    return noun == index - 1 and (not plural or owned)


def _joined_modifier(words: list[Word], first: int, index: int) -> int | None:
    """Where the modifiers go on after "and" or commas ("red, white and blue"), or None if they do not."""
    if index == first or words[index - 1].kind not in _MODIFIERS:
        return None
    after = index
    while _at(words, after).kind in (Kind.AND, Kind.COMMA):
        after += 1
    following = _at(words, after)
    if following.kind in _MODIFIERS:
        return after
    elided = following.kind is Kind.DETERMINER and words[first].kind is Kind.DETERMINER and _at(words, after + 1).kind is Kind.COLOR
    if elided and words[index - 1].kind is Kind.COLOR and _at(words, after + 2).kind is Kind.NOUN:
        return after + 1
    return None


def _is_object(parse: Parse, position: int) -> bool:
    """Whether the phrase names something with a surface that could be colored."""
    words, phrase = parse.words, parse.phrases[position]
    text = words[phrase.noun].text
    inside = words[phrase.first : phrase.noun]
    compound = any(word.kind is Kind.NOUN or word.text.endswith("ing") for word in inside)
    colored = any(word.kind is Kind.COLOR and not word.aside for word in inside)
    previous, following = _at(words, phrase.first - 1), _at(words, phrase.last + 1)
    if _is_transparent(parse, position):
        return False
    if text in lexicon.DEPICTIONS:
        first = position == 0 or not any(earlier.is_object for earlier in parse.phrases[:position])
        inside_picture = previous.text in ("in", "for", "from", "this", "is")
        return text in _HANGING and not first and not inside_picture and following.text not in _DEPICTING and not colored
    if text in lexicon.SPORTS and (previous.text.startswith("play") or previous.text == "of" or text == "tennis"):
        return False
    if text in lexicon.PLACES or text in _COMPOUND_PLACES:
        if text in _SURFACES and any(word.kind is Kind.ADJECTIVE for word in inside):
            return True
        if text == "corner" and following.text == "of":
            return False
        return compound or colored or (text in ("corner", "bar", "patio", "pile", "stack") and previous.text != "in")
    if text in ("sunset", "sunrise") and previous.text == "at":
        return False
    if text in _COLORED_ABSTRACT:
        return colored or text not in lexicon.ABSTRACT
    return text not in lexicon.ABSTRACT and len(text) > 1 and not any(character.isdigit() for character in text)


def _is_transparent(parse: Parse, position: int) -> bool:
    """Whether the phrase only counts or cuts what follows its "of": "a pair of", "a slice of"."""
    words, phrase = parse.words, parse.phrases[position]
    return (
        words[phrase.noun].text in lexicon.PARTITIVES
        and _at(words, phrase.last + 1).text == "of"
        and _next_after_of(parse, position) is not None
    )


def _next_after_of(parse: Parse, position: int) -> Phrase | None:
    following = parse.phrases[position + 1] if position + 1 < len(parse.phrases) else None
    return following if following and following.first <= parse.phrases[position].last + 3 else None


def _bind_modifiers(parse: Parse, position: int) -> None:
    phrase = parse.phrases[position]
    group = ColorGroup(phrase.first, phrase.noun - 1, Form.MODIFIER, phrase.first)
    if not parse.color_words(group):
        return
    owner: Phrase | None = phrase
    step = position
    while owner is not None and not owner.is_object and _is_transparent(parse, step):
        owner, step = _next_after_of(parse, step), step + 1
    if owner is not None and owner.is_object:
        owner.groups.append(group)
    else:
        parse.unbound.append(group)


_FILLERS = frozenset(
    "all mostly mainly partly entirely completely very over various several different of shades shade hues tones both either solid so also "
    "now a an the out up mainly primarily almost just".split()
)
_PAINTED = frozenset("painted colored coloured dyed lit tinted decorated done tiled stained dressed clad clothed outfitted wearing".split())
_WEARING = frozenset("wearing wears wear wore dressed clad clothed".split())


def _bind_loose(parse: Parse, first: int, last: int) -> None:
    """Bind colors that stand outside of a noun phrase by the words before them."""
    words = parse.words
    while words[first].text in ("all", "both") and first < last:
        first += 1
    group = ColorGroup(first, last, Form.APPOSITION, first)
    if not parse.color_words(group):
        return
    lead = first
    while _at(words, lead - 1).text in _FILLERS or _at(words, lead - 1).kind is Kind.ADVERB:
        lead -= 1
    before = _at(words, lead - 1)
    owners: list[Phrase] = []
    if _at(words, last + 1).text in ("one", "ones") or words[first].text == "one" or _at(words, first - 1).text == "one":
        group.form, group.lead, owners = Form.ANAPHOR, first, _nearest(parse, first, plural=False)
    elif before.kind is Kind.BE or before.text in _PAINTED and _at(words, lead - 2).kind is Kind.BE:
        copula = lead - 1 if before.kind is Kind.BE else lead - 2
        group.form, group.lead, owners = Form.PREDICATE, copula, _subjects(parse, copula)
    elif before.text in _WEARING:
        group.form, group.lead, owners = Form.CLOTHING, lead - 1, _wearer(parse, lead - 1)
    elif before.text == "with" and _at(words, lead - 2).text in _PAINTED | {"outfitted", "furnished", "trimmed"}:
        group.form, group.lead, owners = Form.CLOTHING, lead - 1, _nearest(parse, lead - 1)
    elif before.text == "in" and words[first].kind is not Kind.DETERMINER:
        group.form, group.lead = Form.CLOTHING, lead - 1
        owners = _clothed(parse, group)
    elif before.text in _PAINTED:
        group.form, group.lead, owners = Form.PARTICIPLE, lead - 1, _nearest(parse, lead - 1)
    elif words[first].kind is not Kind.DETERMINER:
        group.lead = lead - 1 if before.kind is Kind.COMMA else lead
        owners = [phrase for phrase in parse.phrases if phrase.last == group.lead - 1 and phrase.is_object]
    for owner in owners:
        owner.groups.append(group)
    if not owners:
        parse.unbound.append(group)


def _nearest(parse: Parse, before: int, plural: bool = False) -> list[Phrase]:
    """The last object before a word, as a list of one, or none."""
    return [phrase for phrase in parse.phrases if phrase.last < before and phrase.is_object][-1:]


def _wearer(parse: Parse, verb: int) -> list[Phrase]:
    """The person before "wearing", or else the nearest object."""
    people = [phrase for phrase in parse.phrases if phrase.last < verb and parse.words[phrase.noun].text in lexicon.PEOPLE]
    return people[-1:] or _nearest(parse, verb)


def _clothed(parse: Parse, group: ColorGroup) -> list[Phrase]:
    """Who or what is "in red": the nearest object, but nothing for "a photo in black and white"."""
    words, before = parse.words, group.lead
    if _at(words, before - 1).text in _PAINTED | {"covered"}:
        group.lead = before = before - 1
        if _at(words, before - 1).kind is Kind.BE:
            return _subjects(parse, before - 1)
        return _wearer(parse, before) if words[before].text in _WEARING else _nearest(parse, before)
    if _at(words, before - 1).kind is Kind.BE:
        group.lead, group.form = before - 1, Form.PREDICATE
        return _subjects(parse, before - 1)
    nearest = [phrase for phrase in parse.phrases if phrase.last < before][-1:]
    if not nearest or not nearest[0].is_object:
        return []
    terms = {term for index in parse.color_words(group) for term in words[index].terms}
    if terms == {"black", "white"} and words[nearest[0].noun].text not in lexicon.PEOPLE:
        return []
    return nearest if nearest[0].last >= before - 3 else []


_AUXILIARIES = frozenset("both all each to has have had will would can could may might must should".split())


def _subjects(parse: Parse, copula: int) -> list[Phrase]:
    """The objects of which a form of "be" speaks: over "behind it", "of the kitchen", "parked by the curb" back to the first noun."""
    words, index = parse.words, copula - 1
    while _at(words, index).kind is Kind.ADVERB or _at(words, index).text in _AUXILIARIES:
        index -= 1
    if _at(words, index).kind is Kind.RELATIVE:
        return _nearest(parse, index)
    if _at(words, index).kind in (Kind.AND, Kind.COMMA, Kind.BREAK):
        return [phrase for phrase in parse.phrases if phrase.last < copula and phrase.is_object][:1]
    found: Phrase | None = None
    while True:
        phrase = next((p for p in parse.phrases if p.first <= index <= p.last), None)
        if phrase is None and _at(words, index).kind is not Kind.PRONOUN:
            break
        if phrase is not None and (phrase.is_object or found is None):
            found = phrase
        start = phrase.first if phrase else index
        hop = start - 1
        while _at(words, hop).kind in (Kind.PREPOSITION, Kind.VERB, Kind.ADVERB) or _at(words, hop).text == "next":
            hop -= 1
        if hop == start - 1 or hop < 0 or (_at(words, start - 1).kind is Kind.VERB and phrase is None):
            if phrase is None:
                return _nearest(parse, index)
            break
        index = hop
    if found is None or not found.is_object:
        return []
    return _with_coordinates(parse, found) if words[copula].text in ("are", "were") else [found]


def _with_coordinates(parse: Parse, subject: Phrase) -> list[Phrase]:
    """For a plural verb, the subject and the phrases joined to it by "and": "the cup and the plate are red"."""
    joined = [subject]
    for phrase in reversed(parse.phrases[: parse.phrases.index(subject)]):
        between = parse.words[phrase.last + 1 : joined[0].first]
        if not phrase.is_object or not between or any(word.kind not in (Kind.AND, Kind.COMMA) for word in between):
            break
        joined.insert(0, phrase)
    return joined
