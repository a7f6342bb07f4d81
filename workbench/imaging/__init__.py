"""Pixels without a database: decoding, PNG, lightness, masks, perceptual hashes, color names; `mask_editing` by its own name (OpenCV)."""

from workbench.imaging.color_names import (
    BASIC_TERMS,
    TERM_OF_WORD,
    THINGS,
    basic_term,
    lab_of_rgb,
    name_of_color,
    names_of_colors,
    representative,
)
from workbench.imaging.decode import SUFFIXES
from workbench.imaging.lightness import gray_of, lightness_of
from workbench.imaging.masks import Rle
from workbench.imaging.named_colors import code_of, color_codes, color_note, palette_of, require_color, rgb_of_code
from workbench.imaging.perceptual_hash import NEAR_DISTANCE, NearIndex, pixel_hash
from workbench.imaging.png import png_of

__all__ = [
    "BASIC_TERMS",
    "NEAR_DISTANCE",
    "SUFFIXES",
    "TERM_OF_WORD",
    "THINGS",
    "NearIndex",
    "Rle",
    "basic_term",
    "code_of",
    "color_codes",
    "color_note",
    "gray_of",
    "lab_of_rgb",
    "lightness_of",
    "name_of_color",
    "names_of_colors",
    "palette_of",
    "pixel_hash",
    "png_of",
    "representative",
    "require_color",
    "rgb_of_code",
]
