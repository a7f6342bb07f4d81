"""Conditional logit models of answers, fitted for many weightings of the same votes at once.

A *situation* is what a rater had before them (a set of systems, or two systems in an order), an *alternative* is an answer to it.
An alternative's utility is linear in the parameters; its chance is the softmax over the alternatives of its situation (McFadden 1974).
Luce's choice axiom, Bradley-Terry, Davidson's ties and an order effect are all of this form.
"""

from dataclasses import dataclass

import numpy as np

__all__ = ["Model", "contrasts", "fit", "information", "log_chances"]

ITERATIONS = 60
TOLERANCE = 1e-5
"""A last step under this leaves an error of its square, since Newton's method doubles the digits."""
LONGEST_STEP = 2.0
"""Newton's steps are cut to this many logits: far from the maximum the quadratic picture overshoots."""
CHUNK = 4_000_000
"""Numbers of one intermediate array, so that a thousand resamples of many systems fit in memory."""


@dataclass(frozen=True)
class Model:
    """The situations that occur, with their alternatives."""

    features: np.ndarray
    """(S, A, Q) float: what each parameter adds to the utility of an alternative."""
    available: np.ndarray
    """(S, A) bool: which alternatives a situation has."""
    ridge: np.ndarray | float = 0.0
    """Precision of a normal prior around zero, of all parameters or (Q,) each, for those that anchors cannot keep finite everywhere."""


def contrasts(systems: int) -> np.ndarray:
    """(N, N − 1) orthonormal basis of the strengths with mean zero, so that parameters are free."""
    return np.linalg.svd(np.eye(systems) - 1 / systems)[0][:, : systems - 1]


def fit(model: Model, counts: np.ndarray, start: np.ndarray | None = None) -> np.ndarray:
    """(R, Q) maximum-likelihood parameters for each of R tables of `counts` (R, S, A), by Newton's method from `start` (Q,).

    The maximum must be finite: what would let parameters run away is for the caller to anchor.
    """
    width = model.features.shape[2]
    start = np.zeros(width) if start is None else start
    rows = max(1, CHUNK // (model.available.size * (width + 1) + width**2))
    return np.concatenate([_fit(model, counts[first : first + rows], start) for first in range(0, len(counts), rows)])


def _fit(model: Model, counts: np.ndarray, start: np.ndarray) -> np.ndarray:
    flat = model.features.reshape(-1, model.features.shape[2])
    totals = counts.sum(axis=2)
    observed = counts.reshape(len(counts), -1) @ flat
    strengths = np.tile(start, (len(counts), 1))
    for _ in range(ITERATIONS):
        chances = np.exp(log_chances(model, strengths))
        gradient = observed - (totals[..., None] * chances).reshape(len(counts), -1) @ flat - model.ridge * strengths
        step = np.linalg.solve(_information(model, totals, chances), gradient[..., None])[..., 0]
        length = np.abs(step).max(axis=1, initial=0.0, keepdims=True)
        strengths = strengths + step * np.minimum(1.0, LONGEST_STEP / np.maximum(length, TOLERANCE))
        if length.max(initial=0.0) < TOLERANCE:
            break
    return strengths


def log_chances(model: Model, parameters: np.ndarray) -> np.ndarray:
    """(R, S, A) logarithms of the chances of the alternatives; minus infinity where there is none."""
    flat = model.features.reshape(-1, model.features.shape[2])
    utility = (parameters @ flat.T).reshape(-1, *model.available.shape)
    utility = np.where(model.available, utility, -np.inf)
    top = utility.max(axis=2, keepdims=True)
    return utility - top - np.log(np.exp(utility - top).sum(axis=2, keepdims=True))


def information(model: Model, counts: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    """(Q, Q) Fisher information of one table of `counts` (S, A) at parameters (Q,), the ridge included."""
    return _information(model, counts.sum(axis=1)[None], np.exp(log_chances(model, parameters[None])))[0]


def _information(model: Model, totals: np.ndarray, chances: np.ndarray) -> np.ndarray:
    weights = totals[..., None] * chances
    mean = np.matmul(chances[:, :, None, :], model.features)[:, :, 0, :]
    situations, alternatives, width = model.features.shape
    flat = model.features.reshape(-1, width)
    outer = (flat[:, :, None] * flat[:, None, :]).reshape(situations * alternatives, -1)
    raw = (weights.reshape(len(weights), -1) @ outer).reshape(-1, width, width)
    return raw - np.swapaxes(mean, 1, 2) @ (totals[..., None] * mean) + model.ridge * np.eye(width)
