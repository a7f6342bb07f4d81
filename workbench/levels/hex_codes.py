"""Hex codes in captions ("a #0a5 car"): read as the color word that stands for them, with every span where it is in the caption."""

import re

from workbench.imaging import lab_of_rgb, name_of_color, rgb_of_code
from workbench.levels.tokens import Word

__all__ = ["in_words", "put_back"]

CODE = re.compile(r"(?<![\w#])#(?:[0-9a-f]{6}|[0-9a-f]{3})(?!\w)", re.IGNORECASE)

Change = tuple[int, int, int]
"""[start, end) of a code in the caption, and the length of the word that stands for it."""


def in_words(text: str) -> tuple[str, list[Change]]:
    """A text with its hex codes said in words, and what was changed."""
    changes: list[Change] = []

    def said(code: re.Match[str]) -> str:
        word = name_of_color(lab_of_rgb(rgb_of_code(code[0])).tolist())
        changes.append((code.start(), code.end(), len(word)))
        return word

    return CODE.sub(said, text), changes


def put_back(words: list[Word], changes: list[Change]) -> None:
    """Bring the spans of a changed text's words back to where they are in the caption."""
    for word in words:
        word.start, word.end = _place(word.start, changes, last=False), _place(word.end, changes, last=True)


def _place(at: int, changes: list[Change], *, last: bool) -> int:
    longer = 0
    for start, end, length in changes:
        first = start + longer
        if at < first or (last and at == first):
            break
        if at < first + length or (last and at == first + length):
            return end if last else start
        longer += length - (end - start)
    return at - longer
