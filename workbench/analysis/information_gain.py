"""Which pair would tell most: the expected information gain on the strengths, from the votes so far.

Bradley and Terry (1952) with a Gaussian prior; the posterior by Laplace's approximation. What a vote on (i, j) would tell is the mutual
information between its outcome and the difference of strengths (Houlsby et al., 2011, arXiv:1112.5745), in nats:
I = H(E σ(d)) − E H(σ(d)), with d normal. All pairs at once, by Gauss-Hermite quadrature.
"""

import numpy as np

__all__ = ["information", "posterior"]

PRIOR_VARIANCE = 4.0
"""Of a strength, in logits squared: two standard deviations are a win rate of 98 %."""
ROUNDS, CLOSE = 50, 1e-9
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(24)


def posterior(wins: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean (n,) and covariance (n, n) of the strengths; wins (n, n) float, [i, j] how often i won over j, a tie half for both."""
    total = wins + wins.T
    mean = np.zeros(len(wins))
    prior = np.eye(len(wins)) / PRIOR_VARIANCE
    for _ in range(ROUNDS):
        chance = _sigmoid(mean[:, None] - mean[None, :])
        gradient = (wins - total * chance).sum(1) - prior @ mean
        step = np.linalg.solve(_curvature(total, chance) + prior, gradient)
        mean = mean + step
        if np.abs(step).max() < CLOSE:
            break
    chance = _sigmoid(mean[:, None] - mean[None, :])
    return mean, np.linalg.inv(_curvature(total, chance) + prior)


def information(wins: np.ndarray) -> np.ndarray:
    """The expected gain (n, n) in nats of one more vote on each pair; the diagonal is 0."""
    mean, covariance = posterior(wins)
    difference = mean[:, None] - mean[None, :]
    variance = np.diag(covariance)
    spread = np.sqrt(np.maximum(variance[:, None] + variance[None, :] - 2 * covariance, 0))
    chance = _sigmoid(difference[..., None] + spread[..., None] * NODES)
    weights = WEIGHTS / WEIGHTS.sum()
    gain = _entropy(chance @ weights) - _entropy(chance) @ weights
    np.fill_diagonal(gain, 0.0)
    return np.maximum(gain, 0.0)


def _curvature(total: np.ndarray, chance: np.ndarray) -> np.ndarray:
    weight = total * chance * (1 - chance)
    return np.diag(weight.sum(1)) - weight


def _sigmoid(logit: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-np.clip(logit, -500, 500)))


def _entropy(chance: np.ndarray) -> np.ndarray:
    inner = np.clip(chance, 1e-12, 1 - 1e-12)
    return -(inner * np.log(inner) + (1 - inner) * np.log(1 - inner))
