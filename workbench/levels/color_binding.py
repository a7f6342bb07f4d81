"""Binding color words to the objects of which they are said."""

from workbench.levels import lexicon, noun_lists
from workbench.levels.coreference import merge_repeated
from workbench.levels.noun_phrases import ColorGroup, Form, Parse, Phrase, find_phrases
from workbench.levels.objects import is_object, is_transparent, next_after_of
from workbench.levels.tokens import COLOR_WORDS, Kind, Word, word_at

__all__ = ["parse_words"]


def parse_words(words: list[Word]) -> Parse:
    """Find the noun phrases of a caption, decide which are objects, and bind every color group to its object."""
    parse, loose = find_phrases(words)
    for position, phrase in enumerate(parse.phrases):
        phrase.is_object = is_object(parse, position)
    for position in range(len(parse.phrases)):
        _bind_modifiers(parse, position)
    for first, last in loose:
        _bind_loose(parse, first, last)
    merge_repeated(parse)
    return parse


def _bind_modifiers(parse: Parse, position: int) -> None:
    phrase = parse.phrases[position]
    group = ColorGroup(phrase.first, min(phrase.noun - 1, phrase.last), Form.MODIFIER, phrase.first)
    if not parse.color_words(group):
        return
    owner: Phrase | None = phrase
    step = position
    while owner is not None and not owner.is_object and is_transparent(parse, step):
        owner, step = next_after_of(parse, step), step + 1
    if owner is not None and owner.is_object:
        owner.groups.append(group)
    else:
        parse.unbound.append(group)


def _bind_loose(parse: Parse, first: int, last: int) -> None:
    """Bind colors that stand outside of a noun phrase by the words before them."""
    words = parse.words
    while words[first].text in ("all", "both") and first < last:
        first += 1
    said_not = _denied_until(words, first, last)
    if said_not is not None:
        parse.denied.append(_introduced(words, first, said_not))
        first = said_not + 1
        while first <= last and words[first].kind in (Kind.AND, Kind.COMMA):
            first += 1
    group = _introduced(words, first, last) if first <= last else ColorGroup(first, last, Form.APPOSITION, first)
    if said_not is not None and first <= last:
        group.lead = parse.denied[-1].lead  # "is not black but white"
    if first > last or not parse.color_words(group):
        return
    owners = _owners(parse, group)
    for owner in owners:
        owner.groups.append(group)
    if not owners:
        parse.unbound.append(group)


def _introduced(words: list[Word], first: int, last: int) -> ColorGroup:
    """A group of colors whose lead is the first of the words that only vary it: "mostly", "a shade of", "the color of"."""
    lead = first
    while word_at(words, lead - 1).text in lexicon.FILLERS or word_at(words, lead - 1).kind is Kind.ADVERB:
        lead -= 1
    if word_at(words, lead).text == "of" and word_at(words, lead - 1).text in COLOR_WORDS:  # "the color of lavender"
        lead -= 1
        while word_at(words, lead - 1).kind is Kind.DETERMINER:
            lead -= 1
    return ColorGroup(first, last, Form.APPOSITION, lead)


def _owners(parse: Parse, group: ColorGroup) -> list[Phrase]:
    """The objects of which a loose group of colors is said; its form and lead are set on the way."""
    words, first, last, lead = parse.words, group.first, group.last, group.lead
    before, earlier = word_at(words, lead - 1), word_at(words, lead - 2)
    if word_at(words, last + 1).text in ("one", "ones") or words[first].text in ("one", "some") or word_at(words, first - 1).text == "one":
        group.form, group.lead = Form.ANAPHOR, first
        return _nearest(parse, first)
    if before.text in ("other", "others"):  # "two dogs, one black, the other brown"
        group.lead = lead - 2 if earlier.kind is Kind.DETERMINER else lead - 1
        return _picked_from(parse, group.lead)
    if _names_the_color_of(words, group):
        group.form = Form.COLOR_NOUN
        return [phrase for phrase in parse.phrases if phrase.is_object and last < phrase.first][:1]
    if before.kind is Kind.BE or (before.text in lexicon.PAINTED and earlier.kind is Kind.BE):
        group.form, group.lead = Form.PREDICATE, lead - 1 if before.kind is Kind.BE else lead - 2
        return _subjects(parse, group.lead) + _likened(parse, group)
    if before.text in ("has", "have", "had") and words[last].kind is Kind.NOUN:  # "has a pink color"
        group.form, group.lead = Form.PREDICATE, lead - 1
        return _subjects(parse, lead - 1)
    if before.text in ("from", "to", "into"):
        return _changing(parse, group)
    if before.text in lexicon.SHOWN_BY_VERBS:
        group.form, group.lead = Form.PREDICATE, lead - 1
        return _nearest(parse, lead - 1)
    if before.text in lexicon.WEARING:
        group.form, group.lead = Form.CLOTHING, lead - 1
        return _wearer(parse, lead - 1)
    if before.text == "with" and (
        earlier.text in lexicon.PAINTED | {"outfitted", "furnished", "trimmed"} or words[last].text in COLOR_WORDS
    ):
        group.form, group.lead = Form.CLOTHING, lead - 1
        return _nearest(parse, lead - 1)
    if before.text == "in" and words[first].kind is not Kind.DETERMINER:
        group.form, group.lead = Form.CLOTHING, lead - 1
        return _clothed(parse, group)
    if before.text in lexicon.PAINTED:
        group.form, group.lead = Form.PARTICIPLE, lead - 1
        return _nearest(parse, lead - 1)
    if words[first].kind is not Kind.DETERMINER or words[lead].text in COLOR_WORDS or word_at(words, lead + 1).text in COLOR_WORDS:
        group.lead = lead - 1 if before.kind is Kind.COMMA or before.text == "(" else lead
        return [phrase for phrase in parse.phrases if phrase.last == group.lead - 1 and phrase.is_object]
    return []


