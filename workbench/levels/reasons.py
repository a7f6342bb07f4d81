"""Why a caption is read as it is: of each noun why it is an object or none, of each color how it is said, and of the level."""

from dataclasses import dataclass

from workbench.levels import lexicon, noun_lists
from workbench.levels.color_binding import parse_words
from workbench.levels.mentions_and_level import Mention, Reading, reading_of
from workbench.levels.noun_phrases import ColorGroup, Form, Parse, Phrase
from workbench.levels.objects import is_idiom, is_owner, is_transparent
from workbench.levels.pos_tagger import words_of
from workbench.levels.tokens import word_at

__all__ = ["Explanation", "explain", "reason_of_level"]

_SAID = {
    Form.MODIFIER: "before the noun",
    Form.PREDICATE: "said of it",
    Form.PARTICIPLE: "said of it",
    Form.CLOTHING: "worn or shown",
    Form.APPOSITION: "after the noun",
    Form.ANAPHOR: "picked from it",
    Form.COLOR_NOUN: "the color of it",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """A reading with a reason for each mention, each other noun, each color that no object has, and for the level."""

    reading: Reading
    mentions: tuple[tuple[Mention, str], ...]
    others: tuple[tuple[Mention, str], ...]
    unbound: tuple[tuple[str, str], ...]
    level: str


def explain(text: str) -> Explanation:
    """Read a caption and say why; any text can be read."""
    parse = parse_words(words_of(text))
    reading = reading_of(parse)
    objects = [phrase for phrase in parse.phrases if phrase.is_object]
    others = [position for position, phrase in enumerate(parse.phrases) if not phrase.is_object]
    mentions = [(mention, _why_colored(text, parse, phrase)) for mention, phrase in zip(reading.mentions, objects, strict=True)]
    nouns = [(mention, _why_no_object(parse, position)) for mention, position in zip(reading.others, others, strict=True)]
    loose = [(_words(text, parse, group), "no object is near enough to have it") for group in parse.unbound]
    loose += [(_words(text, parse, group), "the caption denies it") for group in parse.denied]
    counted = [(mention.object, bool(mention.colors)) for mention in reading.mentions]
    return Explanation(reading, tuple(mentions), tuple(nouns), tuple(loose), reason_of_level(counted))


def reason_of_level(objects: list[tuple[str, bool]]) -> str:
    """Why the rules give a level, from the objects in order and whether each has a color."""
    if not objects:
        return "scarce: no object is named"
    bare = [noun for noun, colored in objects if not colored]
    if len(bare) == len(objects):
        return f"scarce: no color for {_listed(bare)}"
    if bare:
        return f"partial: {len(objects) - len(bare)} of {len(objects)} objects have a color, {_listed(bare)} {_has(bare)} none"
    return "complete: every object has a color" if len(objects) > 1 else f"complete: the only object, {objects[0][0]}, has a color"


def _has(nouns: list[str]) -> str:
    return "has" if len(nouns) == 1 else "have"


def _listed(nouns: list[str]) -> str:
    return " and ".join([", ".join(nouns[:-1]), nouns[-1]] if len(nouns) > 1 else nouns)


def _why_colored(text: str, parse: Parse, phrase: Phrase) -> str:
    if not phrase.groups:
        return "an object; no color is said of it"
    return "; ".join(f'"{_words(text, parse, group)}": {_SAID[group.form]}' for group in phrase.groups)


def _words(text: str, parse: Parse, group: ColorGroup) -> str:
    """The color words of a group as they are written, from the first to the last."""
    colored = parse.color_words(group)
    if not colored:
        return text[parse.words[group.first].start : parse.words[group.last].end]
    return text[parse.words[colored[0]].start : parse.words[colored[-1]].end]


def _why_no_object(parse: Parse, position: int) -> str:
    words, phrase = parse.words, parse.phrases[position]
    noun = words[phrase.noun].text
    if phrase.repeats:
        return "names again what was named before"
    if is_transparent(parse, position):
        return 'counts or cuts what follows its "of"'
    if is_owner(parse, position):
        return "only says whose the next thing is"
    if is_idiom(parse, position):
        return "part of an idiom or of what a thing is made"
    if noun in noun_lists.DEPICTIONS:
        return "the picture itself"
    if noun in noun_lists.PLACES | noun_lists.COMPOUND_PLACES:
        return "a place in the picture, without a color"
    if noun in noun_lists.SPORTS and word_at(words, phrase.first - 1).text not in lexicon.WEARING:
        return "a sport or a game"
    return "nothing with a surface to color"
