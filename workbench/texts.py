"""What text can be stored and handed on: no NUL (PostgreSQL refuses it), no half of a surrogate pair, nothing that becomes a formula."""

import re
from typing import Any

__all__ = ["guarded", "is_text", "legible", "unguarded"]

FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""The beginning of a cell that a spreadsheet takes for a formula, and of one that was guarded before."""
NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def is_text(text: str) -> bool:
    """Whether every character of a text is one."""
    return NO_TEXT.search(text) is None


def legible(text: str, longest: int | None = None) -> str:
    """A text fit to be stored and shown: what is no character becomes U+FFFD, and what is too long ends in an ellipsis."""
    plain = NO_TEXT.sub("�", text)
    return plain if longest is None or len(plain) <= longest else plain[: longest - 1] + "…"


def guarded(cell: Any) -> Any:
    """A cell for a CSV file: a text that a spreadsheet would carry out as a formula begins with an apostrophe."""
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell


def unguarded(cell: Any) -> Any:
    """The cell that `guarded` was given."""
    return cell[1:] if isinstance(cell, str) and cell.startswith("'") and FORMULA.match(cell) else cell
