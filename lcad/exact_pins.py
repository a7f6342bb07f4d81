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
from lcad.requests import Request

GAIN = 4.0
"""Of a soft mask m, of which GAIN · (m − 1/2) is pinned, at most 1: it says where the denoiser looks, and may be wrong."""


def with_exact_pins(request: Request) -> Request:
    """The request with a pin on each region whose exact color is asked for; the caller's pins stay in front of them."""
    exact = {number: color for number, region in enumerate(request.regions) if (color := request.exact_of(region)) is not None}
    if not exact:
        return request
    masks = [_mask(request, number, outline) for number, outline in enumerate(request.outlines)]
    areas = [float(np.sum(mask)) for mask in masks]
    pins = []
    for number, color in exact.items():
        front = [masks[other] for other in range(len(masks)) if other not in exact and 0 < areas[other] < areas[number]]
        seen = _behind(masks[number], [*front, *(np.asarray(pin.mask, np.float32) for pin in request.constraints.pins)])
        if seen.any():
            pins.append(Pin(seen, color))
    return replace(request, constraints=Constraints([*pins, *request.constraints.pins], request.constraints.palette))


def _mask(request: Request, number: int, outline: np.ndarray | None) -> np.ndarray:
    """Where a region is, (H, W) float32 in [0, 1] at the source's size: its outline, or where the denoiser looks for it."""
    if outline is not None:
        return np.asarray(outline, np.float32)
    soft = resize(request.canvas.crop(request.masks[number]).numpy(), request.lightness.shape, cv2.INTER_LINEAR)
    return np.clip(GAIN * (soft - 0.5), 0, 1).astype(np.float32)


def _behind(mask: np.ndarray, front: list[np.ndarray]) -> np.ndarray:
    """What of a mask (H, W) is seen behind others."""
    for other in front:
        mask = np.minimum(mask, 1 - other)
    return mask
