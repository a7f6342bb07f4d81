"""Outlines of objects in the demo's photos, traced by hand and kept as polygons.

A shape is the union of its `add` polygons minus the shapes that it names under `cut` (the suit without its patches, the saucer without
the cup that stands on it). Coordinates are pixels of the photo as it lies in its package, origin at the top left corner.
"""

import json
from functools import cache
from importlib.resources import files

import numpy as np
import PIL.Image
import PIL.ImageDraw

SUBPIXELS = 4  # polygons are drawn enlarged this many times, then averaged: coverage in steps of 1/16


@cache
def outlines() -> dict[str, dict[str, dict]]:
    """All shapes: `{photo: {shape: {"add": [polygon, …], "cut": [shape, …]}}}`."""
    return json.loads(files("pipelines.demo").joinpath("polygons.json").read_text(encoding="utf-8"))


def coverage(photo: str, shape: str, width: int, height: int) -> np.ndarray:
    """Draw a shape: the covered part of every pixel, (height, width) float32 in [0, 1]."""
    drawn = np.asarray(_enlarged(photo, shape, width, height), dtype=np.float32) / 255
    return drawn.reshape(height, SUBPIXELS, width, SUBPIXELS).mean((1, 3))


def mask(photo: str, shape: str, width: int, height: int) -> np.ndarray:
    """The pixels that a shape covers by more than half, (height, width) bool."""
    return coverage(photo, shape, width, height) > 0.5


def _enlarged(photo: str, shape: str, width: int, height: int) -> PIL.Image.Image:
    entry = outlines()[photo][shape]
    canvas = PIL.Image.new("L", (width * SUBPIXELS, height * SUBPIXELS))
    pen = PIL.ImageDraw.Draw(canvas)
    for polygon in entry["add"]:
        pen.polygon([(x * SUBPIXELS, y * SUBPIXELS) for x, y in polygon], fill=255)
    for other in entry["cut"]:
        canvas.paste(0, mask=_enlarged(photo, other, width, height))
    return canvas
