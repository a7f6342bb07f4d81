"""Captions of a lower level from a caption: color words are taken out and the English around them is mended."""

import itertools
import random
from collections.abc import Iterable
from dataclasses import dataclass

from db.enums import CaptionLevel
from workbench.levels.color_binding import parse_words
from workbench.levels.mentions_and_level import Reading, reading_of
from workbench.levels.noun_phrases import ColorGroup, Form, Parse, Phrase
from workbench.levels.pos_tagger import words_of
from workbench.levels.sentence_edits import Rewriting
from workbench.levels.tokens import Kind, word_at

__all__ = ["Proposal", "derive_partial", "derive_scarce", "derive_scarcer"]

MOST_OBJECTS = 6
"""Up to so many colored objects every choice of them is tried; beyond, a random sample of choices."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A derived caption, its level, and the objects that keep their colors, in order."""

    text: str
    level: CaptionLevel
    kept: tuple[str, ...]


def derive_scarce(text: str) -> Proposal | None:
    """The caption without its color words; None where it has none to lose, or is nothing but colors."""
    current = text
    for _ in range(3):  # mending can bring two words together that read as something else; a second pass settles it
        parse = parse_words(words_of(current))
        if not parse.phrases:
            return None
        groups = [*_groups(parse), *parse.unbound]
        if not groups and not any(word.aside for word in parse.words):
            break
        current = _without(current, parse, groups, asides=True)
    if current == text or not current.strip(" .,;!?"):
        return None
    return Proposal(current, CaptionLevel.SCARCE, ()) if read_level(current) is CaptionLevel.SCARCE else None


def derive_scarcer(text: str, variants: int = 3) -> list[Proposal]:
    """Up to `variants` captions without colors: the caption without its own, its beginning alone, and its objects as a list."""
    plain = derive_scarce(text)
    if plain is None:
        return []
    parse = parse_words(words_of(plain.text))
    texts = dict.fromkeys([plain.text, *filter(None, (_beginning(plain.text, parse), _listing(plain.text, parse)))])
    plain_ones = [text for text in texts if (reading := _read(text)).mentions and not reading.colored]
    return [Proposal(text, CaptionLevel.SCARCE, ()) for text in plain_ones[:variants]]


def _beginning(text: str, parse: Parse) -> str | None:
    """A caption without the place that its last object gives: "a cat sleeping on a sofa" becomes "a cat sleeping"."""
    objects = [phrase for phrase in parse.phrases if phrase.is_object]
    if len(objects) < 2:
        return None
    words, start = parse.words, objects[-1].first
    inside = {index for phrase in parse.phrases if not phrase.is_object for index in range(phrase.first, phrase.last + 1)}
    while start > 0 and (words[start - 1].kind in (Kind.PREPOSITION, Kind.ADVERB) or start - 1 in inside):
        start -= 1
    before = word_at(words, start - 1)
    ends_well = before.kind is Kind.NOUN or before.tag in ("VBG", "VBN")
    return text[: before.end].rstrip(" ,") if start < objects[-1].first and ends_well else None


def _listing(text: str, parse: Parse) -> str | None:
    """The objects of a caption by themselves: "a cat and a sofa"."""
    objects = [text[parse.words[phrase.first].start : parse.words[phrase.last].end] for phrase in parse.phrases if phrase.is_object]
    if len(objects) < 2:
        return None
    return f"{', '.join(objects[:-1])} and {objects[-1]}"


def derive_partial(text: str, variants: int = 3, seed: int = 0) -> list[Proposal]:
    """Captions in which some objects keep their colors and some lose them: up to `variants`, different, the same for the same seed.

    Choices that keep about half of the colors come first. The list is empty where no caption between complete and scarce exists, as
    for one colored object alone.
    """
    parse = parse_words(words_of(text))
    colored = [phrase for phrase in parse.phrases if phrase.groups]
    proposals: dict[str, Proposal] = {}
    for kept in _choices(len(colored), random.Random(seed)):
        if len(proposals) >= variants:
            break
        stripped = [phrase for index, phrase in enumerate(colored) if index not in kept]
        remaining = [colored[index] for index in kept]
        lost = [group for group in _groups(parse, stripped) if not any(group in phrase.groups for phrase in remaining)]
        derived = _without(text, parse, lost, kept=remaining)
        reading = _read(derived)
        if derived != text and derived not in proposals and reading.level is CaptionLevel.PARTIAL:
            names = tuple(mention.object for mention in reading.mentions if mention.colors)
            proposals[derived] = Proposal(derived, CaptionLevel.PARTIAL, names)
    return list(proposals.values())


def _choices(count: int, generator: random.Random) -> list[tuple[int, ...]]:
    """Which objects keep their colors: every choice but none and all, nearest to half first, in random order within a size."""
    if count <= MOST_OBJECTS:
        sizes = range(1, count)
        choices = [choice for size in sizes for choice in itertools.combinations(range(count), size)]
    else:
        choices = [tuple(sorted(generator.sample(range(count), generator.randint(1, count - 1)))) for _ in range(4 * count)]
    generator.shuffle(choices)
    return sorted(choices, key=lambda choice: abs(len(choice) - count / 2))


def _groups(parse: Parse, phrases: Iterable[Phrase] | None = None) -> list[ColorGroup]:
    """The color groups of phrases (of all by default), each once."""
    groups: list[ColorGroup] = []
    for phrase in parse.phrases if phrases is None else phrases:
        groups.extend(group for group in phrase.groups if not any(group is other for other in groups))
    return groups


def _without(text: str, parse: Parse, groups: list[ColorGroup], asides: bool = False, kept: Iterable[Phrase] = ()) -> str:
    """The text with color groups taken out, and with `asides` the colors of parts and of the picture as well."""
    rewriting = Rewriting(text, parse)
    for group in groups:
        rewriting.take_out(group)
    if any(group.form is Form.PREDICATE for group in groups):
        for phrase in kept:
            rewriting.bring_forward(phrase, except_for=groups)
    if asides:
        rewriting.take_out_asides()
        rewriting.take_out_denied()
    return rewriting.render()


def _read(text: str) -> Reading:
    return reading_of(parse_words(words_of(text)))


def read_level(text: str) -> CaptionLevel:
    """The level of a caption, as `read_caption` finds it."""
    return _read(text).level
