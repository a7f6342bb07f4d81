"""Views of photos that the grounder learns from: whole, or closer and mirrored, with people and cut-outs pasted in.

A photo is seen twice. The second view brings what the collections lack: people in clothes that people outlined, in scenes of every kind
and at every size, and things of many names. Where a view comes from is drawn from the photo's name, so it is the same each time. What a
view shows is a list of layers, each a picture with its own outline and the affine map from its pixels to the view's canvas.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lcad.models.phrase_grounder import SIDE

BESIDE = 50.0  # L of the canvas beside a photo
PERSON_SHARE, CUTOUT_SHARE = 0.6, 0.28  # of second views with people, and with cut-outs
PERSON_HEIGHTS, CUTOUT_SIDES = (0.3, 1.15), (0.2, 0.75)  # of the canvas
ZOOMS = (0.8, 2.0)
DEGREES_OF_GRAY = 0.25  # deviation of the logarithm of the second view's gamma


@dataclass(frozen=True)
class Pasted:
    """Something with an outline: L (h, w) in [0, 100], its alpha (h, w) in [0, 1], what it is, and the masks of its parts by label."""

    lightness: np.ndarray
    alpha: np.ndarray
    label: str
    parts: dict[str, np.ndarray]

    @property
    def person(self) -> bool:
        """Whether it is a person whose clothes are outlined."""
        return self.label == "person"


@dataclass(frozen=True)
class Layer:
    """What is pasted into a view, and the map (2, 3) from its pixels to the canvas."""

    pasted: Pasted
    matrix: np.ndarray


@dataclass(frozen=True)
class View:
    """L (SIDE, SIDE) float32 in [0, 100] of a view, the map (2, 3) from the photo's pixels to it, and what was pasted, first to last."""

    lightness: np.ndarray
    matrix: np.ndarray
    layers: tuple[Layer, ...]


def placing(scale: float, source: tuple[float, float], target: tuple[float, float], mirrored: bool = False) -> np.ndarray:
    """The map (2, 3) that brings a point (x, y) of a picture to one of the canvas, times `scale`."""
    along = -scale if mirrored else scale
    return np.array([[along, 0, target[0] - along * source[0]], [0, scale, target[1] - scale * source[1]]], np.float32)


def whole_view(lightness: np.ndarray, name: str, moved: bool = True) -> View:
    """A photo of L (h, w), whole in the middle of the canvas; `moved`: mirrored by chance, its gray a little lighter or darker."""
    height, width = lightness.shape
    rng = np.random.default_rng(zlib.crc32(f"{name}|0".encode()))
    mirrored = moved and rng.random() < 0.5
    matrix = placing(SIDE / max(height, width), (width / 2, height / 2), (SIDE / 2, SIDE / 2), mirrored)
    plane = 100 * (lightness / 100) ** float(np.exp(rng.normal(0, 0.12))) if moved else lightness
    return View(_warped(plane, matrix), matrix, ())


def zoomed_view(lightness: np.ndarray, name: str, people: Sequence[Pasted], cutouts: Sequence[Pasted]) -> View:
    """A part of a photo, larger or smaller, its gray changed, with people or cut-outs pasted in."""
    (height, width), rng = lightness.shape, np.random.default_rng(zlib.crc32(f"{name}|1".encode()))
    zoom = float(np.exp(rng.uniform(*np.log(ZOOMS))))
    room = max(0.15, 1 - 0.8 / zoom)
    source = (width / 2 + (rng.random() - 0.5) * width * room, height / 2 + (rng.random() - 0.5) * height * room)
    target = tuple(SIDE / 2 + (rng.random(2) - 0.5) * SIDE / 8)
    matrix = placing(zoom * SIDE / max(height, width), source, target, rng.random() < 0.5)
    canvas = _warped(_regrayed(lightness, rng, DEGREES_OF_GRAY), matrix)
    layers, chance = [], rng.random()
    if people and chance < PERSON_SHARE:
        layers = [_person(people[int(rng.integers(len(people)))], rng) for _ in range(1 if rng.random() < 0.75 else 2)]
    elif cutouts and chance < PERSON_SHARE + CUTOUT_SHARE:
        layers = [_cutout(cutouts[int(rng.integers(len(cutouts)))], rng) for _ in range(rng.integers(1, 3))]
    for layer in layers:
        alpha = _warped(layer.pasted.alpha, layer.matrix, beside=0.0)
        over = _warped(_regrayed(layer.pasted.lightness, rng, DEGREES_OF_GRAY), layer.matrix, border=cv2.BORDER_REPLICATE)
        canvas = canvas * (1 - alpha) + over * alpha
    return View(np.clip(canvas, 0, 100).astype(np.float32), matrix, tuple(layers))


