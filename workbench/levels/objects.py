"""Which noun phrases name objects: things with a surface that could be colored."""

from workbench.levels import lexicon, noun_lists
from workbench.levels.noun_phrases import Parse, Phrase
from workbench.levels.tokens import MODIFIERS, Kind, Word, word_at
from workbench.levels.word_senses import ADJECTIVE, NOUN, senses

__all__ = ["is_idiom", "is_object", "is_owner", "is_transparent", "next_after_of"]


def is_object(parse: Parse, position: int) -> bool:
    """Whether the phrase names something with a surface that could be colored."""
    words, phrase = parse.words, parse.phrases[position]
    text = words[phrase.noun].text
    inside = words[phrase.first : phrase.noun]
    compound = any(word.kind is Kind.NOUN or word.text.endswith("ing") for word in inside)
    colored = any(word.kind is Kind.COLOR and not word.aside for word in inside)
    previous, following = word_at(words, phrase.first - 1), word_at(words, phrase.last + 1)
    if is_transparent(parse, position) or is_owner(parse, position) or is_idiom(parse, position):
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


def is_owner(parse: Parse, position: int) -> bool:
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


def is_idiom(parse: Parse, position: int) -> bool:
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
