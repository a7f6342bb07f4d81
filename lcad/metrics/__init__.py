"""Metrics of colorizations: the colors asked for, nearness to the original, colorfulness, bleeding, and those of learned networks.

Images are (H, W, 3) uint8 sRGB. LPIPS, FID and CLIP score (`lcad.metrics.learned_networks`) need weights that are not part of this package.
"""

from lcad.metrics.adherence import RIGHT, Adherence, RegionAdherence, adherence, region_color, region_pixels, weighted_median
from lcad.metrics.bleeding import bleeding, bleedings
from lcad.metrics.colorfulness import colorfulness, colorfulness_gaps
from lcad.metrics.fidelity import color_difference, psnr, ssim
from lcad.metrics.report import ABSENT, MEASURES, compare, summarize

__all__ = [
    "ABSENT",
    "MEASURES",
    "RIGHT",
    "Adherence",
    "RegionAdherence",
    "adherence",
    "bleeding",
    "bleedings",
    "color_difference",
    "colorfulness",
    "colorfulness_gaps",
    "compare",
    "psnr",
    "region_color",
    "region_pixels",
    "ssim",
    "summarize",
    "weighted_median",
]
