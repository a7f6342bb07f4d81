"""Rendered solids: lightness and exact coverage of simple bodies under a soft light, by sphere tracing of distance fields.

A body of revolution is the half profile `(radius, height)` turned about the vertical axis. Units are the body's own: it stands on
y = 0 and fits a sphere of radius 1 about (0, 1, 0) or a little more. The camera is orthographic and looks slightly down.
Source: J. C. Hart, "Sphere tracing" (1996); the soft shadow's penumbra after I. Quilez.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

STEPS, SHADOW_STEPS = 56, 20
NEAR = 2e-3  # a ray this close to the surface has hit it
FIRST, FAR = 1.2, 4.8  # depths between which every body lies, in units of the body, for a camera at depth 0
HALF_VIEW = 1.45  # half the height of the square tile, in units of the body
ELEVATION = np.radians(22)  # of the camera above the horizon
LIGHT = np.array([-0.55, 0.72, 0.43]) / np.linalg.norm([-0.55, 0.72, 0.43])  # from upper left, before the body
GRID = 96  # samples per unit square side of a tabulated profile
REACH = 2.6  # extent of the tabulated radius and height

Distance = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Solid:
    """A rendering: lightness (S, S) float32, L in [0, 100]; alpha (S, S) float32, the covered part of each pixel in [0, 1]."""

    lightness: np.ndarray
    alpha: np.ndarray


PROFILES: dict[str, list[tuple[float, float]]] = {
    "cone": [(0, 0), (0.82, 0), (0.84, 0.04), (0.05, 1.9), (0, 1.93)],
    "cylinder": [(0, 0), (0.58, 0), (0.62, 0.04), (0.62, 1.56), (0.58, 1.6), (0, 1.6)],
    "vase": [
        (0, 0), (0.36, 0), (0.4, 0.03), (0.5, 0.2), (0.62, 0.45), (0.67, 0.7), (0.64, 0.95), (0.52, 1.2), (0.36, 1.42), (0.28, 1.58),
        (0.28, 1.72), (0.34, 1.86), (0.42, 1.94), (0.39, 1.96), (0.3, 1.88), (0.23, 1.73), (0.23, 1.58), (0.3, 1.4), (0, 1.1),
    ],
    "cup": [
        (0, 0), (0.42, 0), (0.46, 0.03), (0.52, 0.2), (0.6, 0.5), (0.65, 0.85), (0.68, 1.2), (0.66, 1.23), (0.62, 1.21), (0.58, 0.85),
        (0.53, 0.5), (0.45, 0.22), (0.38, 0.12), (0, 0.1),
    ],
    "bowl": [
        (0, 0), (0.36, 0), (0.4, 0.06), (0.62, 0.16), (0.84, 0.36), (0.98, 0.64), (1.02, 0.84), (0.99, 0.87), (0.95, 0.84), (0.9, 0.66),
        (0.77, 0.42), (0.57, 0.25), (0.36, 0.18), (0, 0.16),
    ],
    "balloon": [
        (0, 0), (0.09, 0.0), (0.07, 0.07), (0.05, 0.1), (0.16, 0.2), (0.38, 0.45), (0.6, 0.8), (0.7, 1.15), (0.68, 1.42), (0.56, 1.7),
        (0.36, 1.88), (0.16, 1.96), (0, 1.98),
    ],
    "pear": [
        (0, 0.03), (0.22, 0), (0.45, 0.08), (0.6, 0.28), (0.64, 0.52), (0.58, 0.78), (0.44, 1.02), (0.33, 1.24), (0.29, 1.42), (0.22, 1.56),
        (0.1, 1.63), (0, 1.64),
    ],
}  # fmt: skip


ROUND = ("vase", "cup", "bowl", "balloon", "pear")


def _smoothed(profile: np.ndarray) -> np.ndarray:
    """One round of Chaikin's corner cutting of an open profile (M, 2); its two ends on the axis stay."""
    before, after = profile[:-1], profile[1:]
    cut = np.stack([0.75 * before + 0.25 * after, 0.25 * before + 0.75 * after], 1).reshape(-1, 2)
    return np.concatenate([profile[:1], cut, profile[-1:]])


