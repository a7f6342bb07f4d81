"""A map of pictures by their features: like beside like, for any number of pictures in bounded time.

Some pictures, LANDMARKS at most, are laid out by t-SNE (van der Maaten and Hinton 2008) over their principal components; every other one
is put among those that it is most like.
"""

import numpy as np
from numpy.typing import NDArray
from sklearn.manifold import TSNE

LANDMARKS = 2500
COMPONENTS = 50
NEIGHBORS = 4
PERPLEXITY = 30.0
FEWEST = 8
"""Below this many pictures there is nothing to lay out: they stand in a row of their first two components."""
MARGIN = 0.02
BLOCK = 4096


def lay_out(vectors: NDArray[np.float32], side: float, seed: int = 0) -> NDArray[np.float32]:
    """Places (N, 2) in [0, side] of vectors (N, F) of length 1; the same for the same vectors."""
    number = len(vectors)
    if not number:
        return np.zeros((0, 2), np.float32)
    centered = vectors - vectors.mean(0)
    axes = np.linalg.svd(centered[:: max(1, number // 5000)], full_matrices=False)[2][:COMPONENTS]
    reduced = centered @ axes.T
    if number < FEWEST:
        flat = np.pad(reduced[:, :2], ((0, 0), (0, max(0, 2 - reduced.shape[1]))))
        return _fitted(flat, side)
    chosen = np.sort(np.random.default_rng(seed).choice(number, min(number, LANDMARKS), replace=False))
    perplexity = min(PERPLEXITY, (len(chosen) - 1) / 3)
    laid = TSNE(2, perplexity=perplexity, init="pca", random_state=seed).fit_transform(reduced[chosen])
    places = _fitted(np.asarray(laid, np.float32), side)
    if len(chosen) == number:
        return places
    all_places = np.empty((number, 2), np.float32)
    for start in range(0, number, BLOCK):
        all_places[start : start + BLOCK] = _among(vectors[start : start + BLOCK], vectors[chosen], places)
    all_places[chosen] = places
    return all_places


def _among(vectors: NDArray[np.float32], landmarks: NDArray[np.float32], places: NDArray[np.float32]) -> NDArray[np.float32]:
    """The places of vectors, each the middle of its nearest landmarks, the nearer the more."""
    likeness = vectors @ landmarks.T
    nearest = np.argpartition(-likeness, NEIGHBORS, axis=1)[:, :NEIGHBORS]
    weights = np.exp(8 * np.take_along_axis(likeness, nearest, 1))
    return (weights[..., None] * places[nearest]).sum(1) / weights.sum(1, keepdims=True)


def _fitted(places: NDArray[np.float32], side: float) -> NDArray[np.float32]:
    """Places moved and scaled into [0, side], with a margin, each direction by itself."""
    low, high = places.min(0), places.max(0)
    spread = np.where(high > low, high - low, 1)
    return ((places - low) / spread * (1 - 2 * MARGIN) + MARGIN).astype(np.float32) * np.float32(side)
