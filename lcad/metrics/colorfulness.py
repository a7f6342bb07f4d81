"""Colorfulness, and how papers compare it."""

from collections.abc import Sequence

import numpy as np


def colorfulness(image: np.ndarray) -> float:
    """Hasler and Süsstrunk 2003, M³: √(σ²rg + σ²yb) + 0.3 √(μ²rg + μ²yb), of an sRGB image (H, W, 3) uint8."""
    red, green, blue = image.reshape(-1, 3).astype(np.float64).T
    rg, yb = red - green, (red + green) / 2 - blue
    return float(np.hypot(rg.std(), yb.std()) + 0.3 * np.hypot(rg.mean(), yb.mean()))


def colorfulness_gaps(images: Sequence[np.ndarray], references: Sequence[np.ndarray]) -> dict[str, float]:
    """Both conventions of the colorfulness difference, which papers do not always name.

    of_means        |mean CF − mean CF of the originals|: too much here makes up for too little there
    mean_of_images  the mean of |CF − CF of its original|
    """
    got, expected = (np.array([colorfulness(image) for image in group]) for group in (images, references))
    return {"of_means": float(abs(got.mean() - expected.mean())), "mean_of_images": float(np.abs(got - expected).mean())}
