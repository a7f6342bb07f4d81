"""Joint bilateral upsampling (Kopf et al. 2007): small values at the size of a large picture, along its lightness.

Each large pixel takes the mean of the small ones around it, weighted by how near they are and how alike in lightness. It is
convex: no color appears that was not there. Lightness is L in [0, 100]; labels are integers, and values hardly cross from one
to another.
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import torch

CROSSING = 1e-3  # what is left of the weight of a small pixel of another label
TAPS = (-1, 0, 1, 2)  # small pixels looked at along each axis, around the position of a large one
LEAST = 1e-7  # of the weight of a small pixel, however unlike its lightness is
MIDDLE = 50.0  # L; taken away before exp, to stay within float32


def positions(large: int, small: int) -> tuple[np.ndarray, np.ndarray]:
    """For each large pixel, the small pixel at or before its center, and how far past that it lies, in small pixels."""
    centers = (np.arange(large, dtype=np.float32) + 0.5) * small / large - 0.5
    first = np.floor(centers).astype(int)
    return first, centers - first


@dataclass(frozen=True)
class _Tap:
    """One small pixel for each column of a large row, all (W,).

    `if_lighter` and `if_darker` are its nearness times exp(∓L / sigma); `least` is the weight that is left however unlike the
    lightness is; values are one tensor a channel; label is None without labels.
    """

    if_lighter: torch.Tensor
    if_darker: torch.Tensor
    least: torch.Tensor
    values: tuple[torch.Tensor, ...]
    label: np.ndarray | None


def _of_one_label(labels: np.ndarray, taps: list[list[_Tap]]) -> bool:
    """Whether all large pixels and all small ones around them have the same label."""
    label = labels[0, 0]
    return bool((labels == label).all() and all((np.asarray(tap.label) == label).all() for row in taps for tap in row))


class Upsampler:
    """Small values (h, w, C), lightness (h, w) and labels (h, w) int16 or None, for a picture of size (H, W).

    sigma   L, at least 1: by how much the lightness may differ
    spread  small pixels: how far a small pixel reaches
    """

    def __init__(
        self, values: np.ndarray, guide: np.ndarray, labels: np.ndarray | None, size: tuple[int, int], sigma: float, spread: float
    ):
        self.values, self.labels, self.sigma, self.spread = torch.from_numpy(values), labels, sigma, spread
        self.rise = np.exp((guide - MIDDLE) / sigma)
        self.rows, self.below = positions(size[0], guide.shape[0])
        columns, right = positions(size[1], guide.shape[1])
        self.across = [(np.clip(columns + dx, 0, guide.shape[1] - 1), self._near(right - dx)) for dx in TAPS]
        self.taps = lru_cache(maxsize=len(TAPS))(self._taps)

    def _near(self, distance: np.ndarray) -> np.ndarray:
        return np.exp(-0.5 * (distance / self.spread) ** 2)

    def _taps(self, y: int) -> list[_Tap]:
        """The taps of a small row."""
        return [
            _Tap(
                if_lighter=torch.from_numpy(near / self.rise[y, x]),
                if_darker=torch.from_numpy(near * self.rise[y, x]),
                least=torch.from_numpy(LEAST * near),
                values=self.values[y, x].t().contiguous().unbind(),
                label=None if self.labels is None else self.labels[y, x],
            )
            for x, near in self.across
        ]

    def band(self, band: slice, guide: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
        """Values (C, rows, W) float32 of a band of rows of the picture with lightness `guide` and `labels` (H, W).

        Rows that lie in the same small row are done together, because the small pixels around them are the same.
        """
        rows, below = self.rows[band], self.below[band]
        light, labels = torch.from_numpy(guide[band]), None if labels is None else labels[band]
        upsampled = torch.empty(self.values.shape[-1], *light.shape)
        for start, stop in pairwise([0, *(1 + np.flatnonzero(np.diff(rows))), len(rows)]):
            part = slice(start, stop)
            near = [torch.from_numpy(self._near(below[part] - dy))[:, None] for dy in TAPS]
            taps = [self.taps(int(np.clip(rows[start] + dy, 0, len(self.values) - 1))) for dy in TAPS]
            mixed = labels is not None and not _of_one_label(labels[part], taps)
            upsampled[:, part] = self._mean(near, taps, light[part], labels[part] if labels is not None and mixed else None)
        return upsampled.numpy()

    def _mean(self, near: list[torch.Tensor], taps: list[list[_Tap]], guide: torch.Tensor, labels: np.ndarray | None) -> torch.Tensor:
        """The weighted mean (C, rows, W); near holds, for each small row, its nearness (rows, 1) to the large ones.

        exp(−|g − s| / σ) is computed as min(exp((g − s) / σ), exp((s − g) / σ)), one exponential a pixel instead of one a tap.
        """
        rise = ((guide - MIDDLE) / self.sigma).exp_()
        fall = 1 / rise
        sums = torch.zeros(1 + self.values.shape[-1], *guide.shape)  # of the weights, then of the weighted channels
        near_rise, near_fall, weight, other = (torch.empty_like(guide) for _ in range(4))
        for beside, row in zip(near, taps, strict=True):
            torch.mul(rise, beside, out=near_rise)
            torch.mul(fall, beside, out=near_fall)
            for tap in row:
                torch.mul(near_rise, tap.if_lighter, out=weight)
                torch.mul(near_fall, tap.if_darker, out=other)
                torch.minimum(weight, other, out=weight).addcmul_(beside, tap.least)
                if labels is not None and (differs := labels != tap.label).any():
                    np.multiply(weight, CROSSING, out=weight.numpy(), where=differs)
                sums[0].add_(weight)
                for channel, value in enumerate(tap.values, 1):
                    sums[channel].addcmul_(weight, value)
        return sums[1:] / (sums[0] + 1e-8)
