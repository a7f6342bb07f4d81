"""Names of colors: from a word to one of the eleven basic terms, from a basic term to a chip, from a measured color to its name.

The basic terms are those of Berlin and Kay (1969). Which word stands for which is written in one table for the workbench and the model,
with the decisions where usage is divided; for colors that are measured the nearest focus in CIELAB decides.
"""

import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from workbench.errors import MissingPartError

BASIC_TERMS = ("black", "white", "red", "green", "yellow", "blue", "brown", "orange", "pink", "purple", "gray")

_CHIPS = {
    "black": "#1a1a1a",
    "white": "#f5f5f5",
    "red": "#c8202f",
    "green": "#2e8b3d",
    "yellow": "#f2d024",
    "blue": "#2763c4",
    "brown": "#7a4a24",
    "orange": "#f08020",
    "pink": "#f29cb7",
    "purple": "#7d3c98",
    "gray": "#808080",
}

_BASIC_OF_TERM = {term: term for term in BASIC_TERMS} | {"cyan": "blue"}
"""The model tells cyan from blue; among the eleven basic terms it is blue."""


def table_file(name: str) -> Path:
    """A table of color words in the model's package, found without importing its code; raises MissingPartError where it is lost."""
    package = find_spec("lcad")
    for place in (package.submodule_search_locations or []) if package else []:
        path = Path(place) / "terms" / name
        if path.is_file():
            return path
    raise MissingPartError(f"A table of color words is not installed: the package lcad has no terms/{name}. Reinstall it.")


def _table() -> dict[str, dict[str, str]]:
    """The color words with their basic terms, by their use, of the table that the model reads too (`lcad/terms/color_words.txt`).

    Raises MissingPartError where the package has lost it.
    """
    words: dict[str, dict[str, str]] = {}
    for row in table_file("color_words.txt").read_text(encoding="utf-8").splitlines():
        if not row.startswith("#"):
            term, use, listed = row.split("\t")
            words.setdefault(use, {}).update(dict.fromkeys(listed.split(), _BASIC_OF_TERM[term]))
    return words


