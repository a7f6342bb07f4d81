"""Small pictures with structure, made from a seed, and files of them."""

import io

import numpy as np
import PIL.Image


def picture(seed: int = 0, width: int = 96, height: int = 64, color: bool = True) -> np.ndarray:
    """A smooth random picture (height, width, 3) uint8; different seeds look different."""
    generator = np.random.default_rng(seed)
    coarse = generator.integers(0, 256, (6, 8, 3), dtype=np.uint8)
    if not color:
        coarse = np.repeat(coarse[..., :1], 3, axis=2)
    return np.asarray(PIL.Image.fromarray(coarse).resize((width, height), PIL.Image.Resampling.BICUBIC))


def encoded(pixels: np.ndarray | PIL.Image.Image, kind: str = "PNG", **options) -> bytes:
    """The bytes of a file of some pixels."""
    image = pixels if isinstance(pixels, PIL.Image.Image) else PIL.Image.fromarray(pixels)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(seed: int = 0, **options) -> bytes:
    """A PNG file of `picture`."""
    return encoded(picture(seed, **options))


def noise(number: int, height: int, width: int, *, gray: bool = False) -> np.ndarray:
    """Random pixels (height, width, 3) uint8, of their own for each number."""
    pixels = np.random.default_rng(number).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return np.repeat(pixels[..., :1], 3, axis=2) if gray else pixels
