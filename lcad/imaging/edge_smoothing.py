"""Edge-preserving smoothing of chroma along lightness.

The smoother solves the weighted least squares  Σ c_p (u_p − f_p)² + λ Σ_pq w_pq (u_p − u_q)²  approximately by alternating
tridiagonal solves along rows and columns (fast global smoother: Min et al. 2014, eq. 8 and 14; sparse confidence as in its
section V). It is convex: no color appears that was not there.
Arrays are float32; lightness is L in [0, 100]; labels are integers, and chroma does not cross from one to another.
"""

import cv2
import numpy as np

CROSSING = 1e-3  # what is left of the tie between two pixels of different labels


def neighbor_ties(lightness: np.ndarray, labels: np.ndarray | None, sigma: float) -> tuple[np.ndarray, np.ndarray]:
    """How strongly each pixel is tied to the next one, along rows (H, W − 1) and along columns (H − 1, W), in (0, 1]."""
    ties = []
    for axis in (1, 0):
        tie = np.exp(-np.abs(np.diff(lightness, axis=axis)) / sigma)
        if labels is not None:
            tie = np.where(np.diff(labels, axis=axis) == 0, tie, CROSSING * tie)
        ties.append(tie.astype(np.float32))
    return ties[0], ties[1]


def _solve_columns(values: np.ndarray, ties: np.ndarray, strength: float) -> np.ndarray:
    """Solve (I + strength · Laplacian) u = values along the first axis, all columns at once (Thomas algorithm).

    values (N, M, C), ties (N − 1, M).
    """
    count = len(values)
    pull = strength * ties
    diagonal = np.ones(values.shape[:2], np.float32)
    diagonal[:-1] += pull
    diagonal[1:] += pull
    solved, upper = values.copy(), np.empty_like(pull)
    for i in range(count - 1):
        upper[i] = -pull[i] / diagonal[i]
        diagonal[i + 1] += pull[i] * upper[i]
        solved[i + 1] += (pull[i] / diagonal[i])[:, None] * solved[i]
    solved[-1] /= diagonal[-1][:, None]
    for i in range(count - 2, -1, -1):
        solved[i] = solved[i] / diagonal[i][:, None] - upper[i][:, None] * solved[i + 1]
    return solved


def smooth_along_edges(
    values: np.ndarray, ties: tuple[np.ndarray, np.ndarray], strength: float, rounds: int = 3, confidence: np.ndarray | None = None
) -> np.ndarray:
    """Smooth values (H, W, C) where neighbors are tied; pixels of low confidence (H, W) in (0, 1] take their color from others."""
    weight = np.ones(values.shape[:2], np.float32) if confidence is None else confidence.astype(np.float32)
    stacked = np.concatenate([values * weight[..., None], weight[..., None]], -1).astype(np.float32)
    along_rows, along_columns = ties
    for turn in range(1, rounds + 1):
        pull = 1.5 * strength * 4 ** (rounds - turn) / (4**rounds - 1)  # eq. 14: strong first, so that no streaks are left
        turned = stacked.swapaxes(0, 1)
        stacked = _solve_columns(turned, along_rows.T, pull).swapaxes(0, 1)
        stacked = _solve_columns(stacked, along_columns, pull)
    return stacked[..., :-1] / np.maximum(stacked[..., -1:], 1e-6)


def near_edges(lightness: np.ndarray, labels: np.ndarray | None, sigma: float, radius: int) -> np.ndarray:
    """How near each pixel is to an edge of lightness or labels within `radius` pixels, (H, W) in [0, 1]."""
    along_rows, along_columns = neighbor_ties(lightness, labels, sigma)
    edge = np.zeros(lightness.shape, np.float32)
    edge[:, :-1] = np.maximum(edge[:, :-1], 1 - along_rows)
    edge[:, 1:] = np.maximum(edge[:, 1:], 1 - along_rows)
    edge[:-1] = np.maximum(edge[:-1], 1 - along_columns)
    edge[1:] = np.maximum(edge[1:], 1 - along_columns)
    disk = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1,) * 2)
    return cv2.dilate(edge, disk)
