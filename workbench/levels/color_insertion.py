"""Color words put into a caption, before the nouns of which they are said."""

from collections.abc import Mapping, Sequence

from workbench.levels.color_binding import parse_words
from workbench.levels.pos_tagger import words_of
from workbench.levels.sentence_edits import Rewriting
from workbench.levels.tokens import Kind

__all__ = ["put_colors"]

Span = tuple[int, int]


def put_colors(text: str, colors: Mapping[Span, Sequence[str]]) -> str:
    """The caption with color words in the phrases at the given spans: "a cup" with ("red", "white") is "a red and white cup".

    Articles follow the sound of the new word ("an umbrella", "a red umbrella"). Spans that are no phrases of the caption are left out.
    """
    parse = parse_words(words_of(text))
    rewriting = Rewriting(text, parse)
    for phrase in parse.phrases:
        words = colors.get((parse.words[phrase.first].start, parse.words[phrase.last].end))
        if words:
            place = phrase.noun
            while place > phrase.first and parse.words[place - 1].kind is Kind.NOUN:
                place -= 1
            rewriting.put_in(place, " and ".join(words))
    return rewriting.render()
