"""Reading captions: which objects they name, which colors they give them, and so their level; and captions of a lower level from them.

The level follows L-CAD (section 3): complete when every object that could be colored has a color, partial when some have, scarce when
none has. A caption that names no object is scarce: it gives no color to anything.

    reading = read_caption("the car is red and the house behind it is light blue")
    [(m.object, m.colors) for m in reading.mentions]      # [("car", ("red",)), ("house", ("blue",))]
    reading.level                                         # CaptionLevel.COMPLETE

Conventions: the object of a compound is its last noun ("black baseball helmet": helmet); "a pair of", "a slice of" and "a photo of" are
no objects, "a plate of" and "a vase of" are; of places only the real ones are ("on top of" is none, "on a table" is). Colors of a part
("blue-eyed") and of the picture ("black and white photo") are no colors of the object.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from db.enums import CaptionLevel
from workbench.phrases import Parse, Phrase, parse_words
from workbench.words import Kind, words_of_texts

__all__ = ["CaptionLevel", "Mention", "Reading", "read_caption", "read_captions"]

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
    """What a caption says: its colorable objects in order, its other nouns, and every color word with or without an object."""

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


def read_caption(text: str) -> Reading:
    """Read one caption. Any text can be read; of one beyond 20,000 characters the beginning."""
    return next(read_captions([text]))


def read_captions(texts: Iterable[str], batch_size: int = 256) -> Iterator[Reading]:
    """Read captions in order, tagged in batches: several times as fast as one by one."""
    for words in words_of_texts(texts, batch_size):
        yield _reading(parse_words(words))


def _reading(parse: Parse) -> Reading:
    mentions = tuple(_mention(parse, phrase) for phrase in parse.phrases if phrase.is_object)
    others = tuple(_mention(parse, phrase) for phrase in parse.phrases if not phrase.is_object)
    colored = [index for index, word in enumerate(parse.words) if word.kind is Kind.COLOR]
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
