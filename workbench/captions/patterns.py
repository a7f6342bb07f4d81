"""Regular expressions that people write: matched by RE2, in time linear to the text, so that none can hold the server up.

RE2 knows what most expressions use, but no back references and no looking around (Cox, "Regular Expression Matching in the Wild", 2010);
`\\w`, `\\d` and `\\b` mean ASCII, `\\pL` any letter.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import re2

from workbench.errors import InvalidInputError
from workbench.texts import is_text

LONGEST = 1000
"""Characters of an expression or a replacement."""
MEMORY_BYTES = 8 << 20
"""What one expression may take when it is compiled."""
REFERENCE = re.compile(r"\\(?:(?P<number>\d{1,2})|g<(?P<name>[^>]*)>|(?P<other>.)|$)", re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "\\": "\\"}


def replacer(pattern: str, replacement: str) -> Callable[[str], str]:
    """What replaces all matches of a pattern in a text; raises as `substitution` does."""
    compiled, filled = substitution(pattern, replacement)
    return lambda text: compiled.sub(filled, text)


def substitution(pattern: str, replacement: str) -> tuple[Any, Callable[[Any], str]]:
    """A compiled pattern, and what comes in place of a match; in the replacement `\\1` or `\\g<name>` is a group, `\\0` the whole match.

    Raises InvalidInputError for an expression that RE2 does not take, an unknown group, and for what is too long or no text.
    """
    for name, text in (("expression", pattern), ("replacement", replacement)):
        if len(text) > LONGEST:
            raise InvalidInputError(f"The {name} has {len(text):,} characters; at most {LONGEST:,} are taken.")
        if not is_text(text):
            raise InvalidInputError(f"The {name} holds a character that is no text (a null or half of a pair); remove it.")
    compiled = _compiled(pattern)
    parts = _parts(replacement, compiled.groups, compiled.groupindex)

    def filled(match) -> str:
        return "".join(part if isinstance(part, str) else match.group(part) or "" for part in parts)

    return compiled, filled


def _compiled(pattern: str):
    options = re2.Options()
    options.max_mem, options.log_errors = MEMORY_BYTES, False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if error.args and isinstance(error.args[0], bytes) else str(error)
        raise InvalidInputError(
            f'The expression "{pattern}" cannot be used: {reason}. It is read as RE2 does: no back references, no looking ahead or behind.'
        ) from None


def _parts(replacement: str, groups: int, names: Mapping[str, int]) -> list[str | int]:
    """A replacement as texts and the numbers of groups."""
    parts: list[str | int] = []
    end = 0
    for match in REFERENCE.finditer(replacement):
        parts.append(replacement[end : match.start()])
        parts.append(_part(match, groups, names))
        end = match.end()
    return [*parts, replacement[end:]]


def _part(match: re.Match, groups: int, names: Mapping[str, int]) -> str | int:
    if match["other"] is not None and match["other"] in ESCAPES:
        return ESCAPES[match["other"]]
    name = match["number"] or match["name"] or ""
    number = int(name) if name.isdecimal() else names.get(name)
    if number is None or number > groups:
        raise InvalidInputError(f'The replacement says "{match[0]}", but the expression has {groups} groups; write \\\\ for a backslash.')
    return number
