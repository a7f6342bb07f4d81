"""How near a colorization is to its original. Images are (H, W, 3) uint8 sRGB of one size."""

import numpy as np
from skimage.color import deltaE_ciede2000
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from lcad.imaging import image_to_lab


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
