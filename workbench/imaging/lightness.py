"""Lightness: CIELAB L* of sRGB pixels, and the gray that has a given lightness.

IEC 61966-2-1 for sRGB, CIE 15 for L*; the luminance weights are those that the model's own conversion uses.
"""

import numpy as np
from numpy.typing import NDArray

_ENCODED = np.arange(256) / 255
_LINEAR = np.where(_ENCODED <= 0.04045, _ENCODED / 12.92, ((_ENCODED + 0.055) / 1.055) ** 2.4)
_LUMINANCE = np.stack([weight * _LINEAR for weight in (0.212671, 0.715160, 0.072169)]).astype(np.float32)
"""Share of the luminance Y in [0, 1] that each 8-bit value of red, green and blue brings, (3, 256)."""


def lightness_of(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Lab L* (H, W) float32 in [0, 100] of sRGB pixels (H, W, 3) uint8."""
    luminance = _luminance(rgb)
    return np.where(luminance > (6 / 29) ** 3, 116 * np.cbrt(luminance) - 16, (29 / 3) ** 3 * luminance).astype(np.float32)


def gray_of(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The neutral sRGB value (H, W) uint8 that has the lightness of each pixel of (H, W, 3) uint8."""
    luminance = _luminance(rgb)
    encoded = np.where(luminance <= 0.0031308, 12.92 * luminance, 1.055 * luminance ** np.float32(1 / 2.4) - 0.055)
    return np.clip(np.round(encoded * 255), 0, 255).astype(np.uint8)


def _luminance(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    luminance = _LUMINANCE[0][rgb[..., 0]]
    luminance += _LUMINANCE[1][rgb[..., 1]]
    luminance += _LUMINANCE[2][rgb[..., 2]]
    return luminance
