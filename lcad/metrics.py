"""Metrics: do objects have the colors that were asked for, and how near is a colorization to its original?

Images are (H, W, 3) uint8 sRGB. LPIPS, FID and CLIP score need weights that are not part of this package.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from skimage.color import deltaE_ciede2000
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from lcad.color import image_to_lab
from lcad.terms import membership, terms_in

RIGHT = 0.5  # the least score of a mention that counts as right
LEAST_PX = 20  # fewer pixels than this are not eroded, and shared pixels are used rather than none
NOT_COMPUTED = dict.fromkeys(("lpips", "fid", "clip_score"), "not computed: weights absent")


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


def adherence(image: np.ndarray, phrases: Sequence[str], masks: Sequence[np.ndarray]) -> Adherence:
    """Whether the regions of phrases have the colors that the phrases name.

    masks (H, W) bool or float in [0, 1], one a phrase. A phrase with several color terms is as good as the best of them.
    """
    if len(phrases) != len(masks):
        raise ValueError(f"got {len(phrases)} phrases and {len(masks)} masks")
    asked = [terms_in(phrase) for phrase in phrases]
    if not any(asked):
        return Adherence((None,) * len(phrases))
    hard, lab, regions = [np.asarray(mask) >= 0.5 for mask in masks], image_to_lab(image), []
    for number, (terms, mask) in enumerate(zip(asked, hard, strict=True)):
        if not terms or not mask.any():
            regions.append(None)
            continue
        others = np.any([m for i, m in enumerate(hard) if i != number] or [np.zeros_like(mask)], axis=0)
        lightness, *ab = region_color(lab, region_pixels(mask, others))
        scores = [score for term in terms if not np.isnan(score := membership(term, lightness, np.array(ab)))]
        regions.append(RegionAdherence(terms, (lightness, *ab), max(scores)) if scores else None)
    return Adherence(tuple(regions))


def colorfulness(image: np.ndarray) -> float:
    """Hasler and Süsstrunk 2003, M³: √(σ²rg + σ²yb) + 0.3 √(μ²rg + μ²yb), of values 0–255."""
    red, green, blue = image.reshape(-1, 3).astype(np.float64).T
    rg, yb = red - green, (red + green) / 2 - blue
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


def colorfulness_gaps(images: Sequence[np.ndarray], references: Sequence[np.ndarray]) -> dict[str, float]:
    """Both conventions of the colorfulness difference, which papers do not always name."""
    got, expected = (np.array([colorfulness(image) for image in group]) for group in (images, references))
    return {"of_means": float(abs(got.mean() - expected.mean())), "mean_of_images": float(np.abs(got - expected).mean())}


def psnr(image: np.ndarray, reference: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB over all RGB values; infinite for equal images."""
    if np.array_equal(image, reference):
        return float("inf")
    return float(peak_signal_noise_ratio(reference, image, data_range=255))


def ssim(image: np.ndarray, reference: np.ndarray) -> float:
    """Structural similarity (Wang et al. 2004: Gaussian window, σ 1.5), mean over RGB; images of 11 pixels a side or more."""
    return float(
        structural_similarity(
            reference, image, data_range=255, channel_axis=2, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
        )
    )


def color_difference(image: np.ndarray, reference: np.ndarray) -> float:
    """Mean ΔE00 (CIEDE2000) over pixels."""
    return float(deltaE_ciede2000(image_to_lab(reference), image_to_lab(image)).mean())


def compare(image: np.ndarray, reference: np.ndarray) -> dict[str, float | str]:
    """All metrics of a colorization against its original; those that need absent weights say so."""
    if image.shape != reference.shape:
        raise ValueError(f"the image is {image.shape}, the original {reference.shape}")
    gap = abs(colorfulness(image) - colorfulness(reference))
    values = {"psnr": psnr(image, reference), "ssim": ssim(image, reference), "delta_e": color_difference(image, reference)}
    return {**values, "colorfulness": colorfulness(image), "colorfulness_gap": gap, **NOT_COMPUTED}
