"""What a caption says: mentions with their colors, and the level that follows from them."""

from dataclasses import dataclass

from db.enums import CaptionLevel
from workbench.levels.noun_phrases import Parse, Phrase
from workbench.levels.tokens import Kind

__all__ = ["Mention", "Reading", "reading_of"]

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mention:
    """A noun phrase: head noun in lower case, basic color terms, character spans [start, end) of the phrase and of its color words."""

    object: str
    colors: tuple[str, ...]
    start: int
    end: int
    color_spans: tuple[Span, ...]
    colorable: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """What a caption says: its colorable objects in order, its other nouns, and every color word with or without an object.

    A color that the caption denies ("not red") is none of them.
    """

    mentions: tuple[Mention, ...]
    others: tuple[Mention, ...]
    color_spans: tuple[Span, ...]

    @property
    def colorable(self) -> int:
        """The number of objects that could be colored."""
        return len(self.mentions)

    @property
    def colored(self) -> int:
        """The number of objects with a color."""
        return sum(bool(mention.colors) for mention in self.mentions)

    @property
    def coverage(self) -> float:
        """Colored objects of the colorable ones, in [0, 1]; 0 for a caption without objects."""
        return self.colored / self.colorable if self.mentions else 0.0

    @property
    def level(self) -> CaptionLevel:
        """Complete, partial or scarce; scarce for a caption without objects."""
        if self.colored == 0:
            return CaptionLevel.SCARCE
        return CaptionLevel.COMPLETE if self.colored == self.colorable else CaptionLevel.PARTIAL


def reading_of(parse: Parse) -> Reading:
    """What a parsed caption says."""
    mentions = tuple(_mention(parse, phrase) for phrase in parse.phrases if phrase.is_object)
    others = tuple(_mention(parse, phrase) for phrase in parse.phrases if not phrase.is_object)
    denied = {index for group in parse.denied for index in range(group.first, group.last + 1)}
    colored = [index for index, word in enumerate(parse.words) if word.kind is Kind.COLOR and index not in denied]
    return Reading(mentions, others, tuple(_color_span(parse, index) for index in colored))


def _mention(parse: Parse, phrase: Phrase) -> Mention:
    words = parse.words
    colored = sorted({index for group in phrase.groups for index in parse.color_words(group)})
    return Mention(
        object=words[phrase.noun].text,
        colors=parse.terms(phrase),
        start=words[phrase.first].start,
        end=words[phrase.last].end,
        color_spans=tuple(_color_span(parse, index) for index in colored),
        colorable=phrase.is_object,
    )


def _color_span(parse: Parse, index: int) -> Span:
    """The span of a color word with the shade before it: "light blue"."""
    first = index
    while first > 0 and parse.words[first - 1].kind is Kind.SHADE:
        first -= 1
    return parse.words[first].start, parse.words[index].end