_TABLE = _table()
TERM_OF_WORD = _TABLE["thing"] | _TABLE["weak"] | _TABLE["sure"]
THINGS = frozenset(_TABLE["thing"])
"""Things whose names are colors only before "-colored" or as the shade of another color."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SHADE_WORDS = _words(
    """light dark bright pale deep rich vivid pastel neon fluorescent florescent soft faded dull muted medium royal burnt hot baby powder
    solid plain pure very mid dusty dusky dirty electric off warm cool dim intense brilliant shiny metallic matte antique old true ultra
    blanched lawn sea indian navajo saddle rebecca ghost floral alice dodger cadet robin"""
)
"""Words that vary a color without naming one: "light blue" is blue."""

_COLORED = re.compile(r"[\s-](colou?red|colou?r|hued?|toned?|tinted|shade)$")
_LETTERS = re.compile(r"[a-z]+")


def basic_term(word: str) -> str | None:
    """The basic term that a color word or phrase names, or None where it names none ("multicolored", "wooden").

    The last color word decides, since in English the words before it vary it: "grayish-brown" is brown, "navy blue" blue, "snow-white"
    white. Names written in one word as in CSS ("darkolivegreen") are taken apart. Upper case and British spelling do not matter.
    """
    text = _COLORED.sub("", word.lower().strip())
    parts = _LETTERS.findall(text)
    if not parts:
        return None
    term = _term_of_part(parts[-1])
    if term is None or all(_known(part) for part in parts):
        return term
    return term if parts[-1] in BASIC_TERMS or parts[-1] == "grey" else None


def _known(part: str) -> bool:
    return part in SHADE_WORDS or part in ("and", "y") or _term_of_part(part) is not None


def _term_of_part(part: str) -> str | None:
    return TERM_OF_WORD.get(part) or _term_of_joined(part)


def _term_of_joined(part: str) -> str | None:
    """The term of a CSS-like name: known words written together, the last of them a color."""
    for cut in range(3, len(part) - 2):
        head, tail = part[:cut], part[cut:]
        if (head in SHADE_WORDS or head in TERM_OF_WORD) and (term := TERM_OF_WORD.get(tail) or _term_of_joined(tail)):
            return term
    return None


def representative(term: str) -> str:
    """The sRGB color, as "#rrggbb", that stands for a basic term on a chip; raises ValueError for any other word."""
    if term not in _CHIPS:
        raise ValueError(f"expected one of the basic color terms {', '.join(BASIC_TERMS)}, got {term!r}")
    return _CHIPS[term]


def lab_of_rgb(rgb: ArrayLike) -> NDArray[np.float64]:
    """CIELAB (D65, 2 degrees) of sRGB in [0, 255], shape (..., 3): L in [0, 100]. IEC 61966-2-1 and CIE 15."""
    encoded = np.asarray(rgb, dtype=np.float64) / 255
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    xyz = linear @ _XYZ_OF_RGB.T / _WHITE
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], axis=-1)


_XYZ_OF_RGB = np.array([[0.412453, 0.357580, 0.180423], [0.212671, 0.715160, 0.072169], [0.019334, 0.119193, 0.950227]])
_WHITE = np.array([0.95047, 1.0, 1.08883])

# Several foci a term, because the terms are regions of different shapes: dark, middle and light examples on which speakers agree.
_FOCI = {
    "red": "c8202f e6191e 8b0000 a52a2a ff0000 dc143c 990f1e 5f0f14 e04848",
    "green": "2e8b3d 008000 00ff00 556b2f 98fb98 7fff00 9acd32 1f4a26 a8c8a0 6b8e23 00a86b 3c5a3c b5d99c",
    "yellow": "f2d024 ffff00 ffd700 fff68f f0e68c e1ad01 d4c441 fffacd fafad2 ffffe0 bdb76b",
    "blue": "2763c4 0000ff 000080 87ceeb 4682b4 add8e6 008b8b 40e0d0 00ffff 5b7fa6 203a5f 1e90ff 9fb6cd",
    "brown": "7a4a24 8b4513 a0522d d2b48c 5c4033 c19a6b 3b2416 deb887 966f33 b8860b 6b4a3a e3cba5",
    "orange": "f08020 ff8c00 ffa500 ff7f50 e2661a ffb870 ffbf60 d2691e",
    "pink": "f29cb7 ffc0cb ff69b4 ff1493 fa8072 e75480 ff00ff d98695 ffd1d8 c71585",
    "purple": "7d3c98 800080 9370db 4b0082 dda0dd b57edc 3d1a4f 8a2be2 c8a2c8 614051",
}
_CHROMATIC = tuple(_FOCI)


def _foci() -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    codes = [(code, index) for index, term in enumerate(_CHROMATIC) for code in _FOCI[term].split()]
    rgb = np.array([[int(code[i : i + 2], 16) for i in (0, 2, 4)] for code, _ in codes])
    return lab_of_rgb(rgb), np.array([index for _, index in codes])


_FOCI_LAB, _FOCI_TERM = _foci()


def names_of_colors(lab: ArrayLike) -> NDArray[np.str_]:
    """Basic terms of CIELAB colors: lab (..., 3), L in [0, 100], to terms (...).

    The rule: a color whose chroma is below a limit is achromatic: black up to L 22, white from L 85, gray between. The limit is 7, and
    rises to 12 in the dark (L below 20) and in the light (L above 92), where the eye sees little chroma. Every other color takes the
    term of the nearest focus (Euclidean in CIELAB).
    """
    colors = np.asarray(lab, dtype=np.float64)
    flat = colors.reshape(-1, 3)
    lightness, chroma = flat[:, 0], np.hypot(flat[:, 1], flat[:, 2])
    distance = ((flat[:, None, :] - _FOCI_LAB) ** 2).sum(axis=-1)
    chromatic = np.array(_CHROMATIC)[_FOCI_TERM[distance.argmin(axis=1)]]
    achromatic = np.select([lightness < 22, lightness > 85], ["black", "white"], "gray")
    limit = np.where((lightness < 20) | (lightness > 92), 12.0, 7.0)
    named = np.where((chroma < limit) | (lightness < 7), achromatic, chromatic)
    return named.reshape(colors.shape[:-1])


def name_of_color(lab: Sequence[float]) -> str:
    """The basic term of one CIELAB color (L in [0, 100], a, b), by the rule of `names_of_colors`."""
    return str(names_of_colors(np.asarray(lab, dtype=np.float64).reshape(1, 3))[0])
