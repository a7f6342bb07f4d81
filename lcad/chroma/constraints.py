"""What a person asks of colors: one pinned to a region, a palette for the whole picture.

A color is given as

    "red"               a color term: the distribution of `lcad.terms`, of which the member nearest to what is predicted is taken
    "navy", "sky blue"  another name of CSS Color 4 or of the xkcd survey: that one color
    "#1f3a93", "#0a5"   its sRGB; also (31, 58, 147), three whole numbers from 0 to 255
    (12.0, -45.0)       a and b of CIELAB

A colorizer cannot change lightness. A color is asked for at the lightness that is there, with its hue and as much of its chroma as
sRGB has room for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import torch
from PIL.ImageColor import getrgb

from lcad.imaging import clip_chroma, image_to_lab
from lcad.terms import ACHROMATIC, TERMS, hex_code, membership, samples, table_name
from lcad.terms.distributions import named_colors

Color = str | Sequence[float]
LEVELS = np.arange(101, dtype=np.float32)  # L at which targets are tabulated
NEAR = 40.0  # ab: a member of a term that is so far from the prediction counts e^-½ as much
MOST_AB = 128.0


@dataclass(frozen=True, eq=False)
class Target:
    """A color as ab at every lightness: `members` (N, 101, 2) of the one color or the N colors of a term, by L in whole numbers."""

    members: np.ndarray
    term: str | None = None

    def member(self, lightness: float, ab: np.ndarray) -> np.ndarray:
        """The member (101, 2) that is meant where a region of lightness L is predicted to have the color ab (2,)."""
        if len(self.members) == 1:
            return self.members[0]
        level = int(np.clip(round(lightness), 0, 100))
        far = np.sum((self.members[:, level] - ab) ** 2, -1) / NEAR**2
        return self.members[int(np.argmax(_typical(self.term, level) - 0.5 * far))]


@cache
def _typical(term: str, level: int) -> np.ndarray:
    """How well each member of a term (N,) stands for it at a lightness, as a logarithm; alike for all where none has room."""
    scores = np.array([membership(term, level, ab) for ab in _term_target(term).members[:, level]])
    return np.log(np.maximum(np.nan_to_num(scores, nan=1.0), 1e-3))


def at_every_lightness(ab: np.ndarray) -> np.ndarray:
    """Colors ab (N, 2) at L = 0 … 100, their chroma clipped to sRGB, (N, 101, 2) float32."""
    colors = torch.from_numpy(np.float32(ab)).T[:, :, None].expand(-1, -1, len(LEVELS))
    lightness = torch.from_numpy(LEVELS).expand(1, len(ab), -1)
    return clip_chroma(torch.cat([lightness, colors]))[1:].movedim(0, -1).numpy()


def look_up(table: np.ndarray, lightness: np.ndarray) -> np.ndarray:
    """Of a table (101, 2), the ab (..., 2) at lightness (...) in [0, 100]."""
    return table[np.clip(np.rint(lightness), 0, 100).astype(np.intp)]


@cache
def _term_target(term: str) -> Target:
    return Target(at_every_lightness(np.zeros((1, 2)) if term in ACHROMATIC else samples(term)[:, 1:]), term)


def target_of(color: Color) -> Target:
    """The target of a color in any of its forms; ValueError for what is none."""
    if isinstance(color, str):
        return _of_text(color)
    values = [float(value) for value in color] if _is_numbers(color) else []
    if len(values) == 3 and all(0 <= value <= 255 and value == round(value) for value in values):
        red, green, blue = (int(value) for value in values)
        return _of_rgb((red, green, blue))
    if len(values) == 2 and all(abs(value) <= MOST_AB for value in values):
        return Target(at_every_lightness(np.array([values])))
    raise ValueError(f"no color: {color!r}; expected a color word, #rrggbb, three whole numbers from 0 to 255 (sRGB) or two of Lab (a, b)")


def _is_numbers(color: Sequence[float]) -> bool:
    return isinstance(color, Sequence | np.ndarray) and all(isinstance(value, int | float | np.number) for value in color)


def _of_text(text: str) -> Target:
    word = " ".join(text.lower().split())
    if word in TERMS:
        return _term_target(word)
    if word == "grey":
        return _term_target("gray")
    if name := table_name(text):
        return _of_rgb(named_colors()[name])
    if code := hex_code(text):
        red, green, blue = getrgb(code)[:3]
        return _of_rgb((red, green, blue))
    raise ValueError(f"no color: “{text}”; expected a color term ({', '.join(TERMS)}), a name of CSS or of the xkcd survey, or #rrggbb")


def _of_rgb(rgb: tuple[int, int, int]) -> Target:
    return Target(at_every_lightness(image_to_lab(np.array([[rgb]], np.uint8))[0, :, 1:]))


@dataclass(frozen=True, eq=False)
class Pin:
    """A color for a region: mask (H, W) bool, or float in [0, 1], of the source's size. ValueError for what is no color."""

    mask: np.ndarray
    color: Color

    def __post_init__(self):
        _ = self.target

    @cached_property
    def target(self) -> Target:
        """The color at every lightness."""
        return target_of(self.color)


@dataclass(frozen=True, eq=False)
class Constraints:
    """Pinned colors, of which smaller ones lie in front, and the colors that the rest may have with any chroma up to theirs.

    An empty palette allows everything; gray is always allowed. ValueError for what is no color.
    """

    pins: Sequence[Pin] = ()
    palette: Sequence[Color] = ()

    def __post_init__(self):
        _ = self.members

    def __bool__(self) -> bool:
        return bool(len(self.pins) or len(self.palette))

    @cached_property
    def members(self) -> np.ndarray:
        """All colors of the palette at every lightness, (K, 101, 2)."""
        return np.concatenate([np.empty((0, len(LEVELS), 2), np.float32), *(target_of(color).members for color in self.palette)])
