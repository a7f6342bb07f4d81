"""Small WebP versions of pictures, in color or as their lightness."""

import io

import numpy as np
import PIL.Image

from workbench.imaging.lightness import gray_of

QUALITY = 82


def small_webp(picture: PIL.Image.Image, kind: str, side: int) -> bytes:
    """The WebP bytes of an RGB picture, its longer side at most `side` pixels; of kind "gray" each pixel keeps its L*."""
    longest = max(picture.size)
    if longest > side:
        size = max(1, round(picture.width * side / longest)), max(1, round(picture.height * side / longest))
        picture = picture.resize(size, PIL.Image.Resampling.LANCZOS, reducing_gap=3.0)
    if kind == "gray":
        picture = PIL.Image.fromarray(gray_of(np.asarray(picture)))
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=QUALITY, method=4)
    return buffer.getvalue()
