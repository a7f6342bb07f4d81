"""Color terms as distributions: what “red” allows at a given lightness.

The eleven basic terms (Berlin and Kay 1969) and cyan, each a set of named colors (CSS Color 4) around whose hues chroma is
expected. Other names, and words of everyday English, are mapped onto them. A colorizer cannot change lightness, so a term is
judged in the ab-plane at the lightness that is there, with the chroma that sRGB has room for.
"""

import re
from functools import lru_cache

import numpy as np
import torch
from PIL.ImageColor import colormap, getrgb

from lcad.color import clip_chroma, image_to_lab

EXAMPLES = {
    "red": "red crimson firebrick darkred maroon indianred tomato",
    "orange": "orange darkorange coral orangered sandybrown",
    "yellow": "yellow gold khaki lemonchiffon lightyellow palegoldenrod goldenrod",
    "green": "green lime limegreen forestgreen darkgreen seagreen olive olivedrab lawngreen yellowgreen springgreen palegreen",
    "cyan": "cyan aqua turquoise teal darkcyan aquamarine lightseagreen paleturquoise cadetblue",
    "blue": "blue navy royalblue steelblue skyblue deepskyblue dodgerblue cornflowerblue midnightblue lightblue slateblue",
    "purple": "purple violet indigo magenta fuchsia orchid plum darkorchid blueviolet mediumpurple rebeccapurple thistle lavender",
    "pink": "pink hotpink deeppink lightpink palevioletred salmon lightsalmon lightcoral",
    "brown": "brown saddlebrown sienna chocolate peru tan burlywood wheat rosybrown beige bisque",
    "black": "black", "white": "white ivory snow whitesmoke ghostwhite", "gray": "gray grey silver dimgray lightgray slategray gainsboro",
}  # fmt: skip
WORDS = {
    "red": "scarlet ruby burgundy cherry vermilion brick carmine reddish",
    "orange": "tangerine apricot amber peach rust copper orangish",
    "yellow": "lemon mustard golden blonde blond canary saffron yellowish",
    "green": "emerald mint sage moss jade khaki-green pistachio greenish lime-green",
    "cyan": "turquoise-blue blue-green",
    "blue": "azure cobalt sapphire denim cerulean ultramarine bluish",
    "purple": "lilac mauve amethyst eggplant lavender purplish",
    "pink": "rose rosy fuchsia-pink blush pinkish",
    "brown": "chestnut tawny bronze caramel mahogany hazel auburn sepia cream sand sandy brownish",
    "black": "ebony jet onyx blackish",
    "white": "cream-white pearl whitish",
    "gray": "charcoal ash slate greyish grayish pewter",
}
ACHROMATIC = ("black", "white", "gray")
HUE_SIGMA = 12.0  # degrees around each named color's hue
GRAY_CHROMA = 10.0  # chroma at which an achromatic region's score has fallen to exp(-1/2)
LEAST_ROOM = 6.0  # a target chroma below this cannot be judged: the lightness leaves no room for a color
ENOUGH = 0.5  # of the target's chroma counts as all of it


def _names() -> dict[str, str]:
    names = {name: term for term, examples in EXAMPLES.items() for name in examples.split()}
    names |= {word: term for term, words in WORDS.items() for word in words.split()}
    suffixed = sorted(EXAMPLES, key=len, reverse=True)
    for name in colormap:  # the rest of CSS: lightsteelblue is a blue, mediumseagreen a green
        for term in suffixed:
            if name not in names and name.endswith(term):
                names[name] = term
    return names


TERM_OF = _names()


def terms_in(text: str) -> tuple[str, ...]:
    """The basic terms of the color words in a text, each once, in their order; two words may make one name (sky blue)."""
    words, found, at = re.findall(r"[a-z]+(?:-[a-z]+)*", text.lower()), [], 0
    while at < len(words):
        two = "".join(words[at : at + 2])
        name = two if at + 1 < len(words) and two in TERM_OF else words[at]
        at += 2 if name == two and name != words[at] else 1
        term = TERM_OF.get(name) or TERM_OF.get(name.split("-")[-1])
        if term and term not in found:
            found.append(term)
    return tuple(found)


@lru_cache
def _examples(term: str) -> np.ndarray:
    """Lab (N, 3) of a term's named colors."""
    rgb = np.array([[getrgb(name)[:3] for name in EXAMPLES[term].split()]], np.uint8)
    return image_to_lab(rgb)[0]


def targets(term: str, lightness: float) -> np.ndarray:
    """ab (N, 2) of a chromatic term's named colors at a lightness, their chroma clipped to sRGB."""
    colors = _examples(term).copy()
    colors[:, 0] = lightness
    return clip_chroma(torch.from_numpy(colors.T.copy())[:, None])[1:, 0].T.numpy()


def membership(term: str, lightness: float, ab: np.ndarray) -> float:
    """How well a color (ab (2,), at L) is the term's, in [0, 1]; NaN where the lightness leaves no room to tell.

    Chromatic: exp(−½ (Δhue / 12°)²) to the nearest named color, times the share of half of the target's chroma that is there.
    Achromatic: exp(−½ (chroma / 10)²), times how dark, light or in between the region is. Raises ValueError for unknown terms.
    """
    if term not in EXAMPLES:
        raise ValueError(f"unknown color term {term!r}, expected one of {', '.join(EXAMPLES)}")
    chroma = float(np.hypot(*ab))
    if term in ACHROMATIC:
        fits = {"black": (60 - lightness) / 30, "white": (lightness - 45) / 30, "gray": 1.0}[term]
        return float(np.exp(-0.5 * (chroma / GRAY_CHROMA) ** 2) * np.clip(fits, 0, 1))
    goals = targets(term, lightness)
    room = np.hypot(goals[:, 0], goals[:, 1])
    if np.median(room) < LEAST_ROOM:
        return float("nan")
    turn = np.arctan2(ab[1], ab[0]) - np.arctan2(goals[:, 1], goals[:, 0])
    degrees = np.degrees(np.abs((turn + np.pi) % (2 * np.pi) - np.pi))
    scores = np.exp(-0.5 * (degrees / HUE_SIGMA) ** 2) * np.minimum(1, chroma / (ENOUGH * np.maximum(room, LEAST_ROOM)))
    return float(scores.max())