def _segment_distances(points: np.ndarray, profile: np.ndarray) -> np.ndarray:
    """Signed distance of points (N, 2) to the closed polygon `profile` (M, 2), negative inside; (N,)."""
    nearest, inside = np.full(len(points), np.inf), np.zeros(len(points), bool)
    for (x0, y0), (x1, y1) in zip(profile, np.roll(profile, -1, axis=0), strict=True):
        edge, apart = np.array([x1 - x0, y1 - y0]), points - (x0, y0)
        along = np.clip(apart @ edge / (edge @ edge), 0, 1)
        offset = apart - along[:, None] * edge
        if x0 > 0 or x1 > 0:  # the axis itself is not a surface
            nearest = np.minimum(nearest, (offset**2).sum(1))
        crosses = (y0 > points[:, 1]) != (y1 > points[:, 1])
        if crosses.any():
            inside ^= crosses & (points[:, 0] < x0 + (points[:, 1] - y0) * (x1 - x0) / (y1 - y0 if y1 != y0 else 1))
    return np.where(inside, -1, 1) * np.sqrt(nearest)


@cache
def _table(name: str) -> np.ndarray:
    """Signed distances of a smoothed profile on a grid: rows are heights in [-0.3, 2.3], columns radii in [0, 2.6]."""
    profile = np.array(PROFILES[name])
    if name in ROUND:
        profile = _smoothed(_smoothed(_smoothed(profile)))
    side = int(GRID * REACH)
    radius, height = np.meshgrid(np.linspace(0, REACH, side), np.linspace(-0.3, REACH - 0.3, side))
    return _segment_distances(np.stack([radius.ravel(), height.ravel()], 1), profile).reshape(side, side)


def _revolved(name: str) -> Distance:
    """The distance field of a body of revolution, read from its table with bilinear interpolation."""

    def distance(p: np.ndarray) -> np.ndarray:
        table = _table(name)
        last = len(table) - 1.001
        column = np.clip(np.hypot(p[:, 0], p[:, 2]) / REACH * (len(table) - 1), 0, last)
        row = np.clip((p[:, 1] + 0.3) / REACH * (len(table) - 1), 0, last)
        i, j = row.astype(int), column.astype(int)
        u, v = row - i, column - j
        upper = table[i, j] * (1 - v) + table[i, j + 1] * v
        lower = table[i + 1, j] * (1 - v) + table[i + 1, j + 1] * v
        return upper * (1 - u) + lower * u - 0.012

    return distance


def _sphere(p: np.ndarray) -> np.ndarray:
    return np.linalg.norm(p - (0, 0.9, 0), axis=1) - 0.9


def _cube(p: np.ndarray) -> np.ndarray:
    beyond = np.abs(p - (0, 0.68, 0)) - 0.62
    return np.linalg.norm(np.maximum(beyond, 0), axis=1) + np.minimum(beyond.max(1), 0) - 0.06


def _torus(p: np.ndarray) -> np.ndarray:
    return np.hypot(np.hypot(p[:, 0], p[:, 2]) - 0.72, p[:, 1] - 0.3) - 0.3


def _mug(p: np.ndarray) -> np.ndarray:
    """The cup with a handle on its right."""
    q = p - (0.66, 0.66, 0)
    handle = np.hypot(np.hypot(q[:, 0], q[:, 1] * 0.9) - 0.34, q[:, 2]) - 0.085
    ring_cut = 0.6 - np.hypot(p[:, 0], p[:, 2])  # the part of the ring that would reach into the cup is cut away
    return np.minimum(_revolved("cup")(p), np.maximum(handle, ring_cut))


BODIES: dict[str, Distance] = {name: _revolved(name) for name in PROFILES if name != "cup"} | {
    "sphere": _sphere,
    "cube": _cube,
    "torus": _torus,
    "mug": _mug,
}


