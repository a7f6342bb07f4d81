"""What text a database can hold: no NUL, which PostgreSQL refuses and C reads as an end, and no half of a surrogate pair."""

import re

__all__ = ["is_text", "legible"]

NO_TEXT = re.compile("[\x00\ud800-\udfff]")


def is_text(text: str) -> bool:
    """Whether every character of a text is one."""
    return NO_TEXT.search(text) is None


def legible(text: str, longest: int | None = None) -> str:
    """A text fit to be stored and shown: what is no character becomes U+FFFD, and what is too long ends in an ellipsis."""
    plain = NO_TEXT.sub("�", text)
    return plain if longest is None or len(plain) <= longest else plain[: longest - 1] + "…"
