"""Pixels and planes: CIELAB, canvases of the model's size, edge-aware smoothing and upsampling."""

from lcad.imaging.canvas import Canvas, as_rgb, bands, fit, gray_image, lightness_of_image, resize, within_unit
from lcad.imaging.edge_smoothing import near_edges, neighbor_ties, smooth_along_edges
from lcad.imaging.joint_bilateral import Upsampler
from lcad.imaging.lab import (
    clip_chroma,
    hint_from_lightness,
    image_to_lab,
    lab_to_image,
    lab_to_rgb,
    lightness_of,
    planes_to_image,
    rgb_to_lab,
)

__all__ = [
    "Canvas",
    "Upsampler",
    "as_rgb",
    "bands",
    "clip_chroma",
    "fit",
    "gray_image",
    "hint_from_lightness",
    "image_to_lab",
    "lab_to_image",
    "lab_to_rgb",
    "lightness_of",
    "lightness_of_image",
    "near_edges",
    "neighbor_ties",
    "planes_to_image",
    "resize",
    "rgb_to_lab",
    "smooth_along_edges",
    "within_unit",
]