def render(body: str, size: int, base: float = 70.0, turn: float = 0.0, gloss: float = 0.5, grain: float = 0.0, samples: int = 3) -> Solid:
    """Render a body into a square tile of `size` pixels.

    `base`: L of a fully lit surface; `turn`: degrees about the vertical; `gloss` in [0, 1]: strength of the highlight; `grain`: the
    amplitude in L of a fixed surface texture; `samples`: rays a pixel side. Raises ValueError for an unknown body.
    """
    if body not in BODIES:
        raise ValueError(f"expected one of {', '.join(sorted(BODIES))}, got {body!r}")
    distance, side = _turned(BODIES[body], turn), size * samples
    steps = (np.arange(side) + 0.5) / side * 2 - 1
    right, up, toward = _camera()
    across, down = np.meshgrid(steps * HALF_VIEW, steps * HALF_VIEW)
    origins = np.array([0, 0.92, 0]) + across.reshape(-1, 1) * right - down.reshape(-1, 1) * up + 3 * toward
    depth, hit = _march(distance, origins, -toward)
    lightness = np.zeros(len(origins))
    if hit.any():
        points = origins[hit] - depth[hit, None] * toward
        lightness[hit] = _shade(distance, points, toward, base, gloss, grain)
    blocks = (size, samples, size, samples)
    alpha = hit.reshape(blocks).mean((1, 3))
    mean = lightness.reshape(blocks).sum((1, 3)) / np.maximum(hit.reshape(blocks).sum((1, 3)), 1)
    return Solid(mean.astype(np.float32), alpha.astype(np.float32))


def _turned(distance: Distance, degrees: float) -> Distance:
    """The field of a body turned about the vertical. Element by element: threads of a matrix product of three columns only wait."""
    if not degrees:
        return distance
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))

    def turned(p: np.ndarray) -> np.ndarray:
        return distance(np.stack([p[:, 0] * cosine - p[:, 2] * sine, p[:, 1], p[:, 0] * sine + p[:, 2] * cosine], 1))

    return turned


def _camera() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The directions right and up in the picture, and from the body toward the camera."""
    toward = np.array([0, np.sin(ELEVATION), np.cos(ELEVATION)])
    return np.array([1.0, 0, 0]), np.array([0, np.cos(ELEVATION), -np.sin(ELEVATION)]), toward


def _march(distance: Distance, origins: np.ndarray, direction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Depth (N,) along each ray and whether it hit, (N,) bool."""
    depth, hit = np.full(len(origins), FIRST), np.zeros(len(origins), bool)
    active = np.arange(len(origins))
    for _ in range(STEPS):
        step = distance(origins[active] + depth[active, None] * direction)
        near = step < NEAR
        hit[active[near]] = True
        active, step = active[~near], step[~near]
        depth[active] += step
        active = active[depth[active] < FAR]
        if not len(active):
            break
    return depth, hit


def _shade(distance: Distance, points: np.ndarray, toward: np.ndarray, base: float, gloss: float, grain: float) -> np.ndarray:
    """L (N,) of surface points: sky and key light with a soft shadow, a highlight, a brighter rim, and the texture."""
    shift = 0.03 * np.eye(3)  # wider than a cell of the tables, whose facets would show
    normal = np.stack([distance(points + axis) - distance(points - axis) for axis in shift], 1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    lit = _soft_shadow(distance, points + 0.02 * normal)
    key = np.clip(normal @ LIGHT, 0, 1) * lit
    sky = 0.5 + 0.5 * normal[:, 1]
    halfway = (LIGHT + toward) / np.linalg.norm(LIGHT + toward)
    highlight = np.clip(normal @ halfway, 0, 1) ** 40 * lit
    rim = (1 - np.clip(normal @ toward, 0, 1)) ** 3
    light = base * (0.36 + 0.24 * sky + 0.55 * key) + 100 * (0.42 * gloss * highlight + 0.06 * rim)
    return np.clip(light + grain * _texture(points), 4, 98)


def _soft_shadow(distance: Distance, points: np.ndarray) -> np.ndarray:
    """How much of the key light reaches each point, (N,) in [0, 1]."""
    reached, travelled = np.ones(len(points)), np.full(len(points), 0.03)
    for _ in range(SHADOW_STEPS):
        gap = distance(points + travelled[:, None] * LIGHT)
        reached = np.minimum(reached, np.clip(7 * gap / travelled, 0, 1))
        travelled += np.clip(gap, 0.03, 0.25)
    return reached


def _texture(points: np.ndarray) -> np.ndarray:
    """A smooth fixed pattern over space, (N,) in about [-1, 1]."""
    x, y, z = 9 * points.T
    return (np.sin(x + 2.1 * np.sin(0.7 * y)) + np.sin(1.9 * y + 1.3 * np.cos(z)) + np.sin(2.7 * z + 1.7 * np.sin(1.1 * x))) / 3
