"""Color terms as distributions in the ab-plane: how well “red” names a color, at the lightness that it has.

A term is the set of colors that people call by it: the names of the xkcd survey (949 names for screen colors, CC0) and of CSS Color 4
that end in one of its sure words and mention no other term. A colorizer cannot change lightness, so these colors are first moved to the
lightness that is there, with as much chroma as sRGB has room for (a school-bus yellow cannot exist at L = 20); those that were near
that lightness count most. Around each, hue and chroma may vary. A term's score is its density relative to that of the term that
names the color best.
"""

from functools import cache
from importlib.resources import files

import numpy as np
import torch
from PIL.ImageColor import colormap, getrgb

from lcad.imaging import clip_chroma, image_to_lab
from lcad.terms.words import ACHROMATIC, TERM_OF_WORD, TERMS, head_term

# Words besides a term's own whose colors are surely the term's; those of others (salmon, lavender, olive) lie between two terms.
SURELY = {
    "red": ("crimson", "scarlet", "maroon", "burgundy"),
    "purple": ("violet",),
    "brown": ("tan", "beige", "sienna", "umber"),
    "cyan": ("teal", "turquoise", "aqua", "aquamarine"),
}
HUE_SIGMA = 12.0  # degrees
CHROMA_BELOW, CHROMA_ABOVE = 0.5, 0.35  # standard deviations of chroma below and above a sample's, as parts of it
LIGHTNESS_SIGMA = 15.0  # L between a sample and the region
NEAREST = 3  # the best samples, of which the mean is taken
GRAY_CHROMA = 10.0  # chroma at which an achromatic term's fit has fallen to exp(-1/2); less in the dark, where sRGB has little room
DARK, LEAST_GRAY = 30.0, 0.4  # below this L it shrinks in proportion, down to this part
LEAST_ROOM = 6.0  # a chroma below this cannot be judged: the lightness leaves no room for a color


@cache
def named_colors() -> dict[str, tuple[int, int, int]]:
    """The sRGB of every name of CSS Color 4 and of the xkcd survey; where both have one, the survey's."""
    rows = files("lcad.terms").joinpath("xkcd.txt").read_text(encoding="utf-8").splitlines()
    survey = dict(row.split("\t") for row in rows if not row.startswith("#"))
    return {name: getrgb(survey.get(name, name))[:3] for name in (*colormap, *survey)}


def _pure(term: str, name: str) -> bool:
    """Whether a name ends in a sure word of a term and has no other term's ("dark green" and "darkgreen", not "blue green")."""
    *before, last = name.replace("/", " ").split()
    return last.endswith((term, *SURELY.get(term, ()))) and all(TERM_OF_WORD.get(word) in (None, term) for word in before)


@cache
def samples(term: str) -> np.ndarray:
    """Lab (N, 3) of the colors that people call by a term."""
    rgb = [color for name, color in named_colors().items() if head_term(name) == term and _pure(term, name)]
    return image_to_lab(np.array([rgb], np.uint8))[0]


@cache
def _moved(term: str, lightness: int) -> tuple[np.ndarray, np.ndarray]:
    """Samples at a lightness, ab (N, 2), and their weights (N,): the nearest in lightness has 1."""
    colors = samples(term).copy()
    far = ((colors[:, 0] - lightness) / LIGHTNESS_SIGMA) ** 2
    colors[:, 0] = lightness
    moved = clip_chroma(torch.from_numpy(colors.T.copy())[:, None])[1:, 0].T.numpy()
    return moved, np.exp(-0.5 * (far - far.min()))


def targets(term: str, lightness: float) -> np.ndarray:
    """ab (N, 2) of a chromatic term's colors at a lightness, their chroma clipped to sRGB."""
    return _moved(_known(term), round(lightness))[0]


def _known(term: str) -> str:
    if term not in TERMS:
        raise ValueError(f"unknown color term {term!r}, expected one of {', '.join(TERMS)}")
    return term


def fit(term: str, lightness: float, ab: np.ndarray) -> float:
    """The density of a term at a color (ab (2,), at L), 1 at its middle; NaN where the lightness leaves it no room."""
    chroma = float(np.hypot(*ab))
    if term in ACHROMATIC:
        tone = {"black": (60 - lightness) / 30, "white": (lightness - 45) / 30, "gray": 1.0}[term]
        reach = GRAY_CHROMA * np.clip(lightness / DARK, LEAST_GRAY, 1)
        return float(np.exp(-0.5 * (chroma / reach) ** 2) * np.clip(tone, 0, 1))
    goals, weights = _moved(term, round(lightness))
    room = np.hypot(goals[:, 0], goals[:, 1])
    if np.average(room, weights=weights) < LEAST_ROOM:
        return float("nan")
    turn = np.arctan2(ab[1], ab[0]) - np.arctan2(goals[:, 1], goals[:, 0])
    degrees = np.degrees(np.abs((turn + np.pi) % (2 * np.pi) - np.pi))
    deviation = np.where(chroma < room, CHROMA_BELOW, CHROMA_ABOVE) * np.maximum(room, LEAST_ROOM)
    away = (degrees / HUE_SIGMA) ** 2 + ((chroma - room) / deviation) ** 2
    return float(np.sort(weights * np.exp(-0.5 * away))[-NEAREST:].mean())


def membership(term: str, lightness: float, ab: np.ndarray) -> float:
    """How well a term names a color (ab (2,), at L) beside the best of all terms, in [0, 1]; NaN where it has no room.

    Raises ValueError for an unknown term.
    """
    own = fit(_known(term), lightness, ab)
    return own / float(np.nanmax([fit(other, lightness, ab) for other in TERMS]))


def term_of_name(name: str) -> str:
    """The term that stands for a name of CSS or of the survey: its last color word's, else the one that names its color best.

    Raises ValueError for a name that is in neither.
    """
    names = named_colors()
    if name not in names:
        raise ValueError(f"{name!r} is a color name neither of CSS Color 4 nor of the xkcd survey")
    if term := head_term(name):
        return term
    lightness, *ab = image_to_lab(np.array([[names[name]]], np.uint8))[0, 0]
    return max(TERMS, key=lambda term: np.nan_to_num(fit(term, lightness, np.array(ab)), nan=-1))
