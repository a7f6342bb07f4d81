"""Whether what is preferred depends on the picture: its caption's level, how many instances it has.

Tested by permutation, since few groups and clusters make Wald's test reject too often: the groups' labels are dealt anew to the images
(within images where the same image is shown in several groups), each deal gives a statistic, and p is the share of deals that
reach the observed one (Phipson and Smyth 2010 add one to both counts). Votes of one image stay together, so their likeness does
not count as evidence; raters judge all groups and drop out of the comparison.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from workbench.analysis import conditional_logit
from workbench.analysis.design_matrix import Ballots, places

__all__ = ["DEALS", "Grouped", "grouped", "luce_fit", "mean_gap", "permutation_p"]

DEALS = 999
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Grouped:
    """Totals by image and group."""

    labels: list[Hashable]
    group: np.ndarray
    """(U,) the group of each block of votes that belongs together."""
    image: np.ndarray
    """(U,) its image."""
    totals: np.ndarray
    """(U, K) its totals."""


def grouped(groups: Sequence[Hashable], images: np.ndarray, cells: csr_array) -> Grouped:
    """The blocks of votes with one image and one group; `groups` and `images` name those of each row of `cells`."""
    labels = sorted(set(groups), key=str)
    group = np.array([labels.index(value) for value in groups])
    block = places(list(zip(images.tolist(), group.tolist(), strict=True)))
    member = csr_array((np.ones(len(block)), (block, np.arange(len(block)))), shape=(block.max() + 1, len(block)))
    firsts = np.unique(block, return_index=True)[1]
    return Grouped(labels, group[firsts], images[firsts], (member @ cells).toarray())


def permutation_p(blocks: Grouped, statistic: Callable[[np.ndarray], np.ndarray], *, seed: int = 0, deals: int = DEALS) -> float:
    """The chance of a statistic this large where groups do not matter; `statistic` maps (R, groups, K) totals to (R,)."""
    draw = np.random.default_rng(seed)
    several = len(np.unique(blocks.image)) < len(blocks.image)
    order = np.argsort(blocks.image, kind="stable") if several else np.arange(len(blocks.image))
    keys = draw.random((deals, len(order)))
    if several:
        keys = keys + places(blocks.image[order].tolist())
    dealt = blocks.group[order][np.argsort(keys, axis=1)]
    every = np.concatenate([blocks.group[order][None], dealt])
    member = np.stack([every == place for place in range(len(blocks.labels))], axis=1).astype(float)
    found = statistic(member @ blocks.totals[order])
    return float((found[1:] >= found[0] - TOLERANCE * (1 + abs(found[0]))).sum() + 1) / (deals + 1)


def luce_fit(ballots: Ballots) -> Callable[[np.ndarray], np.ndarray]:
    """The statistic of preferences: the log-likelihood of strengths of their own for each group, less is explained by common ones."""

    def statistic(totals: np.ndarray) -> np.ndarray:
        flat = totals.reshape(-1, totals.shape[-1])
        chances = conditional_logit.log_chances(ballots.model, ballots.fit(flat)).reshape(len(flat), -1)
        return (
            np.where(flat > 0, flat * np.where(np.isfinite(chances), chances, 0.0), 0.0).sum(axis=1).reshape(totals.shape[:2]).sum(axis=1)
        )

    return statistic


def mean_gap(totals: np.ndarray) -> np.ndarray:
    """The statistic of scores: how far the systems' means move against each other between groups, as a sum of squares.

    `totals` (R, groups, 2 · systems): sums of scores, then their counts.
    """
    sums, counts = np.split(totals, 2, axis=2)
    cell = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    row = sums.sum(axis=2, keepdims=True) / np.maximum(counts.sum(axis=2, keepdims=True), 1)
    column = sums.sum(axis=1, keepdims=True) / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    whole = sums.sum(axis=(1, 2), keepdims=True) / counts.sum(axis=(1, 2), keepdims=True)
    return (counts * (cell - row - column + whole) ** 2).sum(axis=(1, 2))
