"""From text to words with kinds: a spaCy tagger, loaded once, and the corrections of `kinds`."""

import re
import threading
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from workbench.levels import lexicon
from workbench.levels.hex_codes import in_words, put_back
from workbench.levels.spacy_model import tagger
from workbench.levels.tokens import Word
from workbench.levels.word_classes import assign_kinds

if TYPE_CHECKING:
    from spacy.tokens import Doc

__all__ = ["MAX_CHARACTERS", "words_of", "words_of_texts"]

MAX_CHARACTERS = 20_000
"""What is longer is no caption: the rest is not read, which bounds time and memory."""
SHORTEST_RUN = 300
NO_WORD = re.compile(rf"\S{{{SHORTEST_RUN},}}")
"""What runs on for so long without a space is no word. Its parts are not looked for: that takes time with the square of its length."""

_LOCK = threading.Lock()
_SENTENCE_ENDS = (".", "!", "?", "\n", ":", '"', "``", "“")


def words_of(text: str) -> list[Word]:
    """The words of one caption."""
    return next(words_of_texts([text]))


def words_of_texts(texts: Iterable[str], batch_size: int = 256) -> Iterator[list[Word]]:
    """The words of each caption, in order, tagged in batches; one thread tags at a time, because the tagger's vocabulary grows."""
    cut = (text[:MAX_CHARACTERS] for text in texts)
    while batch := list(islice(cut, batch_size)):
        with _LOCK:
            said, changed = zip(*(in_words(_spelled(text)) for text in batch), strict=True)
            tagged = [_joined(doc) for doc in tagger().pipe(said, batch_size=batch_size)]
        for text, words, changes in zip(batch, tagged, changed, strict=True):
            put_back(words, changes)
            _put_runs_back(text, words)
            _mark_capitals(text, words)
            assign_kinds(words)
            yield words


def _spelled(text: str) -> str:
    """The text as the tagger gets it, with every character in its place: lower case, and letters only where there is no word."""
    return NO_WORD.sub(lambda run: "x" * len(run[0]), _lower(text))


def _put_runs_back(text: str, words: list[Word]) -> None:
    for word in words:
        if word.end - word.start >= SHORTEST_RUN:
            word.text = _lower(text[word.start : word.end])


def _lower(text: str) -> str:
    """Lower case with every character in its place, so that spans hold in the text as written."""
    lowered = text.lower()
    return lowered if len(lowered) == len(text) else "".join(c if len(c.lower()) != 1 else c.lower() for c in text)


def _joined(doc: "Doc") -> list[Word]:
    """Tokens as words: hyphened parts are joined, line breaks kept as breaks, other white space dropped."""
    words: list[Word] = []
    glue = False
    for token in doc:
        if token.is_space:
            if "\n" in token.text:
                words.append(Word("\n", token.idx, token.idx + len(token.text), "."))
            glue = False
            continue
        end = token.idx + len(token.text)
        adjacent = bool(words) and words[-1].end == token.idx
        hyphen = glue or (token.text == "-" and not token.whitespace_ and adjacent and words[-1].text[-1].isalnum())
        split = adjacent and token.text.isalpha() and words[-1].text.isalpha()  # "wed" is no "we" + "d"
        titled = token.text == "." and adjacent and words[-1].text in lexicon.TITLES
        if adjacent and (hyphen or split or titled):
            words[-1].text += token.text
            words[-1].end, words[-1].tag = end, token.tag_
            glue = token.text == "-"
        elif token.text.startswith(("w/", "w\\")) and len(token.text) > 2 and token.text != "w/o":  # "w/a hat"
            words += [Word("w/", token.idx, token.idx + 2, "IN"), Word(token.text[2:], token.idx + 2, end, token.tag_)]
            glue = False
        else:
            words.append(Word(token.text, token.idx, end, token.tag_))
            glue = False
    return words


def _mark_capitals(text: str, words: list[Word]) -> None:
    """Mark the words that are written with a capital where that says something: not in a title, in capitals or at a sentence's start."""
    for index, word in enumerate(words):
        word.opens = index == 0 or words[index - 1].text in _SENTENCE_ENDS
    inside = [word for word in words if not word.opens and word.text[0].isalpha()]
    large = [word for word in inside if text[word.start].isupper()]
    if 2 * len(large) <= len(inside):
        for word in large:
            word.capital = True
