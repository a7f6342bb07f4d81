"""Pixels as PNG files: from the pixels alone, so that neither a profile nor a text of another file comes along."""

import io

import PIL.Image
from numpy.typing import NDArray


def png_of(pixels: NDArray, compress_level: int = 6) -> bytes:
    """A PNG file of pixels (H, W) or (H, W, 3) uint8, or of a mask (H, W) bool; a lower level (0–9) is faster and larger."""
    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, "PNG", compress_level=compress_level)
    return buffer.getvalue()
