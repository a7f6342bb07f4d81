"""Plates that test color vision and the display, drawn here: a figure of dots that only the right eyes, or a good screen, can read.

After Ishihara's principle: figure and ground are dots of two chromaticities that lie on one confusion line of a dichromat, so that
to the one kind of eye they are alike; every dot's luminance is drawn from the same distribution in figure and ground, so that
brightness does not tell. Confusion lines meet in the copunctal points of Smith and Pokorny (1975), CIE 1931 x, y.
It screens, and diagnoses nobody: a screen is no calibrated lamp.
"""

import random
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFont

from workbench.imaging import png_of

SIDE = 360
"""Pixels of a plate, as drawn and as shown."""
WHITE = (0.3127, 0.3290)
COPUNCTAL = {"protan": (0.7635, 0.2365), "deutan": (1.4000, -0.4000)}
REACH = {"protan": 0.032, "deutan": 0.044}
"""How far figure and ground lie from the white point along the line, in x: about what a plate of the printed series differs by."""
LUMINANCE = (0.16, 0.42)
CONTROL = ((0.10, 0.16), (0.42, 0.55))
"""The control plate's figure and ground differ in luminance: everybody who looks can read it."""
PLATES = ("control", "protan", "deutan", "protan", "deutan", "protan")
DIGITS = "234567"
PAPER, SURROUND = 205, 134
"""Grays of the disc and around it; the latter is that of the card on which the page shows it."""
DOTS, SMALLEST, LARGEST = 1700, 2.9, 8.0

XYZ_TO_RGB = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])

FIELDS = ("dark", "bright")
STEP = {"dark": (10, 0), "bright": (243, 255)}
"""Gray of the patches and of their field: close, yet apart on a screen that shows shadows and lights."""


@dataclass(frozen=True)
class Plate:
    """A plate: whom it tests, and the digit that is to be read."""

    kind: str
    digit: str
    seed: int


def plates_of(lot: int) -> list[Plate]:
    """A rater's plates in their order, each with another digit; another lot gives others."""
    chance = random.Random(lot)
    return [Plate(kind, digit, chance.randrange(2**31)) for kind, digit in zip(PLATES, chance.sample(DIGITS, len(PLATES)), strict=True)]


@lru_cache(maxsize=128)
def draw_plate(plate: Plate) -> bytes:
    """The plate as PNG."""
    chance = random.Random(plate.seed)
    figure = _figure(plate.digit)
    canvas = PIL.Image.new("RGB", (2 * SIDE, 2 * SIDE), (SURROUND,) * 3)
    draw = PIL.ImageDraw.Draw(canvas)
    draw.ellipse((4, 4, 2 * SIDE - 4, 2 * SIDE - 4), fill=(PAPER,) * 3)
    for x, y, radius in _dots(chance):
        inside = bool(figure[int(y), int(x)])
        color = dot_color(plate.kind, inside, chance)
        draw.ellipse([2 * (x - radius), 2 * (y - radius), 2 * (x + radius), 2 * (y + radius)], fill=color)
    return png_of(np.asarray(canvas.resize((SIDE, SIDE), PIL.Image.Resampling.LANCZOS)))


def dot_color(kind: str, inside: bool, chance: random.Random) -> tuple[int, int, int]:
    """The sRGB color of a dot of the figure or of the ground."""
    if kind == "control":
        return _rgb(*WHITE, chance.uniform(*CONTROL[not inside]))
    (x, y), (far_x, far_y) = WHITE, COPUNCTAL[kind]
    along = REACH[kind] * (1 if inside else -1)
    slope = (far_y - y) / (far_x - x)
    return _rgb(x + along, y + along * slope, chance.uniform(*LUMINANCE))


def _rgb(x: float, y: float, luminance: float) -> tuple[int, int, int]:
    """CIE x, y and Y in [0, 1] as 8-bit sRGB."""
    linear = np.clip(XYZ_TO_RGB @ (np.array([x / y, 1.0, (1 - x - y) / y]) * luminance), 0, 1)
    coded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = (int(value) for value in np.rint(255 * coded))
    return red, green, blue


def _figure(digit: str) -> np.ndarray:
    """Where the digit is, (SIDE, SIDE) bool."""
    mask = PIL.Image.new("1", (SIDE, SIDE))
    font = PIL.ImageFont.load_default(size=0.74 * SIDE)
    PIL.ImageDraw.Draw(mask).text((SIDE / 2, SIDE / 2), digit, fill=1, font=font, anchor="mm", stroke_width=8)
    return np.asarray(mask)


def _dots(chance: random.Random) -> list[tuple[float, float, float]]:
    """Dots (x, y, radius) in pixels that fill the disc without touching; the largest that fits is put at each place."""
    placed = np.empty((DOTS, 3))
    count = 0
    for _ in range(9 * DOTS):
        if count == DOTS:
            break
        distance, angle = (SIDE / 2 - 6) * chance.random() ** 0.5, chance.uniform(0, 2 * np.pi)
        x, y = SIDE / 2 + distance * np.cos(angle), SIDE / 2 + distance * np.sin(angle)
        room = SIDE / 2 - 4 - distance
        if count:
            gaps = np.hypot(placed[:count, 0] - x, placed[:count, 1] - y) - placed[:count, 2] - 0.9
            room = min(room, float(gaps.min()))
        if room >= SMALLEST:
            placed[count] = x, y, min(room, chance.uniform(SMALLEST, LARGEST))
            count += 1
    return [(float(x), float(y), float(radius)) for x, y, radius in placed[:count]]


def field_count(field: str, lot: int) -> int:
    """How many patches a rater's field has, 3 to 6."""
    return random.Random(f"{field}:{lot}").randint(3, 6)


@lru_cache(maxsize=128)
def draw_field(field: str, lot: int) -> bytes:
    """A black or white field with faint patches that are to be counted, as PNG."""
    chance = random.Random(f"{field}:{lot}:places")
    patch, ground = STEP[field]
    pixels = np.full((SIDE // 2, SIDE, 3), ground, np.uint8)
    cells = chance.sample(range(12), field_count(field, lot))
    for cell in cells:
        row, column = divmod(cell, 6)
        top, left = 25 + 75 * row, 12 + 58 * column
        pixels[top : top + 44, left : left + 44] = patch
    return png_of(pixels)
