"""Hostile variants of good inputs, from a seed: bytes flipped, cut and repeated, and values of other kinds put into JSON."""

import json
import random
from typing import Any

__all__ = ["bytes_like", "json_like", "text_like"]

VALUES: tuple[Any, ...] = (
    *(None, True, -1, 0, 10**30, 10**400, -(2**63), 1e308, float("nan"), float("inf"), "", " ", "\x00", "\ud800", "é", "x" * 5000),
    *([], {}, [[]], [None], {"a": {}}, "../../etc/passwd", "=1+1", "'; DROP TABLE image;--", "<script>alert(1)</script>", "NaN", "[" * 200),
)
TOKENS = (
    *(
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        '"',
        "'",
        "*",
        ":",
        ",",
        "\\",
        "%",
        "\x00",
        "\ud800",
        "NOT ",
        " OR ",
        " AND ",
        "id:>",
        "&a *a ",
        "!!",
        "\n",
    ),
    *("=", "-", "@", "\t", "\r\n", "9" * 30, "1e999", ".nan", "(a+)+$", "\\0", "\\1", "é", "\u202e", "𝔘", "---\n", "? "),
)


def json_like(chance: random.Random, value: Any) -> Any:
    """A JSON value in which one to three places hold something else."""
    value = json.loads(json.dumps(value))
    for _ in range(chance.randint(1, 3)):
        value = _replaced(chance, value)
    return value


def _replaced(chance: random.Random, value: Any) -> Any:
    if isinstance(value, dict) and value and chance.random() < 0.85:
        key = chance.choice(list(value))
        if chance.random() < 0.1:
            return {name: part for name, part in value.items() if name != key}
        if chance.random() < 0.05:
            return {**value, chance.choice(("", "x", "\x00", "file_name", "regions")): chance.choice(VALUES)}
        return {**value, key: _replaced(chance, value[key])}
    if isinstance(value, list) and value and chance.random() < 0.85:
        place = chance.randrange(len(value))
        if chance.random() < 0.1:
            return value * chance.randint(2, 50)
        return [*value[:place], _replaced(chance, value[place]), *value[place + 1 :]]
    return chance.choice(VALUES)


def text_like(chance: random.Random, text: str) -> str:
    """A text with pieces cut out, repeated, or put in."""
    for _ in range(chance.randint(1, 4)):
        place, end = sorted(chance.randint(0, len(text)) for _ in range(2))
        kind = chance.random()
        if kind < 0.5:
            text = text[:place] + chance.choice(TOKENS) * chance.choice((1, 1, 1, 2, 300)) + text[place:]
        elif kind < 0.75:
            text = text[:place] + text[end:]
        else:
            text = text[:place] + text[place:end] * chance.choice((2, 40)) + text[end:]
        text = text[:50_000]
    return text


def bytes_like(chance: random.Random, content: bytes) -> bytes:
    """A file with bytes flipped, cut, repeated or put in."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 5, 40))):
        if not changed:
            break
        place = chance.randrange(len(changed)) if chance.random() < 0.5 else chance.randrange(min(200, len(changed)))
        kind = chance.random()
        if kind < 0.6:
            changed[place] = chance.choice((0, 0xFF, 0x7F, 0x80, chance.randrange(256)))
        elif kind < 0.75:
            del changed[place:]
        elif kind < 0.9:
            changed[place:place] = bytes(chance.randrange(256) for _ in range(chance.choice((1, 4, 64))))
        else:
            changed[place:place] = changed[place : place + 500] * chance.choice((1, 20))
    return bytes(changed)
