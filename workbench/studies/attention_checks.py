"""Pictures for trials with a known answer: spoiled so that anybody sees it who looks, or saying themselves what to answer."""

import io

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from skimage.color import lab2rgb

from workbench.errors import MissingPartError
from workbench.imaging import lightness_of, png_of

CHROMA = 55
"""Of the blotches, in Lab: as strong as sRGB mostly shows."""
FONTS = (
    "", "DejaVuSans.ttf", "NotoSans-Regular.ttf", "NotoSansArabic-Regular.ttf", "NotoSansHebrew-Regular.ttf",
    "NotoSansDevanagari-Regular.ttf", "NotoSansThai-Regular.ttf", "NotoSansCJK-Regular.ttc", "wqy-zenhei.ttc",
)  # fmt: skip
"""The empty one comes with Pillow and has Latin letters; the others are looked for where the system keeps its fonts."""
NO_LETTER, LOOKED_AT = "\uffff", 24
"""A code that is no letter, and the size in pixels at which letters are told from it."""
Font = PIL.ImageFont.FreeTypeFont | PIL.ImageFont.ImageFont
GRAIN = 0.09
"""Size of a blotch, as a share of the longer side."""


def blotched(content: bytes, seed: int) -> bytes:
    """A picture (bytes of any kind) with its lightness and, across all objects, blotches of strong hues, as PNG."""
    pixels = _pixels(content)
    height, width = pixels.shape[:2]
    noise = np.random.default_rng(seed).standard_normal((2, height, width))
    field = np.stack([gaussian_filter(part, GRAIN * max(height, width), mode="wrap") for part in noise])
    field *= CHROMA / np.maximum(np.hypot(*field), 1e-9)
    lightness = lightness_of(pixels)
    field *= np.clip(np.minimum(lightness / 60, (100 - lightness) / 20), 0, 1)  # black and white have no hue to take
    lab = np.dstack([lightness, field[0], field[1]])
    return png_of((np.clip(lab2rgb(lab), 0, 1) * 255).round().astype(np.uint8))


def saying(content: bytes, words: str) -> bytes:
    """A picture (bytes of any kind) with words across its middle, as PNG."""
    shown = PIL.Image.fromarray(_pixels(content))
    width, height = shown.size
    size = max(8, min(height // 6, int(1.7 * width / len(words))))
    font = _font_for(words, size)
    draw = PIL.ImageDraw.Draw(shown)
    draw.rectangle((0, height / 2 - size, width, height / 2 + size), fill=(240, 240, 240))
    draw.text((width / 2, height / 2), words, fill=(16, 16, 16), font=font, anchor="mm")
    return png_of(np.asarray(shown))


def _font_for(words: str, size: int) -> Font:
    """A font that has every letter of some words: Pillow's own, or one that is installed; raises MissingPartError."""
    for name in FONTS:
        try:
            font = _font(name, LOOKED_AT)
        except OSError:
            continue
        none = _shape(font, NO_LETTER)
        if all(letter.isspace() or _shape(font, letter) != none for letter in words):
            return _font(name, size)
    raise MissingPartError(f"No font here has the letters of “{words}”: install a Noto font of that script, or set `trap: false`.")


def _font(name: str, size: int) -> Font:
    return PIL.ImageFont.truetype(name, size) if name else PIL.ImageFont.load_default(size)


def _shape(font: Font, letter: str) -> bytes:
    """A letter as it is drawn: a box where the font has none."""
    picture = PIL.Image.new("L", (3 * LOOKED_AT, 3 * LOOKED_AT))
    PIL.ImageDraw.Draw(picture).text((LOOKED_AT, LOOKED_AT), letter, fill=255, font=font)
    return picture.tobytes()


def _pixels(content: bytes) -> NDArray[np.uint8]:
    with PIL.Image.open(io.BytesIO(content)) as opened:
        return np.asarray(opened.convert("RGB"))
