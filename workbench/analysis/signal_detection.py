"""Signal detection: how well raters tell originals from colorizations, apart from a liking for one side."""

import numpy as np
from scipy.sparse import csr_array
from scipy.stats import norm

__all__ = ["cells_of", "independent_covariance", "sensitivity_index"]


def cells_of(original_first: np.ndarray, chosen_first: np.ndarray, system: np.ndarray, systems: int, weight: np.ndarray) -> csr_array:
    """(C, 4 · systems) answers as counts: original first and first chosen, first and not, second and first chosen, second and not."""
    columns = 4 * system + 2 * ~original_first + ~chosen_first
    return csr_array((weight, (np.arange(len(columns)), columns)), shape=(len(columns), 4 * systems))


def sensitivity_index(totals: np.ndarray) -> np.ndarray:
    """(R, 2 · systems) d′ of each system, then the criterion of each, from totals (R, 4 · systems) of `cells_of`.

    Two-alternative forced choice: with H the share of "first" where the original was first and F where it was second,
    d′ = (z(H) − z(F)) / √2 and c = −(z(H) + z(F)) / 2 (Macmillan and Creelman 2005, chapter 7). d′ = 0: raters cannot tell;
    d′ = 1: 76 % right; c < 0: a liking for the first (left) picture. Shares have the log-linear correction of Hautus (1995), half an
    answer more to each count, so that all right or all wrong stays finite.
    """
    counts = totals.reshape(len(totals), -1, 4) + 0.5
    hits = norm.ppf(counts[..., 0] / (counts[..., 0] + counts[..., 1]))
    false = norm.ppf(counts[..., 2] / (counts[..., 2] + counts[..., 3]))
    return np.concatenate([(hits - false) / np.sqrt(2), -(hits + false) / 2], axis=1)


def independent_covariance(totals: np.ndarray) -> np.ndarray:
    """(2 · systems, 2 · systems) covariance for independent answers (Gourevitch and Galanter 1967), of one table (4 · systems,)."""
    counts = totals.reshape(-1, 4) + 0.5
    pairs = counts.reshape(-1, 2, 2)
    count = pairs.sum(axis=2)
    share = pairs[..., 0] / count
    variance = share * (1 - share) / count / norm.pdf(norm.ppf(share)) ** 2
    both, apart = variance.sum(axis=1), variance[:, 1] - variance[:, 0]
    sensitivity, criterion, between = np.diag(both / 2), np.diag(both / 4), np.diag(apart / (2 * np.sqrt(2)))
    return np.block([[sensitivity, between], [between, criterion]])