def _denied_until(words: list[Word], first: int, last: int) -> int | None:
    """Where colors end that a caption denies: "is not red", "neither the shirt nor the pants are black"; None if it denies none."""
    colored = next((index for index in range(first, last + 1) if words[index].kind is Kind.COLOR), first)
    if any(word.text in lexicon.DENIALS for word in words[first:colored]):  # "is no longer green"
        return last
    before = first - 1
    while word_at(words, before).text in lexicon.FILLERS or word_at(words, before).kind in (Kind.ADVERB, Kind.DETERMINER):
        if word_at(words, before).text in lexicon.DENIALS:
            break
        before -= 1
    denied = word_at(words, before).text in lexicon.DENIALS
    if not denied and word_at(words, before).kind is Kind.BE:
        clause = before
        while word_at(words, clause).kind not in (Kind.BREAK, Kind.COMMA) and word_at(words, clause).text:
            denied = denied or words[clause].text == "neither"
            clause -= 1
    if not denied and word_at(words, before).text in ("of", "than"):  # "instead of red", "rather than red"
        denied = word_at(words, before - 1).text in ("instead", "rather")
    if not denied:
        return None
    return next((index - 1 for index in range(first, last + 1) if words[index].text == "but"), last)


def _names_the_color_of(words: list[Word], group: ColorGroup) -> bool:
    """Whether the colors are the noun of "the blue of the sky"; "black and white of a person" is a photo."""
    return word_at(words, group.last + 1).text == "of" and word_at(words, group.first).kind is Kind.DETERMINER


def _likened(parse: Parse, group: ColorGroup) -> list[Phrase]:
    """What has "the same red as" the subject, in a list of one or none."""
    words = parse.words
    same = any(words[index].text == "same" for index in range(group.lead, group.last)) and word_at(words, group.last + 1).text == "as"
    return [phrase for phrase in parse.phrases if phrase.is_object and phrase.first == group.last + 2] if same else []


def _changing(parse: Parse, group: ColorGroup) -> list[Phrase]:
    """What turns "from green to red"; both colors are said of it."""
    words, verb = parse.words, group.lead - 2
    while word_at(words, verb).kind in (Kind.COLOR, Kind.SHADE) or word_at(words, verb).text == "from":
        verb -= 1
    if word_at(words, verb).kind is not Kind.BE and not word_at(words, verb).text.startswith(lexicon.CHANGING):
        return []
    group.form, group.lead = Form.CLOTHING, group.lead - 1
    return _subjects(parse, verb) or _nearest(parse, verb)


def _nearest(parse: Parse, before: int) -> list[Phrase]:
    """The last object before a word, as a list of one, or none."""
    return [phrase for phrase in parse.phrases if phrase.last < before and phrase.is_object][-1:]


def _picked_from(parse: Parse, before: int) -> list[Phrase]:
    """The things from which "one" or "the other" picks: the last ones that were named together, else the last object."""
    named = [phrase for phrase in parse.phrases if phrase.last < before and phrase.is_object]
    return [phrase for phrase in named if parse.words[phrase.noun].tag == "NNS"][-1:] or named[-1:]


def _wearer(parse: Parse, verb: int) -> list[Phrase]:
    """The person before "wearing", or else the nearest object; who opens a clause with it, whatever called: "while fans dressed in red"."""
    opening = [phrase for phrase in parse.phrases if phrase.last == verb - 1 and phrase.is_object]
    if opening and word_at(parse.words, opening[0].first - 1).text in ("while", "as", "when", "and"):
        return opening
    people = [phrase for phrase in parse.phrases if phrase.last < verb and parse.words[phrase.noun].text in noun_lists.PEOPLE]
    return people[-1:] or _nearest(parse, verb)


