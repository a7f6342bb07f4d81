"""Layers of a demo scene: cut-outs and solids in named colors, backdrops, shadows. Arrays are sRGB float32 in [0, 1] unless named."""

from dataclasses import dataclass

import numpy as np
import PIL.Image
import PIL.ImageDraw
import PIL.ImageFilter

from pipelines.composing.recoloring import ACHROMATIC_CHROMA, COLORS, DARK_ROOM, largest_chroma, to_lab, to_rgb
from pipelines.demo.solids import ELEVATION, HALF_VIEW, render

TRACE = 0.1  # the part of a photo object's own variation of chroma that stays
FOOT = 0.5 + 0.92 * float(np.cos(ELEVATION)) / (2 * HALF_VIEW)  # the row of a solid's foot in its tile, as a part of its side


@dataclass(frozen=True)
class Layer:
    """Something on the canvas: rgb (H, W, 3) and alpha (H, W), both float32 in [0, 1], of the canvas's size."""

    rgb: np.ndarray
    alpha: np.ndarray


Frame = tuple[tuple[float, float, float, float], tuple[int, int, int, int]]
"""The part of a photo (left, top, right, bottom) and where it goes (left, top, width, height)."""


def tinted(lab: np.ndarray, color: str, weight: np.ndarray) -> np.ndarray:
    """Lab (H, W, 3) in a named color, its lightness and a trace of its own variation of chroma kept; unchanged for the empty name.

    `weight` (H, W) says how much each pixel counts for the mean chroma that is taken away. Chroma fades toward black and stays inside
    the sRGB gamut, so that highlights run into white. Raises KeyError for a word that is not in `COLORS`.
    """
    if not color:
        return lab
    named, lightness = COLORS[color], lab[..., 0]
    angle = np.radians(named.hue)
    reach = np.minimum(named.chroma * np.clip(lightness / DARK_ROOM, 0, 1), 0.95 * largest_chroma(lightness, named.hue))
    mean = np.average(lab[..., 1:].reshape(-1, 2), axis=0, weights=weight.ravel() + 1e-6)
    share = TRACE * np.clip(reach / 40, 0, 1)[..., None] if named.chroma > ACHROMATIC_CHROMA else 0.0
    ab = np.stack([reach * np.cos(angle), reach * np.sin(angle)], -1) + share * np.clip(lab[..., 1:] - mean, -40, 40)
    return np.concatenate([lightness[..., None], ab], -1).astype(np.float32)


def resized(plane: np.ndarray, width: int, height: int, box: tuple[float, float, float, float]) -> np.ndarray:
    """One float plane (H, W), its part `box` (left, top, right, bottom) resampled to (height, width)."""
    image = PIL.Image.fromarray(plane.astype(np.float32))
    return np.asarray(image.resize((width, height), PIL.Image.Resampling.BICUBIC, box=box))


def resized_rgb(rgb: np.ndarray, width: int, height: int, box: tuple[float, float, float, float]) -> np.ndarray:
    """Part of a picture (H, W, 3) in [0, 1], resampled to (height, width, 3)."""
    return np.clip(np.dstack([resized(rgb[..., channel], width, height, box) for channel in range(3)]), 0, 1)


def blurred(plane: np.ndarray, radius_px: float) -> np.ndarray:
    """A plane (H, W) in [0, 1] under a Gaussian blur."""
    image = PIL.Image.fromarray((np.clip(plane, 0, 1) * 255).astype(np.uint8))
    return np.asarray(image.filter(PIL.ImageFilter.GaussianBlur(float(radius_px))), dtype=np.float32) / 255


def cutout_layer(
    rgb: np.ndarray,
    cover: np.ndarray,
    color: str,
    size: int,
    gamma: float,
    frame: Frame,
) -> Layer:
    """An object cut out of a photo, in a named color, on a canvas of `size` pixels.

    `rgb` (H, W, 3) uint8 and `cover` (H, W) in [0, 1] are the photo's; `gamma` below 1 brightens; `frame` is the part of the photo
    (left, top, right, bottom) and where it goes (left, top, width, height), which may reach over the canvas's edges.
    """
    lab = to_lab(rgb)
    lab[..., 0] = 100 * (lab[..., 0] / 100) ** gamma
    painted = to_rgb(tinted(lab, color, cover))
    box, (left, top, width, height) = frame
    alpha = np.clip(resized(cover, width, height, box), 0, 1)
    straight = resized_rgb(painted * cover[..., None], width, height, box) / np.maximum(alpha, 1e-3)[..., None]
    return _on_canvas(np.clip(straight, 0, 1), alpha, left, top, size)


