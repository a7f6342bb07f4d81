"""Masks brought to a picture's size along the edges of its lightness.

The guided filter of He, Sun and Tang (2013): in every window the mask is a linear function of lightness. Its coefficients are smooth, so
they are worked out at the small size and brought to the large one, as in their "Fast guided filter" (2015).
"""

import cv2
import numpy as np

RADIUS = 1  # pixels of the small size, which are large ones: more would blur what the grounder says
SMOOTH = 12.0  # L²: windows of less variance are smoothed over


def follow_edges(mask: np.ndarray, lightness: np.ndarray, radius: int = RADIUS, smooth: float = SMOOTH) -> np.ndarray:
    """A mask (h, w) float in [0, 1] at the size of lightness (H, W) in [0, 100]: (H, W) float32 in [0, 1]."""
    size = (lightness.shape[1], lightness.shape[0])
    small = cv2.resize(lightness.astype(np.float32), mask.shape[::-1], interpolation=cv2.INTER_AREA)
    window = (2 * radius + 1, 2 * radius + 1)

    def mean(plane: np.ndarray) -> np.ndarray:
        return cv2.boxFilter(plane, -1, window, borderType=cv2.BORDER_REFLECT)

    mask = mask.astype(np.float32)
    light, level = mean(small), mean(mask)
    slope = (mean(small * mask) - light * level) / (mean(small * small) - light * light + smooth)
    slope, offset = mean(slope), mean(level - slope * light)
    large_slope, large_offset = (cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR) for plane in (slope, offset))
    return np.clip(large_slope * lightness.astype(np.float32) + large_offset, 0, 1)
