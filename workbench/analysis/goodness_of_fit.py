"""Whether one strength a system says what the votes say: lack of fit, and circles in which nobody is the best.

Strengths predict every pair's win rate. The residuals, win rate less prediction, are zero on average where they are right. How far they
lie from it is their sum of squares, each over its variance for independent votes, and is judged by the residuals' spread over raters
and images: the sum is compared with its mean, tr(W V), by an F of tr(W V)² / tr((W V)²) degrees of freedom and those of the spread
(Rao and Scott 1981, JASA 76, 221–230; Thomas and Rao 1987, JASA 82, 630–636). With three systems this is a test of transitivity:
log-odds that add up around the circle.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np
from scipy.stats import f

from workbench.analysis import conditional_logit
from workbench.analysis.cluster_spread import Spread, spread
from workbench.analysis.preference_strengths import Preferences

__all__ = ["MISFIT", "model_fit"]

MISFIT = 0.05
"""A p-value under this says that strengths do not tell what the votes do …"""

MATERIAL = 0.03
"""… and a win rate at least so far from what they predict that it matters: among a hundred thousand votes any difference is significant."""


@dataclass(frozen=True)
class _Residuals:
    """By pair of systems that met: win rate less what the strengths predict."""

    pairs: list[tuple[int, int]]
    rates: np.ndarray
    values: np.ndarray
    variance: np.ndarray
    """(P,) each; the variance is that of a win rate of independent votes."""
    spread: Spread


def model_fit(fitted: Preferences) -> dict[str, Any] | None:
    """`p_value` that the model fits, and `holds`; `freedom` (how many residuals are free), `furthest` (the largest), `cycles`, and `pairs`.

    Pair votes; None where there are no more pairs than strengths need, so that nothing can fail to fit. p_value is None where there
    are too few raters. `cycles` are only named where the fit fails: the systems in an order in which each won against the next more
    often than not, and the last against the first.
    """
    residuals = _residuals(fitted)
    free = len(residuals.pairs) - len(fitted.names) + 1
    if free < 1:
        return None
    weight = 1 / np.maximum(residuals.variance, 1e-12)
    covariance = _covariance(residuals.spread)
    product = weight[:, None] * covariance
    mean = float(np.trace(product))
    p_value = None
    if residuals.spread.testable and mean > 0:
        top = mean**2 / float(np.trace(product @ product))
        bottom = _freedom(residuals.spread, weight)
        # F is the sum over its mean: the sum has `top` degrees of freedom, its mean is known to `bottom`.
        p_value = float(f.sf(float((weight * residuals.values**2).sum()) / mean, top, bottom))
    names = fitted.names
    rows = [
        {"system_a": names[a], "system_b": names[b], "win_rate": float(rate), "predicted": float(rate - value)}
        for (a, b), rate, value in zip(residuals.pairs, residuals.rates, residuals.values, strict=True)
    ]
    furthest = float(np.abs(residuals.values).max())
    holds = p_value is None or p_value >= MISFIT or furthest < MATERIAL
    return {
        "p_value": p_value,
        "freedom": free,
        "furthest": furthest,
        "holds": holds,
        "cycles": [] if holds else _cycles(residuals, names),
        "pairs": rows,
    }


def _residuals(fitted: Preferences) -> _Residuals:
    """From the ballots of a pair model; a tie is half a win, in the votes as in the prediction."""
    ballots = fitted.ballots
    model = ballots.model
    order = np.array(ballots.members)
    score = np.zeros(model.available.shape)
    score[:, 0] = 1.0
    score[:, 2:] = 0.5

    def statistic(totals: np.ndarray) -> np.ndarray:
        counts = totals.reshape(-1, *model.available.shape)
        chances = np.exp(conditional_logit.log_chances(model, ballots.fit(totals)))
        votes = counts.sum(axis=2)
        rate = np.divide((counts * score).sum(axis=2), votes, out=np.zeros_like(votes), where=votes > 0)
        return np.where(votes > 0, rate - (chances * score).sum(axis=2), 0.0)

    counts = ballots.totals.reshape(model.available.shape)
    votes = counts.sum(axis=1)
    rates = (counts * score).sum(axis=1) / votes
    chances = np.exp(conditional_logit.log_chances(model, ballots.estimate[None]))[0]
    variance = ((chances * score**2).sum(axis=1) - (chances * score).sum(axis=1) ** 2) / votes
    around = spread(ballots.cells, ballots.rater, ballots.image, statistic)
    return _Residuals([tuple(pair) for pair in order.tolist()], rates, statistic(ballots.totals[None])[0], variance, around)


def _covariance(around: Spread) -> np.ndarray:
    """(P, P) the two-way covariance, in no direction less than that of independent votes."""
    alone = around.votes.covariance
    values, vectors = np.linalg.eigh(sum(weight * part.covariance for weight, part in around.weighted()) - alone)
    return alone + (vectors * np.maximum(values, 0.0)) @ vectors.T


def _freedom(around: Spread, weight: np.ndarray) -> float:
    """Satterthwaite's degrees of freedom of the residuals' total spread."""
    variance, freedom = around.variances(np.diag(np.sqrt(weight)))
    return float(variance.sum() ** 2 / (variance**2 / freedom).sum()) if variance.sum() > 0 else np.inf


def _cycles(residuals: _Residuals, names: Sequence[str]) -> list[list[str]]:
    """Every three systems of which each won against the next more often than not; the clearest (largest smallest win rate) first."""
    rate = {}
    for (a, b), value in zip(residuals.pairs, residuals.rates.tolist(), strict=True):
        rate[a, b], rate[b, a] = value, 1 - value
    cycles = []
    for a, b, c in permutations(range(len(names)), 3):
        if a == min(a, b, c) and all(step in rate for step in ((a, b), (b, c), (c, a))):
            least = min(rate[a, b], rate[b, c], rate[c, a])
            if least > 0.5:
                cycles.append((least, [names[a], names[b], names[c]]))
    return [systems for _, systems in sorted(cycles, key=lambda each: -each[0])]
