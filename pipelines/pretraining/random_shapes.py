"""Invented things: soft-edged blobs and slabs with the texture of a photo and a shading of their own.

Cut-outs are few; shapes teach what an object looks like against a ground whatever it is. They are named by any noun.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from pipelines.composing.captions import STAND_INS
from pipelines.composing.recoloring import to_lab, to_rgb, to_u8
from pipelines.composing.scenes import Backdrop, Cutout

SIDE = 160  # pixels


def _outline(rng: np.random.Generator) -> np.ndarray:
    """A mask (SIDE, SIDE) float in [0, 1] with a soft edge: a wavy blob, or a rounded slab."""
    y, x = np.mgrid[:SIDE, :SIDE] / (SIDE / 2) - 1
    wide, high = rng.uniform(0.35, 0.9, 2)
    x, y = x / wide, y / high
    if rng.random() < 0.4:
        power = rng.uniform(2.5, 8)
        distance = (np.abs(x) ** power + np.abs(y) ** power) ** (1 / power)
        return np.clip((0.95 - distance) * SIDE * min(wide, high) / 3, 0, 1)
    angle, radius = np.arctan2(y, x), np.full_like(x, 0.75)
    for wave in range(1, 6):
        radius += rng.normal(0, 0.16 / wave) * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    return np.clip((radius - np.hypot(x, y)) * SIDE * min(wide, high) / 3, 0, 1)


def _shading(rng: np.random.Generator) -> np.ndarray:
    """Light from one side and a bright spot, in L, (SIDE, SIDE)."""
    y, x = np.mgrid[:SIDE, :SIDE] / (SIDE / 2) - 1
    angle = rng.uniform(0, 2 * np.pi)
    light = rng.uniform(0, 22) * (x * np.cos(angle) + y * np.sin(angle))
    spot = np.exp(-((x - rng.uniform(-0.5, 0.5)) ** 2 + (y - rng.uniform(-0.5, 0.5)) ** 2) / rng.uniform(0.02, 0.3))
    return light + rng.uniform(0, 20) * spot


def draw_shape(rng: np.random.Generator, photos: Sequence[Backdrop]) -> Cutout:
    """A shape as a cut-out, (SIDE, SIDE, 4), named by a noun that was drawn."""
    photo = photos[int(rng.integers(len(photos)))].rgb
    side = int(rng.integers(48, min(photo.shape[:2]) + 1))
    top, left = (int(rng.integers(0, extent - side + 1)) for extent in photo.shape[:2])
    lab = to_lab(cv2.resize(photo[top : top + side, left : left + side], (SIDE, SIDE), interpolation=cv2.INTER_LINEAR))
    texture = cv2.GaussianBlur(lab[..., 0], (0, 0), float(rng.uniform(0.3, 3)))
    lab[..., 0] = np.clip(rng.uniform(0, 0.8) * (texture - texture.mean()) + rng.uniform(25, 80) + _shading(rng), 3, 97)
    alpha = _outline(rng)
    if rng.random() < 0.3:  # a drawn line around it
        inner = cv2.erode(alpha, np.ones((5, 5), np.uint8))
        lab[..., 0] = np.where((alpha > 0.5) & (inner < 0.5), rng.uniform(5, 30), lab[..., 0])
    rgba = np.dstack([to_u8(to_rgb(lab)), (alpha * 255).round().astype(np.uint8)])
    rows, columns = np.flatnonzero((alpha > 0).any(1)), np.flatnonzero((alpha > 0).any(0))
    return Cutout(rgba[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], str(rng.choice(STAND_INS)))
