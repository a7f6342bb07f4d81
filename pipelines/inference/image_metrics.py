"""The metrics of a colorization that review rules can look at; beside its original where that has color."""

from collections.abc import Sequence

import numpy as np
import PIL.Image

from lcad.metrics import bleeding, color_difference, colorfulness, psnr, ssim

SIDE = 512
"""Longest side in pixels of the pictures that are compared: a rule needs no more, and a large photo costs no more time or memory."""


def measured(colored: np.ndarray, original: np.ndarray, masks: Sequence[np.ndarray], *, has_reference: bool) -> dict[str, float]:
    """The metrics by name, rounded; those of a comparison only where the original is a reference.

    Pictures are (H, W, 3) uint8 of one size, masks (H, W) bool.
    """
    image = _small(colored)
    own = colorfulness(image)
    metrics: dict[str, float | None] = {"colorfulness": own, "bleeding": bleeding(image, [_small(mask) for mask in masks])}
    if has_reference:
        reference = _small(original)
        metrics |= {"psnr": psnr(image, reference), "ssim": ssim(image, reference), "delta_e": color_difference(image, reference)}
        metrics["colorfulness_gap"] = abs(own - colorfulness(reference))
    return {name: round(float(value), 4) for name, value in metrics.items() if value is not None and np.isfinite(value)}


def _small(pixels: np.ndarray) -> np.ndarray:
    """A picture or mask reduced to SIDE, by area averages or by nearest pixels; a smaller one as it is."""
    height, width = pixels.shape[:2]
    if max(height, width) <= SIDE:
        return pixels
    size = (max(1, round(width * SIDE / max(height, width))), max(1, round(height * SIDE / max(height, width))))
    how = PIL.Image.Resampling.NEAREST if pixels.dtype == bool else PIL.Image.Resampling.BOX
    return np.asarray(PIL.Image.fromarray(pixels).resize(size, how))