def solid_layer(spec: dict, color: str, size: int) -> Layer:
    """A rendered solid in a named color; `spec` names the body, its side (a part of the canvas) and where its foot stands."""
    side = round(spec["side"] * size)
    solid = render(spec["solid"], side, spec.get("base", 72.0), spec.get("turn", 0.0), spec.get("gloss", 0.5), spec.get("grain", 1.0))
    flat = np.dstack([solid.lightness, np.zeros_like(solid.lightness), np.zeros_like(solid.lightness)])
    x, y = spec["at"]
    painted = to_rgb(tinted(flat, color, solid.alpha))
    return _on_canvas(painted, solid.alpha, round(x * size - side / 2), round(y * size - FOOT * side), size)


def _on_canvas(rgb: np.ndarray, alpha: np.ndarray, left: int, top: int, size: int) -> Layer:
    height, width = alpha.shape
    canvas, cover = np.zeros((size, size, 3), np.float32), np.zeros((size, size), np.float32)
    rows, columns = slice(max(0, top), max(0, min(size, top + height))), slice(max(0, left), max(0, min(size, left + width)))
    inside = slice(rows.start - top, rows.stop - top), slice(columns.start - left, columns.stop - left)
    canvas[rows, columns], cover[rows, columns] = rgb[inside], alpha[inside]
    return Layer(canvas, cover)


def shadow_of(alpha: np.ndarray, strength: float) -> np.ndarray:
    """How much the ground darkens (H, W) in [0, 1]: a soft ellipse at the foot of an object, drawn away from the light."""
    size = alpha.shape[0]
    rows = np.flatnonzero((alpha > 0.5).any(1))
    deep = max(3, len(rows) // 5)  # the lowest fifth of an object is what stands on the ground
    foot = np.flatnonzero((alpha[max(0, rows[-1] - deep) : rows[-1] + 1] > 0.5).any(0))
    left, right, bottom = foot[0], foot[-1], rows[-1]
    width = right - left + 1
    canvas = PIL.Image.new("L", (size, size))
    middle = bottom - 0.12 * width
    box = (left - 0.02 * width, middle - 0.17 * width, right + 0.4 * width, middle + 0.17 * width)
    PIL.ImageDraw.Draw(canvas).ellipse(box, fill=255)
    wide = np.asarray(canvas, dtype=np.float32) / 255
    return strength * np.maximum(blurred(wide, 0.08 * width + 1), 0.8 * blurred(wide, 0.02 * width + 0.5) * (wide > 0))


def studio(spec: dict, size: int, floor: np.ndarray | None) -> np.ndarray:
    """A wall over a floor (size, size, 3): soft light from upper left; `floor`, if given, is a picture of a table top."""
    horizon = round(spec["horizon"] * size)
    y, x = np.mgrid[0:size, 0:size].astype(np.float32) / size
    lab = np.zeros((size, size, 3), np.float32)
    glow = np.exp(-((x - 0.35) ** 2 + (y - 0.3) ** 2) / 0.35)
    (wall, wall_light), (ground, ground_light) = spec["wall"], spec["floor"]
    lab[..., 0] = wall_light - 9 + 14 * glow
    lab[horizon:, :, 0] = (ground_light - 5 + 10 * glow + 7 * (y - spec["horizon"]))[horizon:]
    lab[..., 0] = np.clip(lab[..., 0] + 0.5 * np.random.default_rng(0).standard_normal((size, size)), 3, 97)
    part = np.ones((size, size), np.float32)
    strong = {"wall": spec.get("wall_strength", 0.5), "floor": spec.get("floor_strength", 0.6)}
    for word, rows, share in ((wall, slice(None, horizon), strong["wall"]), (ground, slice(horizon, None), strong["floor"])):
        lab[rows, :, 1:] = share * tinted(lab[rows], word, part[rows])[..., 1:]
    rgb = to_rgb(lab)
    if floor is not None:
        rgb[horizon:] = floor[: size - horizon]
    edge = rgb.copy()
    edge[horizon - 1] = 0.65 * rgb[horizon - 1] + 0.35 * rgb[horizon]
    edge[horizon] = 0.35 * rgb[horizon - 1] + 0.65 * rgb[horizon]
    return edge
