"""Colors by name or hex code, as people pin them: one table for the workbench and the model.

The table is the survey's (`lcad/terms/xkcd.txt`) and that of CSS Color 4; where both have a name, the survey's color is meant, as in the
model. The eleven basic terms and cyan are no single colors there: the model knows them as ranges, of which it takes what suits the
picture.
"""

import re
from collections.abc import Sequence
from difflib import get_close_matches
from functools import cache

from PIL.ImageColor import colormap, getrgb

from workbench.errors import InvalidInputError
from workbench.imaging.color_names import BASIC_TERMS, table_file

__all__ = ["code_of", "color_codes", "color_note", "palette_of", "require_color", "rgb_of_code"]

CODE = re.compile(r"#(?:[0-9a-f]{6}|[0-9a-f]{3})")
RANGES = (*BASIC_TERMS, "grey", "cyan")


def rgb_of_code(code: str) -> tuple[int, int, int]:
    """The sRGB of "#rgb" or "#rrggbb"; raises ValueError for what is none."""
    if not CODE.fullmatch(code.strip().lower()):
        raise ValueError(f"expected #rgb or #rrggbb, got {code!r}")
    red, green, blue = getrgb(code.strip().lower())[:3]
    return red, green, blue


def _code(rgb: Sequence[int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


@cache
def _survey() -> dict[str, str]:
    rows = table_file("xkcd.txt").read_text(encoding="utf-8").splitlines()
    return dict(row.split("\t", 1) for row in rows if not row.startswith("#"))


@cache
def color_codes() -> dict[str, str]:
    """The "#rrggbb" of every name of the table."""
    return {name: _code(getrgb(name)[:3]) for name in colormap} | _survey()


def require_color(text: str) -> str:
    """A color as it is kept: a basic term, a name of the table or "#rrggbb". Raises InvalidInputError, with the nearest names, for none."""
    word = " ".join(text.lower().split())
    if word in RANGES:
        return "gray" if word == "grey" else word
    if CODE.fullmatch(word):
        return _code(rgb_of_code(word))
    for name in (word, word.replace("gray", "grey"), word.replace("grey", "gray"), word.replace("-", " "), word.replace("'s", "")):
        if name in color_codes():
            return name
    near = get_close_matches(word, [*RANGES, *color_codes()], n=3)
    hint = f"Do you mean {' or '.join(near)}?" if near else "Write a name such as burgundy, or a code such as #0a5 or #1f3a93."
    raise InvalidInputError(f"“{text.strip()}” is no color that is known. {hint}")


def code_of(color: str) -> str | None:
    """The "#rrggbb" of a color as it is kept; None for a basic term, which is a range."""
    return color if color.startswith("#") else None if color in RANGES else color_codes()[color]


def color_note(color: str) -> str:
    """What a color as it is kept means, where that is not plain: a range, or a name that CSS gives another color."""
    if color in RANGES:
        return f"{color}: any {color} that suits the picture"
    if color.startswith("#"):
        return ""
    own, css = color_codes()[color], _code(getrgb(color)[:3]) if color in colormap else None
    other = "" if css in (None, own) else f"; CSS has {css}: write the code if you mean that"
    return f"{color} is {own}{other}"


def palette_of(text: str) -> list[str]:
    """The colors of a list such as "navy, #f5e6c8, mustard", each once; raises InvalidInputError naming what is none."""
    return list(dict.fromkeys(require_color(part) for part in re.split(r"[,;\n]", text) if part.strip()))
