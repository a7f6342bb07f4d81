"""Colors asked for and colors predicted: constraints, guidance of the predicted chroma, and joining it with the lightness."""

from lcad.chroma.constraints import Color, Constraints, Pin, target_of
from lcad.chroma.guidance import CellConstraints, ChromaGuidance, Expected, LatentChroma, fit_latent_chroma
from lcad.chroma.merge_with_lightness import join, label_regions
from lcad.chroma.photographic import ChromaKnee, asks_for_vivid
from lcad.chroma.strokes import spread

__all__ = [
    "CellConstraints",
    "ChromaGuidance",
    "ChromaKnee",
    "Color",
    "Constraints",
    "Expected",
    "LatentChroma",
    "Pin",
    "asks_for_vivid",
    "fit_latent_chroma",
    "join",
    "label_regions",
    "spread",
    "target_of",
]
