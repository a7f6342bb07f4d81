"""Tokens of CLIP's text encoder: how many a caption takes, and which of its words are lost; without torch or transformers.

The byte-pair merges in `clip_merges.txt.gz` are those of CLIP's vocabulary (Radford et al. 2021; Copyright (c) 2021 OpenAI, MIT License).
"""

import gzip
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise

__all__ = ["MOST_TOKENS", "count_tokens", "first_lost"]

MOST_TOKENS = 77
"""Tokens that the encoder reads, its marks for start and end included."""
MARKS = 2

_WORD = re.compile(r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[^\W\d_]+|\d|(?:[^\s\w]|_)+", re.IGNORECASE)


def count_tokens(text: str) -> int:
    """How many tokens a caption takes, start and end included."""
    return MARKS + sum(_tokens_of(word.group().lower()) for word in _WORD.finditer(text))


def first_lost(text: str) -> int | None:
    """The character from which on a caption is not read, at the beginning of a word; None where all of it is."""
    room = MOST_TOKENS - MARKS
    for word in _WORD.finditer(text):
        room -= _tokens_of(word.group().lower())
        if room < 0:
            before = text[: word.start()]
            return len(before) - len(re.split(r"\s", before)[-1])
    return None


@lru_cache(maxsize=50_000)
def _tokens_of(word: str) -> int:
    """How many tokens byte-pair encoding makes of one word: the pair that the vocabulary has first is merged until none is left."""
    letters = _byte_letters()
    parts = [letters[byte] for byte in unicodedata.normalize("NFC", word).encode()]
    parts[-1] += "</w>"
    ranks = _ranks()
    while len(parts) > 1:
        pairs = list(pairwise(parts))
        best = min(pairs, key=lambda pair: ranks.get(pair, len(ranks)))
        if best not in ranks:
            break
        merged: list[str] = []
        for part in parts:
            if merged and (merged[-1], part) == best:
                merged[-1] += part
            else:
                merged.append(part)
        parts = merged
    return len(parts)


@cache
def _ranks() -> dict[tuple[str, str], int]:
    """The vocabulary's merges in order; read at first use, in some 30 milliseconds."""
    content = gzip.decompress(files("db").joinpath("clip_merges.txt.gz").read_bytes()).decode()
    pairs = (line.split(" ") for line in content.splitlines())
    return {(first, second): rank for rank, (first, second) in enumerate(pairs)}


@cache
def _byte_letters() -> dict[int, str]:
    """A printable letter for each byte, as the vocabulary writes them: most stand for themselves, the rest follow from U+0100."""
    plain = [*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAC + 1), *range(0xAE, 0xFF + 1)]
    rest = [byte for byte in range(256) if byte not in plain]
    return {byte: chr(byte) for byte in plain} | {byte: chr(256 + place) for place, byte in enumerate(rest)}
