"""Colors that are asked for more exactly than a term does, as pins on the regions of their phrases.

"A burgundy car" asks for a color that no denoiser of a dozen color words knows. Its place in the picture is known, though, where the
phrase has a mask, was found, or is where the denoiser looks for it: there the chroma is pinned (`lcad.chroma.constraints`). What lies in
front of it, a smaller region or a pin of the caller's, keeps its own color.
"""

from dataclasses import replace

import cv2
import numpy as np

from lcad.chroma import Constraints, Pin
from lcad.imaging import resize
from lcad.requests import Job

GAIN = 4.0
"""Of a soft mask m, of which GAIN · (m − 1/2) is pinned, at most 1: it says where the denoiser looks, and may be wrong."""


def with_exact_pins(job: Job) -> Job:
    """The job with a pin on each region whose exact color is asked for; the caller's pins stay in front of them."""
    asked = {number: color for number, region in enumerate(job.regions) if (color := job.exact_of(region)) is not None}
    if not asked:
        return job
    masks = [_mask(job, number, outline) for number, outline in enumerate(job.outlines)]
    areas = [float(np.sum(mask)) for mask in masks]
    pins = []
    for number, color in asked.items():
        front = [masks[other] for other in range(len(masks)) if other not in asked and 0 < areas[other] < areas[number]]
        seen = _behind(masks[number], [*front, *(np.asarray(pin.mask, np.float32) for pin in job.constraints.pins)])
        if seen.any():
            pins.append(Pin(seen, color))
    return replace(job, constraints=Constraints([*pins, *job.constraints.pins], job.constraints.palette))


def _mask(job: Job, number: int, outline: np.ndarray | None) -> np.ndarray:
    """Where a region is, (H, W) float32 in [0, 1] at the source's size: its outline, or where the denoiser looks for it."""
    if outline is not None:
        return np.asarray(outline, np.float32)
    soft = resize(job.canvas.crop(job.masks[number]).numpy(), job.lightness.shape, cv2.INTER_LINEAR)
    return np.clip(GAIN * (soft - 0.5), 0, 1).astype(np.float32)


def _behind(mask: np.ndarray, front: list[np.ndarray]) -> np.ndarray:
    """What of a mask (H, W) is seen behind others."""
    for other in front:
        mask = np.minimum(mask, 1 - other)
    return mask
