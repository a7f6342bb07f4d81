"""From a picture of any size to the canvas that the model works on, and which pixels of it are the picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import PIL.Image
import torch

from lcad.imaging.lab import image_to_lab, lab_to_image

LONGEST = 2.0  # the canvas is at most this many times the native side, for very elongated pictures
BAND_PX = 1 << 20  # pixels that are converted at once, so that memory does not grow with the picture
SLACK = 1e-3  # how far beside [0, 1] rounding may have brought a value that is meant to lie in it

GRAY_16 = ("I;16", "I;16L", "I;16B", "I;16N", "I")  # Pillow's names for 16-bit gray


@dataclass(frozen=True)
class Canvas:
    """Sizes as (height, width) in pixels: the picture's own, its scaled size, and that padded at the bottom and right."""

    source: tuple[int, int]
    scaled: tuple[int, int]
    padded: tuple[int, int]

    def place(self, plane: np.ndarray) -> np.ndarray:
        """Scale a plane (H, W) float of the source's size and pad it by repeating its last row and column."""
        shrinks = self.scaled[0] * self.scaled[1] < plane.size
        scaled = resize(plane, self.scaled, cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        bottom, right = (outer - inner for outer, inner in zip(self.padded, self.scaled, strict=True))
        return cv2.copyMakeBorder(scaled, 0, bottom, 0, right, cv2.BORDER_REPLICATE)

    def crop(self, planes: torch.Tensor) -> torch.Tensor:
        """The scaled picture's part of planes (…, padded height, padded width)."""
        return planes[..., : self.scaled[0], : self.scaled[1]]


def resize(plane: np.ndarray, size: Sequence[int], interpolation: int) -> np.ndarray:
    """A plane (H, W) float32 at a size (height, width); itself when it has it."""
    plane = np.ascontiguousarray(plane, np.float32)
    return plane if plane.shape == tuple(size) else cv2.resize(plane, tuple(size)[::-1], interpolation=interpolation)


def fit(source: Sequence[int], native: int, multiple: int) -> Canvas:
    """The canvas of a picture: aspect kept, about native² pixels, padded to a multiple; a picture of that area stays as it is."""
    height, width = source
    scale = min(native / (height * width) ** 0.5, LONGEST * native / max(source))
    scaled = max(1, round(height * scale)), max(1, round(width * scale))
    padded = -(-scaled[0] // multiple) * multiple, -(-scaled[1] // multiple) * multiple
    return Canvas((height, width), scaled, padded)


def bands(size: tuple[int, int]) -> list[slice]:
    """Row ranges of a picture (height, width) with about BAND_PX pixels each."""
    rows = max(1, BAND_PX // size[1])
    return [slice(start, start + rows) for start in range(0, size[0], rows)]


def as_rgb(image: PIL.Image.Image | np.ndarray) -> np.ndarray:
    """The samples of a picture: (H, W) gray or (H, W, 3) RGB, uint8, uint16 or float32 in [0, 1].

    Takes a Pillow image of any mode (alpha is dropped, EXIF orientation is the caller's matter) or such an array. Raises
    ValueError for other shapes, types and ranges, and for a picture without pixels.
    """
    if isinstance(image, PIL.Image.Image):
        if not all(image.size):
            raise ValueError(f"an image must have pixels, got {image.width} × {image.height}")
        if image.mode in GRAY_16:
            return np.clip(np.asarray(image), 0, 65535).astype(np.uint16)
        return np.asarray(image if image.mode in ("L", "RGB") else image.convert("RGB"))
    if not isinstance(image, np.ndarray):
        raise ValueError(f"an image must be a Pillow image or an array, got {type(image).__name__}")
    if not (image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3)) or not image.size:
        raise ValueError(f"an image array must have the shape (H, W) or (H, W, 3), got {image.shape}")
    if image.dtype not in (np.uint8, np.uint16) and not np.issubdtype(image.dtype, np.floating):
        raise ValueError(f"an image array must be uint8, uint16 or float in [0, 1], got {image.dtype}")
    if np.issubdtype(image.dtype, np.floating) and not within_unit(image):
        raise ValueError(f"an image array of floats must lie in [0, 1], got values from {image.min():g} to {image.max():g}")
    return image


def within_unit(values: np.ndarray) -> bool:
    """Whether all values are numbers in [0, 1], within rounding."""
    return bool(np.min(values) >= -SLACK and np.max(values) <= 1 + SLACK)


def lightness_of_image(image: PIL.Image.Image | np.ndarray) -> np.ndarray:
    """Lab L (H, W) float32 in [0, 100] of a picture, converted band by band."""
    samples = as_rgb(image)
    lightness = np.empty(samples.shape[:2], np.float32)
    for band in bands(samples.shape[:2]):
        part = samples[band]
        lightness[band] = image_to_lab(np.repeat(part[..., None], 3, -1) if part.ndim == 2 else part)[..., 0]
    return lightness


def gray_image(lightness: np.ndarray) -> np.ndarray:
    """The gray sRGB image (H, W, 3) uint8 with a lightness (H, W) in [0, 100], converted band by band."""
    image = np.empty((*lightness.shape, 3), np.uint8)
    for band in bands(lightness.shape):
        plane = lightness[band]
        image[band] = lab_to_image(np.dstack([plane, np.zeros((*plane.shape, 2), np.float32)]))
    return image
