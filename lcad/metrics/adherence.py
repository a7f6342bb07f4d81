"""Adherence: do objects have the colors that were asked for?

Each grounded phrase with color words is judged by the median color of its own pixels, as `lcad.terms` says what the words mean at
the lightness that is there. Images are (H, W, 3) uint8 sRGB.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from lcad.imaging import image_to_lab
from lcad.terms import ACHROMATIC, membership, terms_in

RIGHT = 0.5  # the least score of a mention that counts as right
LEAST_PX = 20  # fewer pixels than this are not eroded, and shared pixels are used rather than none


@dataclass(frozen=True)
class RegionAdherence:
    """One mention's color: the terms asked for, L, a, b of its region, and the score of the best of the terms in [0, 1]."""

    terms: tuple[str, ...]
    lab: tuple[float, float, float]
    score: float

    @property
    def right(self) -> bool:
        """Whether the score reaches the threshold."""
        return self.score >= RIGHT


@dataclass(frozen=True)
class Adherence:
    """An image's mentions, None where no color is asked for or none can be judged, and their mean score (None without any)."""

    regions: tuple[RegionAdherence | None, ...]

    @property
    def judged(self) -> list[RegionAdherence]:
        """The mentions that were judged."""
        return [region for region in self.regions if region is not None]

    @property
    def score(self) -> float | None:
        """The mean score of the judged mentions."""
        return float(np.mean([region.score for region in self.judged])) if self.judged else None

    @property
    def right(self) -> bool | None:
        """Whether all judged mentions are right."""
        return all(region.right for region in self.judged) if self.judged else None


def weighted_median(values: np.ndarray, weights: np.ndarray) -> float:
    """The value (of values (N,)) below which half of the weight (N,) lies."""
    order = np.argsort(values)
    reached = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(reached, reached[-1] / 2)])


def region_pixels(mask: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The pixels (H, W) bool that speak for a region: its own alone, eroded by one pixel; fewer conditions where few are left."""
    exclusive = mask & ~others
    exclusive = exclusive if exclusive.sum() >= LEAST_PX else mask
    core = cv2.erode(exclusive.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0).astype(bool)
    return core if core.sum() >= LEAST_PX else exclusive


def region_color(lab: np.ndarray, pixels: np.ndarray) -> tuple[float, float, float]:
    """Median L and chroma-weighted median a, b of the pixels (H, W) bool of Lab (H, W, 3)."""
    chosen = lab[pixels]
    chroma = np.hypot(chosen[:, 1], chosen[:, 2]) + 1e-3
    return float(np.median(chosen[:, 0])), weighted_median(chosen[:, 1], chroma), weighted_median(chosen[:, 2], chroma)


def term_score(term: str, lab: np.ndarray, pixels: np.ndarray) -> float:
    """How well a term names the pixels (H, W) bool of Lab (H, W, 3), in [0, 1]; NaN where their lightness leaves no room to tell.

    A chromatic term is judged by their chroma-weighted median, an achromatic one by the plain median of a and of b: the few colored
    pixels of a gray thing do not speak for it.
    """
    lightness, *ab = region_color(lab, pixels)
    if term in ACHROMATIC:
        ab = np.median(lab[pixels][:, 1:], axis=0)
    return membership(term, lightness, np.asarray(ab))


def adherence(
    image: np.ndarray, phrases: Sequence[str], masks: Sequence[np.ndarray], colors: Sequence[Sequence[str] | None] | None = None
) -> Adherence:
    """Whether the regions of phrases have the colors that are asked for them.

    masks   (H, W) bool or float in [0, 1], one a phrase
    colors  the terms asked for each phrase, as whoever read the caption says; None: those that its own words name (`lcad.terms.terms_in`)
    A phrase with several color terms is as good as the best of them.
    """
    colors = [None] * len(phrases) if colors is None else colors
    if not len(phrases) == len(masks) == len(colors):
        raise ValueError(f"got {len(phrases)} phrases, {len(masks)} masks and colors of {len(colors)}")
    region_terms = [terms_in(phrase) if terms is None else tuple(terms) for phrase, terms in zip(phrases, colors, strict=True)]
    if not any(region_terms):
        return Adherence((None,) * len(phrases))
    hard, lab, regions = [np.asarray(mask) >= 0.5 for mask in masks], image_to_lab(image), []
    for number, (terms, mask) in enumerate(zip(region_terms, hard, strict=True)):
        if not terms or not mask.any():
            regions.append(None)
            continue
        others = np.any([m for i, m in enumerate(hard) if i != number] or [np.zeros_like(mask)], axis=0)
        pixels = region_pixels(mask, others)
        scores = [score for term in terms if not np.isnan(score := term_score(term, lab, pixels))]
        regions.append(RegionAdherence(terms, region_color(lab, pixels), max(scores)) if scores else None)
    return Adherence(tuple(regions))
