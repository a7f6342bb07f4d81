"""Opinion scores: what subjects add to them, and which subjects do not follow the others."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from workbench.analysis.design_matrix import places

__all__ = ["Recovered", "correlations", "mean_qualities_without", "recover"]

ROUNDS = 1000
TOLERANCE = 1e-8
MOST_BLOCKS = 40
"""Subjects are left out one by one up to this many, and in so many blocks where there are more: each costs a fit of its own."""
STEADIEST = 0.25
"""No subject counts as steadier than this share of the median one: who always gives the same score would else weigh all."""


@dataclass(frozen=True)
class Recovered:
    """The maximum of the likelihood of score = quality + bias + inconsistency · noise."""

    stimuli: list[Hashable]
    subjects: list[Hashable]
    quality: np.ndarray
    """(J,) quality of each stimulus: the mean of scores without bias, weighted by consistency."""
    error: np.ndarray
    """(J,) standard errors of the qualities, for these stimuli."""
    bias: np.ndarray
    """(I,) how far a subject's scores lie above the others', on average; mean zero."""
    inconsistency: np.ndarray
    """(I,) standard deviation of what quality and bias leave of a subject's scores."""


def recover(stimuli: Sequence[Hashable], subjects: Sequence[Hashable], scores: Sequence[float]) -> Recovered:
    """Qualities without the subjects' bias, weighted by their consistency, by alternating projection.

    Three columns, a score a row. Subjects who answer at random are not excluded but weigh little. Source: Li, Bampis, Krasula,
    Janowski and Katsavounidis (2020), "A simple model for subject behavior in subjective experiments", section 4; ITU-T P.910,
    Appendix VI, whose reference code the tests agree with where no subject is steadier than STEADIEST allows.
    """
    table = _table(stimuli, subjects, scores)
    quality, bias, spread, error = _solved(table)
    names = list(dict.fromkeys(stimuli)), list(dict.fromkeys(subjects))
    return Recovered(*names, quality + bias.mean(), error, bias - bias.mean(), spread)


def mean_qualities_without(
    stimuli: Sequence[Hashable], subjects: Sequence[Hashable], scores: Sequence[float], group: np.ndarray
) -> np.ndarray:
    """(B, N) mean quality by group of stimuli, without one block of subjects after another, for the jackknife of those means.

    `group` (J,) int names each stimulus' group, in order of appearance. Up to MOST_BLOCKS blocks; each is a subject where there are no
    more of them. A stimulus that only the block scored is left out with it.
    """
    table = _table(stimuli, subjects, scores)
    width = int(group.max()) + 1
    blocks = np.arange(table.shape[1]) % min(table.shape[1], MOST_BLOCKS)
    means = []
    for block in range(int(blocks.max()) + 1):
        kept = table[:, blocks != block]
        seen = (~np.isnan(kept)).any(axis=1)
        quality, bias, _, _ = _solved(kept[seen])
        counts = np.bincount(group[seen], minlength=width)
        sums = np.bincount(group[seen], quality + bias.mean(), width)
        means.append(np.divide(sums, counts, out=np.full(width, np.nan), where=counts > 0))
    return np.array(means)


def _table(stimuli: Sequence[Hashable], subjects: Sequence[Hashable], scores: Sequence[float]) -> np.ndarray:
    stimulus, subject = places(stimuli), places(subjects)
    table = np.full((stimulus.max() + 1, subject.max() + 1), np.nan)
    table[stimulus, subject] = scores
    return table


def _solved(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Quality (J,), bias (I,), inconsistency (I,) and the qualities' errors (J,) of a table (J, I) with NaN for missing scores."""
    rated = (~np.isnan(table)).astype(float)
    scores = np.where(rated > 0, table, 0.0)
    counts, sums = np.maximum(rated.sum(axis=0), 1), scores.sum(axis=0)
    quality = scores.sum(axis=1) / np.maximum(rated.sum(axis=1), 1)
    bias = (sums - quality @ rated) / counts
    for _ in range(ROUNDS):
        rest = scores - rated * quality[:, None] - rated * bias
        spread = np.sqrt(np.maximum((rest * rest).sum(axis=0) / counts - (rest.sum(axis=0) / counts) ** 2, 0.0))
        weight = 1 / (_bounded(spread) ** 2 + TOLERANCE)
        renewed = (scores @ weight - rated @ (weight * bias)) / (rated @ weight)
        bias = (sums - renewed @ rated) / counts
        moved = np.linalg.norm(renewed - quality)
        quality = renewed
        if moved < TOLERANCE:
            break
    return quality, bias, spread, 1 / np.sqrt(rated @ weight)


def _bounded(spread: np.ndarray) -> np.ndarray:
    ordered, middle = np.sort(spread), (len(spread) - 1) // 2
    return np.maximum(spread, STEADIEST * (ordered[middle] + ordered[len(spread) // 2]) / 2)


def correlations(stimuli: Sequence[Hashable], subjects: Sequence[Hashable], scores: Sequence[float]) -> dict[Hashable, tuple[float, int]]:
    """By subject, Pearson's correlation of their scores with the mean of the others' on the same stimuli, and on how many.

    The measure of post-experiment screening in ITU-T P.913 Annex A; there a subject below 0.75 is looked at, here the others' mean
    leaves the subject out. Subjects whose scores, or whose others' means, never vary have 0.
    """
    stimulus, subject = places(stimuli), places(subjects)
    value = np.asarray(scores, dtype=float)
    sums, counts = np.bincount(stimulus, value), np.bincount(stimulus)
    shared = counts[stimulus] > 1
    others = (sums[stimulus] - value)[shared] / (counts[stimulus] - 1)[shared]
    result = {}
    for place, name in enumerate(dict.fromkeys(subjects)):
        own = subject[shared] == place
        mine, theirs = value[shared][own], others[own]
        varied = len(mine) > 2 and mine.std() > 0 and theirs.std() > 0
        result[name] = (float(np.corrcoef(mine, theirs)[0, 1]) if varied else 0.0, int(own.sum()))
    return result
