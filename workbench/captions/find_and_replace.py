"""Find and replace in one text: by whole words or within them, in any case or as written, or by a regular expression."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workbench.captions.patterns import substitution
from workbench.errors import InvalidInputError

Span = tuple[int, int]


@dataclass(frozen=True)
class Replaced:
    """A text after its replacements, and of each the characters [start, end) that it took in the old text and has in the new one."""

    text: str
    old_spans: tuple[Span, ...]
    new_spans: tuple[Span, ...]


def replacer(pattern: str, replacement: str, *, regex: bool, inside: bool, case: bool) -> Callable[[str], Replaced]:
    """The replacement of a pattern in any text.

    A plain pattern is found as whole words ("red" not in "covered") unless `inside`, in any case unless `case`, and what replaces a word
    with a capital gets one. A regular expression is as written, in the grammar of `patterns`. Raises InvalidInputError for an empty
    pattern and a broken expression.
    """
    if not pattern:
        raise InvalidInputError("Say what to find; the pattern is empty.")
    if regex:
        expression, filled = substitution(pattern, replacement)
        return lambda text: _replaced(text, expression, filled)
    compiled = re.compile(_whole(pattern, inside), 0 if case else re.IGNORECASE)

    def instead(match: Any) -> str:
        return replacement if case else _in_case_of(match[0], replacement)

    return lambda text: _replaced(text, compiled, instead)


def _whole(pattern: str, inside: bool) -> str:
    """A plain text as an expression, between the borders of words where it begins or ends with a letter or digit."""
    escaped = re.escape(pattern)
    if inside:
        return escaped
    before = r"(?<!\w)" if re.match(r"\w", pattern) else ""
    after = r"(?!\w)" if re.search(r"\w\Z", pattern) else ""
    return before + escaped + after


def _in_case_of(matched: str, replacement: str) -> str:
    """The replacement with the capitals of what it replaces: "Grey" becomes "Gray", "GREY" "GRAY"."""
    if len(matched) > 1 and matched.isupper():
        return replacement.upper()
    return replacement[:1].upper() + replacement[1:] if matched[:1].isupper() else replacement


def _replaced(text: str, compiled: Any, instead: Callable[[Any], str]) -> Replaced:
    pieces: list[str] = []
    old_spans: list[Span] = []
    new_spans: list[Span] = []
    copied = length = 0
    for match in compiled.finditer(text):
        new = instead(match)
        pieces += [text[copied : match.start()], new]
        length += match.start() - copied
        old_spans.append(match.span())
        new_spans.append((length, length + len(new)))
        copied, length = match.end(), length + len(new)
    return Replaced("".join(pieces) + text[copied:], tuple(old_spans), tuple(new_spans))
