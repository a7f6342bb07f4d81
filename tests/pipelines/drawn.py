"""Pictures drawn for tests of composing: cut-outs and backdrops without a file."""

import numpy as np

from pipelines.composing.scenes import Backdrop, Cutout


def disc(side: int = 40, label: str = "ball") -> Cutout:
    """A shaded disc with a hard edge."""
    y, x = np.mgrid[:side, :side]
    inside = (x - side / 2 + 0.5) ** 2 + (y - side / 2 + 0.5) ** 2 < (side / 2 - 1) ** 2
    shade = (60 + 120 * x / side).astype(np.uint8)
    return Cutout(np.dstack([shade, shade // 2, shade // 3, inside * np.uint8(255)]), label)


def slab(label: str = "box") -> Cutout:
    """A striped rectangle, opaque all over."""
    x = np.arange(50)[None] + np.zeros((30, 1), int)
    stripes = (90 + 80 * ((x // 5) % 2)).astype(np.uint8)
    return Cutout(np.dstack([stripes, stripes, stripes + np.uint8(20), np.full((30, 50), 255, np.uint8)]), label)


def slope(label: str = "meadow") -> Backdrop:
    """A green slope under a blue sky."""
    y, x = np.mgrid[:96, :120]
    sky = (y < 48)[..., None]
    shade = (x[..., None] / 4).astype(np.uint8)
    return Backdrop(np.where(sky, np.uint8([60, 110, 200]), np.uint8([50, 140, 60])) + shade, label)
