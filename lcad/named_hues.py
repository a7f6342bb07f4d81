"""Hues that keep to the names that were asked for: what comes out olive where brown was asked for is turned to brown.

What a denoiser paints under a color's name lies anywhere among the colors that people call so, and at times between two names. A thing
whose median hue is farther from the middle of its name's hues than the name's neighborhood is turned toward it, all of it by the same
angle, so that its shades stay apart as they were. What is of another color altogether is left: there the denoiser did not color the thing.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from lcad.requests import Request
from lcad.terms import ACHROMATIC, targets

LEAST_CHROMA = 5.0  # Lab units: less has no hue to speak of
FEWEST = 20  # pixels of a thing that have a hue


@dataclass(frozen=True)
class NameKeeping:
    """How hues are kept to names: up to `within` degrees from the middle of a name's hues they stay, and so do those over `beyond` from it.

    ValueError for what is no such thing.
    """

    within: float = 5.0
    beyond: float = 60.0

    def __post_init__(self):
        if not 0 <= self.within <= self.beyond <= 180:
            raise ValueError(f"expected degrees with 0 ≤ within ≤ beyond ≤ 180, got {self}")

    def turn(self, hue: float, middle: float) -> float:
        """By how many degrees a hue is turned toward the middle of its name's."""
        away = (middle - hue + 180) % 360 - 180
        return float(np.sign(away)) * max(abs(away) - self.within, 0.0) if abs(away) <= self.beyond else 0.0


def middle_hue(term: str, lightness: float) -> float:
    """The mean direction, in degrees, of the colors that a chromatic term names at a lightness."""
    hues = np.arctan2(*targets(term, lightness).T[::-1])
    return float(np.degrees(np.arctan2(np.sin(hues).mean(), np.cos(hues).mean())))


def kept_to_names(request: Request, chroma: np.ndarray, keeping: NameKeeping) -> np.ndarray:
    """Chroma (H, W, 2) in Lab units over a request's canvas, the hues of regions that ask for one color by name kept to it."""
    size = chroma.shape[1::-1]
    lightness = cv2.resize(request.canvas.place(request.lightness), size, interpolation=cv2.INTER_AREA)
    angle = np.zeros(chroma.shape[:2])
    for region, mask in zip(request.regions, request.masks.numpy(), strict=True):
        terms = request.terms_of(region)
        if len(terms) != 1 or terms[0] in ACHROMATIC or request.exact_of(region) is not None:
            continue
        soft = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        inside = (soft > 0.5) & (np.linalg.norm(chroma, axis=-1) >= LEAST_CHROMA)
        if inside.sum() >= FEWEST:
            a, b = np.median(chroma[inside], axis=0)
            turn = keeping.turn(float(np.degrees(np.arctan2(b, a))), middle_hue(terms[0], float(np.median(lightness[inside]))))
            angle = np.where(np.abs(angle) < np.abs(turn) * np.clip(2 * soft, 0, 1), turn * np.clip(2 * soft, 0, 1), angle)
    cosine, sine = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return np.stack([cosine * chroma[..., 0] - sine * chroma[..., 1], sine * chroma[..., 0] + cosine * chroma[..., 1]], -1)
