"""A finder that remembers: a picture and a caption that are colored with several seeds are looked through once."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from lcad.phrase_search import Finder, Found
from lcad.prompts import Span

KEPT = 16


class RememberingFinder:
    """A finder's answers, the last ones kept; it is one thread's own."""

    def __init__(self, finder: Finder):
        self.finder = finder
        self._kept: OrderedDict[tuple, Sequence[Found | None]] = OrderedDict()

    def find(self, lightness: np.ndarray, caption: str, spans: Sequence[Span]) -> Sequence[Found | None]:
        """As the finder's."""
        key = (hashlib.sha256(lightness.tobytes()).digest(), lightness.shape, caption, tuple(spans))
        if key not in self._kept:
            self._kept[key] = self.finder.find(lightness, caption, spans)
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]
