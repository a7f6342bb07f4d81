"""What the model makes of a caption's phrases on a picture: where it looks for each, and the mask that steers its color."""

from dataclasses import dataclass

import cv2
import numpy as np
import torch

from lcad import Colorizer, LCADPipeline
from lcad.prompts import find_phrases
from pipelines.inference.phrase_regions import ThingColor, regions_of

LONGEST = 256
"""Pixels of the longer side of a map."""


@dataclass(frozen=True, eq=False)
class PhraseMap:
    """A phrase at [start, end) of a caption: heat and mask (h, w) float in [0, 1]; `is_found` says that the mask was found, not guessed."""

    start: int
    end: int
    heat: np.ndarray
    mask: np.ndarray
    is_found: bool
    exact: str | None
    """The color that is asked for it more exactly than by a term."""


@torch.no_grad()
def phrase_maps(colorizer: Colorizer, rgb: np.ndarray, caption: str, things: list[ThingColor] | None = None) -> list[PhraseMap]:
    """The maps of the phrases of a caption that can have a color; none of a guest's, which reads no phrases."""
    of_caption = regions_of([caption], [[]], [things or []])[0]
    if not isinstance(colorizer, LCADPipeline) or not of_caption.regions:
        return []
    read = colorizer.read([rgb], [caption], [of_caption.regions], caption_colors=[of_caption.colors])
    (job,) = colorizer.find(read, colorizer.settings.instance)
    heat = colorizer.heat(job, colorizer.encode([job]).luminance, colorizer.embed([job.prompt])).numpy()
    canvas = np.stack([cv2.resize(plane, job.canvas.padded[::-1], interpolation=cv2.INTER_LINEAR) for plane in heat])
    maps = []
    for number, (region, span) in enumerate(zip(job.regions, find_phrases(caption, [one.phrase for one in job.regions]), strict=True)):
        outline = job.outlines[number]
        mask = job.canvas.crop(job.masks[number]).numpy() if outline is None else np.asarray(outline, np.float32)
        own = job.canvas.crop(torch.from_numpy(canvas[number])).numpy()
        exact = job.exact_of(region)
        size = _size(rgb.shape)
        maps.append(PhraseMap(*span, _small(own, size), _small(mask, size), outline is not None, None if exact is None else str(exact)))
    return maps


def _size(shape: tuple[int, ...]) -> tuple[int, int]:
    """(width, height) of the maps of a picture."""
    scale = min(1.0, LONGEST / max(shape[:2]))
    return max(1, round(shape[1] * scale)), max(1, round(shape[0] * scale))


def _small(plane: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return np.clip(cv2.resize(plane, size, interpolation=cv2.INTER_AREA if plane.shape[1] > size[0] else cv2.INTER_LINEAR), 0, 1)
