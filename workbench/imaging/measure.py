"""All that the library needs of a picture's file, from one decoding: hashes, size, colors, its rendition and its thumbnails."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import PIL.Image
from numpy.typing import NDArray

from workbench.imaging.color_names import lab_of_rgb
from workbench.imaging.decode import MAX_PIXELS, decode
from workbench.imaging.landmarks import landmarks_of, pack
from workbench.imaging.perceptual_hash import perceptual_hash, pixel_hash
from workbench.imaging.png import png_of
from workbench.imaging.small_pictures import small_webp

COLOR_CHROMA = 4.0
"""A picture has color where the 99th percentile of its CIELAB chroma C*ab reaches this.

Measured on 452 photos: gray ones saved as RGB JPEG (quality 30 to 95) stay below 0.01, with noise of ±2 levels in each channel below
1.2; color photos begin at 6.4. The just noticeable difference is about 2.3 (Mahy, Van Eycken and Oosterlinck 1994).
"""
SAMPLE = 1 << 15
"""Pixels, about, from which colors are measured: a regular grid over the picture."""
THUMBNAIL_SIDE = 256
THUMBNAIL_KINDS = ("color", "gray")


@dataclass(frozen=True)
class Measured:
    """What one decoding gives. `columns` are those of an image's row, but for the hash of the file itself."""

    columns: dict[str, Any]
    rendition: bytes | None
    """The upright sRGB PNG; None where the original is one itself."""
    thumbnails: dict[str, bytes] = field(default_factory=dict)
    """WebP files by kind (color, gray), their longer side at most THUMBNAIL_SIDE pixels."""
    landmarks: bytes = b""
    """What crops of it are found by, packed."""


def measure(content: bytes, *, most_pixels: int = MAX_PIXELS) -> Measured:
    """Decode a file once and take everything from its pixels; raises as `decode` does."""
    decoded = decode(content, most_pixels=most_pixels)
    pixels = decoded.pixels
    height, width = pixels.shape[:2]
    columns = {
        "pixel_hash": pixel_hash(pixels),
        "phash": perceptual_hash(pixels),
        "format": decoded.format,
        "width": width,
        "height": height,
        "bit_depth": decoded.bit_depth,
        "attributes": decoded.attributes,
        **_colors(pixels),
    }
    whole = PIL.Image.fromarray(pixels)
    thumbnails = {kind: small_webp(whole, kind, THUMBNAIL_SIDE) for kind in THUMBNAIL_KINDS}
    rendition = None if decoded.is_upright_srgb else png_of(pixels, compress_level=3)
    return Measured(columns, rendition, thumbnails, pack(landmarks_of(pixels)))


def _colors(pixels: NDArray[np.uint8]) -> dict[str, Any]:
    """Whether there is color, Hasler and Süsstrunk's colorfulness M3 (2003), and mean L*, from a regular grid of pixels."""
    step = max(1, int(np.sqrt(pixels.shape[0] * pixels.shape[1] / SAMPLE)))
    grid = pixels[::step, ::step]
    lab = lab_of_rgb(grid)
    red, green, blue = np.moveaxis(grid.astype(np.float64), -1, 0)
    opponents = np.stack([red - green, (red + green) / 2 - blue])
    spread, mean = opponents.std(axis=(1, 2)), opponents.mean(axis=(1, 2))
    return {
        "has_reference": bool(np.percentile(np.hypot(lab[..., 1], lab[..., 2]), 99) >= COLOR_CHROMA),
        "colorfulness": float(np.hypot(*spread) + 0.3 * np.hypot(*mean)),
        "mean_lightness": float(np.clip(lab[..., 0].mean(), 0, 100)),
    }
