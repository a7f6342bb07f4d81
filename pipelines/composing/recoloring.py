"""Named color distributions in Lab and recoloring that keeps the texture of lightness.

Lab arrays here are (…, 3) float32, L in [0, 100], a and b in about [-110, 110]; hues are degrees in [0, 360).
"""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

ACHROMATIC_CHROMA = 10.0  # below this chroma a color is called black, gray or white
TEXTURE_SHARE = 0.15  # how much of a surface's own variation of chroma survives a recoloring
DARK_ROOM, LIGHT_ROOM = 45.0, 30.0  # L from black, and from white, over which chroma fades in


@dataclass(frozen=True)
class NamedColor:
    """A color word: the basic terms it maps to and its distribution, normal in hue (degrees) and chroma."""

    word: str
    basic: str
    hue: float
    chroma: float
    hue_deviation: float = 5.0
    chroma_deviation: float = 6.0


def _named(word: str, basic: str, rgb: tuple[int, int, int], hue_deviation: float = 5.0) -> NamedColor:
    """The distribution around a reference color (sRGB, 8 bit)."""
    _, a, b = to_lab(np.array([[rgb]], np.uint8))[0, 0]
    chroma = float(np.hypot(a, b))
    return NamedColor(word, basic, float(np.degrees(np.arctan2(b, a)) % 360), chroma, hue_deviation, 0.08 * chroma)


def to_lab(rgb: np.ndarray) -> np.ndarray:
    """Lab (H, W, 3) float32 of sRGB (H, W, 3), uint8 or float in [0, 1]."""
    unit = rgb.astype(np.float32) / np.float32(255) if rgb.dtype == np.uint8 else rgb.astype(np.float32)
    return cv2.cvtColor(unit, cv2.COLOR_RGB2LAB)


def to_rgb(lab: np.ndarray) -> np.ndarray:
    """sRGB (H, W, 3) float32 in [0, 1] of Lab (H, W, 3); colors outside the gamut are clipped."""
    return np.clip(cv2.cvtColor(lab.astype(np.float32), cv2.COLOR_LAB2RGB), 0, 1)


def to_u8(rgb: np.ndarray) -> np.ndarray:
    """sRGB (H, W, 3) uint8 of float in [0, 1]."""
    return (np.clip(rgb, 0, 1) * 255).round().astype(np.uint8)


COLORS: dict[str, NamedColor] = {
    color.word: color
    for color in (
        _named("red", "red", (200, 30, 40)),
        _named("orange", "orange", (240, 130, 20)),
        _named("yellow", "yellow", (235, 210, 40)),
        _named("green", "green", (40, 150, 60)),
        _named("cyan", "blue", (40, 190, 200)),
        _named("blue", "blue", (40, 80, 200)),
        _named("purple", "purple", (130, 50, 170)),
        _named("pink", "pink", (240, 130, 180)),
        _named("brown", "brown", (125, 80, 45)),
        NamedColor("black", "black", 60, 1, 60, 1.0),
        NamedColor("white", "white", 80, 1.5, 60, 1.5),
        NamedColor("gray", "gray", 60, 1.5, 60, 1.5),
        _named("crimson", "red", (200, 20, 60)),
        _named("scarlet", "red", (225, 40, 20)),
        _named("maroon", "red", (128, 10, 35)),
        _named("ruby", "red", (190, 20, 70)),
        _named("amber", "orange", (250, 160, 10)),
        _named("tangerine", "orange", (245, 130, 10)),
        _named("golden", "yellow", (225, 180, 40)),
        _named("lemon", "yellow", (245, 225, 60)),
        _named("mustard", "yellow", (205, 165, 30)),
        _named("lime", "green", (120, 200, 40)),
        _named("olive", "green", (115, 125, 35)),
        _named("emerald", "green", (30, 160, 90)),
        _named("turquoise", "blue", (50, 200, 190)),
        _named("teal", "blue", (10, 130, 135)),
        _named("aqua", "blue", (70, 200, 215)),
        _named("navy", "blue", (25, 35, 120)),
        _named("azure", "blue", (30, 120, 220)),
        _named("sapphire", "blue", (20, 70, 180)),
        _named("violet", "purple", (140, 60, 200)),
        _named("lavender", "purple", (170, 140, 215)),
        _named("lilac", "purple", (190, 150, 210)),
        _named("plum", "purple", (125, 45, 125)),
        _named("magenta", "pink", (220, 40, 150)),
        _named("rose", "pink", (235, 110, 150)),
        _named("tan", "brown", (190, 150, 100)),
        _named("beige", "brown", (205, 185, 145)),
        _named("chocolate", "brown", (105, 65, 35)),
        NamedColor("silver", "gray", 260, 2, 40, 1.5),
        NamedColor("grey", "gray", 60, 1.5, 60, 1.5),
        NamedColor("ivory", "white", 95, 6, 8, 1.5),
    )
}
CHROMATIC = ("red", "orange", "yellow", "green", "cyan", "blue", "purple", "pink", "brown")
ACHROMATIC = ("black", "white", "gray")
SYNONYM_SHARE = 0.2
ACHROMATIC_SHARE = 0.12


