"""Reading captions: which objects they name, which colors they give them, and so their level; and captions of a lower level from them.

The level follows L-CAD (section 3): complete when every object that could be colored has a color, partial when some have, scarce when
none has. A caption that names no object is scarce: it gives no color to anything.

    reading = read_caption("the car is red and the house behind it is light blue")
    [(m.object, m.colors) for m in reading.mentions]      # [("car", ("red",)), ("house", ("blue",))]
    reading.level                                         # CaptionLevel.COMPLETE

Conventions: the object of a compound is its last noun ("black baseball helmet": helmet); "a pair of", "a slice of" and "a photo of" are
no objects, "a plate of" and "a vase of" are; of places only the real ones are ("on top of" is none, "on a table" is), and those that have
a color ("the background is green"). Who owns a thing is no object ("the dog's red collar": collar), unless it has a color itself. "One"
and "ones" are objects where they name another thing ("a red cup and a blue one"), not where they pick ("two cups, one red"). A thing that
is named twice is one object. Colors of a part ("blue-eyed"), of the picture ("black and white photo"), of people ("a black woman"), of
names ("the White House") and denied ones ("not red") are no colors of the object; "blue-gray" is both, "yellowish-green" is green.
"""

from collections.abc import Iterable, Iterator

from db.enums import CaptionLevel
from workbench.levels.articles import article_for
from workbench.levels.color_binding import parse_words
from workbench.levels.color_insertion import put_colors
from workbench.levels.derivation import Proposal, derive_partial, derive_scarce, derive_scarcer
from workbench.levels.mentions_and_level import Mention, Reading, reading_of
from workbench.levels.misspelled_colors import meant_color
from workbench.levels.pos_tagger import words_of_texts
from workbench.levels.reasons import Explanation, explain, reason_of_level
from workbench.levels.word_senses import is_english

__all__ = [
    "CaptionLevel",
    "Explanation",
    "Mention",
    "Proposal",
    "Reading",
    "article_for",
    "derive_partial",
    "derive_scarce",
    "derive_scarcer",
    "explain",
    "is_english",
    "meant_color",
    "put_colors",
    "read_caption",
    "read_captions",
    "reason_of_level",
]


def read_caption(text: str) -> Reading:
    """Read one caption. Any text can be read; of one beyond 20,000 characters the beginning."""
    return next(read_captions([text]))


def read_captions(texts: Iterable[str], batch_size: int = 256) -> Iterator[Reading]:
    """Read captions in order, tagged in batches: several times as fast as one by one."""
    for words in words_of_texts(texts, batch_size):
        yield reading_of(parse_words(words))