def _clothed(parse: Parse, group: ColorGroup) -> list[Phrase]:
    """Who or what is "in red": the nearest object, but nothing for "a photo in black and white"."""
    words, before = parse.words, group.lead
    if word_at(words, before - 1).text in lexicon.PAINTED | {"covered"}:
        group.lead = before = before - 1
        if word_at(words, before - 1).kind is Kind.BE:
            return _subjects(parse, before - 1)
        return _wearer(parse, before) if words[before].text in lexicon.WEARING else _nearest(parse, before)
    if word_at(words, before - 1).kind is Kind.BE:
        group.lead, group.form = before - 1, Form.PREDICATE
        return _subjects(parse, before - 1)
    picking = word_at(words, before - 1)
    if picking.text in ("one", "other", "another", "others", "two", "some") and picking.kind is not Kind.NOUN:
        # "two women, one in red, one in green"
        return _picked_from(parse, before)
    nearest = [phrase for phrase in parse.phrases if phrase.last < before][-1:]
    if not nearest or not nearest[0].is_object:
        return []
    terms = {term for index in parse.color_words(group) for term in words[index].terms}
    if terms == {"black", "white"} and words[nearest[0].noun].text not in noun_lists.PEOPLE:
        return []
    return nearest if nearest[0].last >= before - 3 else []


def _subjects(parse: Parse, copula: int) -> list[Phrase]:
    """The objects of which a form of "be" speaks: over "behind it", "of the kitchen", "parked by the curb" back to the first noun."""
    words, index = parse.words, copula - 1
    while word_at(words, index).kind in (Kind.ADVERB, Kind.BE) or word_at(words, index).text in lexicon.AUXILIARIES:
        index -= 1
    described = _described_by_clause(parse, index) if word_at(words, index).kind is Kind.VERB else []
    if described:
        return described
    if word_at(words, index).kind is Kind.RELATIVE:
        return _nearest(parse, index)
    if word_at(words, index).kind in (Kind.AND, Kind.COMMA, Kind.BREAK):
        return [phrase for phrase in parse.phrases if phrase.last < copula and phrase.is_object][:1]
    subject: Phrase | None = None
    first_named: Phrase | None = None
    while True:
        phrase = next((p for p in parse.phrases if p.first <= index <= p.last), None)
        if phrase is None and word_at(words, index).kind is not Kind.PRONOUN:
            break
        if phrase is not None and (phrase.is_object or subject is None):
            subject = phrase
        first_named = phrase or first_named
        start = phrase.first if phrase else index
        hop = start - 1
        while _leads_back(word_at(words, hop)):
            hop -= 1
        if hop == start - 1 or hop < 0 or (word_at(words, start - 1).kind is Kind.VERB and phrase is None):
            if phrase is None:
                return _nearest(parse, index)
            break
        index = hop
    if first_named is not None and words[first_named.noun].text in ("half", "rest"):  # "half is red and half is green"
        return _nearest(parse, first_named.first) or ([subject] if subject and subject.is_object else [])
    if first_named is not None and _is_colored_place(parse, first_named):
        subject = first_named
        subject.is_object = True
    if subject is None or not subject.is_object:
        return []
    return _with_coordinates(parse, subject) if words[copula].text in ("are", "were") else [subject]


def _is_colored_place(parse: Parse, phrase: Phrase) -> bool:
    """Whether a word that mostly places others is said to have a color, which makes it an object: "the background is green"."""
    noun = parse.words[phrase.noun].text
    return noun in noun_lists.PLACES | noun_lists.COLORED_ABSTRACT and not is_transparent(parse, parse.phrases.index(phrase))


def _described_by_clause(parse: Parse, verb: int) -> list[Phrase]:
    """The object before a clause that ends with its verb: "the umbrella that she carries", "the hat the man is wearing"; else none."""
    words, start = parse.words, verb - 1
    while word_at(words, start).kind in (Kind.BE, Kind.ADVERB) or word_at(words, start).text in lexicon.AUXILIARIES:
        start -= 1
    finite = words[verb].tag in ("VBZ", "VBP", "VBD") or word_at(words, verb - 1).kind is Kind.BE
    subject = next((phrase for phrase in parse.phrases if phrase.last == start), None)
    if subject is None and word_at(words, start).kind is not Kind.PRONOUN:
        return []
    hop = (subject.first if subject else start) - 1
    related = hop
    while word_at(words, hop).kind is Kind.RELATIVE or word_at(words, hop).text == "that":
        hop -= 1
    if not finite and hop == related:
        return []
    return [phrase for phrase in parse.phrases if phrase.last == hop and phrase.is_object]


def _leads_back(word: Word) -> bool:
    """Whether a word ties what follows to a noun before: a preposition or a participle, not the verb of a clause."""
    return word.kind in (Kind.PREPOSITION, Kind.ADVERB) or (word.kind is Kind.VERB and word.tag in ("VBG", "VBN", "VBD"))


def _with_coordinates(parse: Parse, subject: Phrase) -> list[Phrase]:
    """For a plural verb, the subject and the phrases joined to it by "and": "the cup and the plate are red"."""
    joined = [subject]
    for phrase in reversed(parse.phrases[: parse.phrases.index(subject)]):
        between = parse.words[phrase.last + 1 : joined[0].first]
        if not phrase.is_object or not between or any(word.kind not in (Kind.AND, Kind.COMMA) for word in between):
            break
        joined.insert(0, phrase)
    return joined