@cache
def _words_of(term: str) -> tuple[str, ...]:
    """The other words whose hue lies in a term's class; cyan is a class of its own here, though its basic term is blue."""
    near_cyan = {"turquoise", "teal", "aqua"}
    if term == "cyan":
        return tuple(sorted(near_cyan))
    return tuple(word for word, color in COLORS.items() if color.basic == term and word != term and word not in near_cyan | {"cyan"})


def draw_color(rng: np.random.Generator, lightness: float) -> NamedColor:
    """A color word: the nine chromatic terms alike often, at times a synonym, at times the achromatic term that fits.

    `lightness`: the median L of the surface; only black, gray and white depend on it.
    """
    if rng.random() < ACHROMATIC_SHARE:
        term = "black" if lightness < 30 else "white" if lightness > 72 else "gray"
    else:
        term = str(rng.choice(CHROMATIC))
    others = _words_of(term)
    return COLORS[str(rng.choice(others))] if others and rng.random() < SYNONYM_SHARE else COLORS[term]


@cache
def _gamut() -> np.ndarray:
    """The largest chroma in sRGB by L (0 … 100) and hue (0 … 359 degrees), (101, 360) float32."""
    chroma = np.arange(0, 136, 2, dtype=np.float32)
    lightness, hue = np.meshgrid(np.arange(101, dtype=np.float32), np.radians(np.arange(0, 360, 4)), indexing="ij")
    lab = np.stack(np.broadcast_arrays(lightness[..., None], np.cos(hue)[..., None] * chroma, np.sin(hue)[..., None] * chroma), -1)
    back = to_lab(to_rgb(lab.reshape(-1, len(chroma), 3))).reshape(lab.shape)
    inside = np.cumprod(np.abs(back - lab).max(-1) < 1.0, axis=-1)
    return np.repeat((inside.sum(-1) - 1).clip(0) * 2, 4, axis=1).astype(np.float32)


def largest_chroma(lightness: np.ndarray, hue: np.ndarray | float) -> np.ndarray:
    """The largest chroma that sRGB holds at L (…) and a hue in degrees."""
    rows = np.clip(np.rint(lightness), 0, 100).astype(int)
    return _gamut()[rows, np.rint(hue).astype(int) % 360]


def room_for_chroma(lightness: np.ndarray) -> np.ndarray:
    """How much of a surface's chroma is left near black and near white, (…) in [0, 1], of L (…)."""
    return np.clip(np.minimum(lightness / DARK_ROOM, (100 - lightness) / LIGHT_ROOM), 0, 1)


def recolor(rng: np.random.Generator, lab: np.ndarray, color: NamedColor, weight: np.ndarray | None = None) -> np.ndarray:
    """Lab (H, W, 3) with the hue and chroma of a draw from a named color; L is kept and the gamut respected.

    `weight` (H, W): how much each pixel counts for the mean chroma that is taken away, all alike by default.
    """
    lightness = lab[..., 0]
    hue = (color.hue + color.hue_deviation * np.clip(rng.standard_normal(), -2, 2)) % 360
    chroma = max(0.0, color.chroma + color.chroma_deviation * np.clip(rng.standard_normal(), -2, 2)) * rng.uniform(0.8, 1.0)
    room = room_for_chroma(lightness)
    reach = np.minimum(chroma * room, 0.97 * largest_chroma(lightness, hue))
    mean = np.average(lab[..., 1:].reshape(-1, 2), axis=0, weights=None if weight is None else weight.ravel() + 1e-6)
    share = rng.uniform(0, TEXTURE_SHARE) * (room if color.chroma > ACHROMATIC_CHROMA else 0.2 * room)
    texture = np.clip(lab[..., 1:] - mean, -40, 40) * share[..., None]
    angle = np.radians(hue)
    ab = np.stack([reach * np.cos(angle), reach * np.sin(angle)], -1) + texture
    return np.concatenate([lightness[..., None], ab], -1).astype(np.float32)


HUE_TERMS = ((17, "pink"), (48, "red"), (76, "orange"), (112, "yellow"), (180, "green"), (302, "blue"), (334, "purple"), (361, "pink"))


def color_words(lab: np.ndarray) -> np.ndarray:
    """What each pixel of Lab (H, W, 3) is called: array (H, W) of str, basic color terms by hue sector, and words for what lies between.

    Brown keeps to the hues of orange. Pale and dark yellows and yellowish browns are beige, khaki and golden: called brown or yellow, as
    dictionaries have it, they taught a model that brown is yellow.
    """
    lightness, hue = lab[..., 0], np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360
    chroma = np.hypot(lab[..., 1], lab[..., 2])
    terms = np.array([name for _, name in HUE_TERMS])[np.digitize(hue, [top for top, _ in HUE_TERMS[:-1]])].astype("<U6")
    terms[(hue > 40) & (hue < 76) & ((lightness < 58) | (chroma < 38)) & (chroma < 55)] = "brown"
    yellowish = (hue >= 76) & (hue < 104)
    terms[yellowish & (lightness < 58)] = "golden"
    terms[yellowish & (chroma < 35)] = "khaki"
    terms[yellowish & (chroma < 35) & (lightness >= 55)] = "beige"
    terms = np.where((terms == "red") & (lightness > 60) & (chroma < 45), "pink", terms)
    gray = np.where(lightness < 25, "black", np.where(lightness > 78, "white", "gray"))
    return np.where(chroma < np.where(lightness < 25, 8, ACHROMATIC_CHROMA), gray, terms)