def _person(pasted: Pasted, rng: np.random.Generator) -> Layer:
    """Standing somewhere, of some height."""
    left, top, width, height = cv2.boundingRect((pasted.alpha > 0.5).astype(np.uint8))
    size = float(np.exp(rng.uniform(*np.log(PERSON_HEIGHTS))))
    target = (rng.uniform(0.1, 0.9) * SIDE, (rng.uniform(0.55, 1.05) + (0.15 if size >= 0.9 else 0)) * SIDE)
    return Layer(pasted, placing(size * SIDE / max(height, 1), (left + width / 2, top + height), target, rng.random() < 0.5))


def _cutout(pasted: Pasted, rng: np.random.Generator) -> Layer:
    height, width = pasted.alpha.shape
    target = (rng.uniform(0.15, 0.85) * SIDE, rng.uniform(0.2, 0.85) * SIDE)
    scale = rng.uniform(*CUTOUT_SIDES) * SIDE / max(height, width)
    return Layer(pasted, placing(scale, (width / 2, height / 2), target, rng.random() < 0.5))


def _regrayed(lightness: np.ndarray, rng: np.random.Generator, deviation: float) -> np.ndarray:
    gamma, contrast = float(np.exp(rng.normal(0, deviation))), rng.uniform(0.7, 1.1)
    return 50 + contrast * (100 * np.clip(lightness / 100, 0, 1) ** gamma - 50)


def _warped(plane: np.ndarray, matrix: np.ndarray, beside: float = BESIDE, border: int = cv2.BORDER_CONSTANT) -> np.ndarray:
    """A plane on the canvas, (SIDE, SIDE) float32."""
    scale, plane = abs(matrix[0, 0]), plane.astype(np.float32)
    if scale < 0.8:
        plane = cv2.GaussianBlur(plane, (0, 0), 0.5 / scale)
    how = cv2.INTER_CUBIC if scale > 1 and border == cv2.BORDER_CONSTANT and beside else cv2.INTER_LINEAR
    return cv2.warpAffine(plane, matrix, (SIDE, SIDE), flags=how, borderMode=border, borderValue=beside)


def mask_on_cells(mask: np.ndarray, matrix: np.ndarray, cells: int) -> np.ndarray:
    """The part of each cell (cells, cells) in [0, 1] that a mask (h, w) of a layer or photo covers."""
    fine = cv2.warpAffine(mask.astype(np.float32), matrix * 0.5, (SIDE // 2, SIDE // 2), flags=cv2.INTER_LINEAR)
    return cv2.resize(fine, (cells, cells), interpolation=cv2.INTER_AREA)


def box_on_canvas(box: Sequence[float], matrix: np.ndarray) -> tuple[float, float, float, float]:
    """A box x, y, width, height of a photo as left, top, right, bottom on the canvas, cut at its edge."""
    x, y, width, height = box
    corners = np.array([[x, y, 1], [x + width, y + height, 1]], np.float32) @ matrix.T
    (left, top), (right, bottom) = np.clip(corners.min(0), 0, SIDE), np.clip(corners.max(0), 0, SIDE)
    return float(left), float(top), float(right), float(bottom)
