"""Whether what is preferred depends on the picture: its caption's level, how many instances it has.

Tested by permutation, since few groups and clusters make Wald's test reject too often: the groups' labels are dealt anew, each deal gives a
statistic, and p is the share of deals that reach the observed one (Phipson and Smyth 2010 add one to both counts). Labels are dealt as
the design allows: images that were shown in one group exchange theirs among each other, an image that was shown in several exchanges
them within itself, both at once. So one image in two groups takes nothing from the others. Votes of one image and group stay together,
and their likeness does not count as evidence. Raters drop out of the comparison where each judged several groups; where each judged
one group only, raters and groups cannot be told apart by images, and the raters' labels are dealt instead.
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
    """Totals by block: the votes that keep together when labels are dealt."""

    labels: list[Hashable]
    group: np.ndarray
    """(U,) the group of each block."""
    stratum: np.ndarray
    """(U,) blocks of one stratum exchange their labels."""
    totals: np.ndarray
    """(U, K) its totals."""

    @property
    def exchangeable(self) -> bool:
        """Whether any deal differs from what was observed."""
        return any(len(np.unique(self.group[self.stratum == one])) > 1 for one in np.unique(self.stratum))


def grouped(groups: Sequence[Hashable], raters: np.ndarray, images: np.ndarray, cells: csr_array) -> Grouped:
    """The blocks of votes; `groups`, `raters` and `images` name those of each row of `cells`."""
    labels = sorted(set(groups), key=str)
    index = {label: place for place, label in enumerate(labels)}
    group = np.array([index[value] for value in groups])
    nested = len(labels) > 1 and (_groups_of(raters, group) == 1).all()
    cluster = raters if nested else images
    block = places(list(zip(cluster.tolist(), group.tolist(), strict=True)))
    member = csr_array((np.ones(len(block)), (block, np.arange(len(block)))), shape=(block.max() + 1, len(block)))
    firsts = np.unique(block, return_index=True)[1]
    owner = cluster[firsts]
    several = _groups_of(cluster, group)[owner] > 1
    # Clusters of one group exchange labels among each other (stratum −1), any other within itself.
    return Grouped(labels, group[firsts], np.where(several, owner, -1), (member @ cells).toarray())


def _groups_of(cluster: np.ndarray, group: np.ndarray) -> np.ndarray:
    """(G,) how many groups each cluster was in."""
    pairs = np.unique(np.stack([cluster, group]), axis=1)
    return np.bincount(pairs[0])


def permutation_p(blocks: Grouped, statistic: Callable[[np.ndarray], np.ndarray], *, seed: int = 0, deals: int = DEALS) -> float | None:
    """The chance of a statistic this large where groups do not matter; `statistic` maps (R, groups, K) totals to (R,).

    None where the design lets no labels be exchanged.
    """
    if not blocks.exchangeable:
        return None
    draw = np.random.default_rng(seed)
    order = np.argsort(blocks.stratum, kind="stable")
    keys = draw.random((deals, len(order))) + places(blocks.stratum[order].tolist())
    dealt = blocks.group[order][np.argsort(keys, axis=1)]
    every = np.concatenate([blocks.group[order][None], dealt])
    member = np.stack([every == place for place in range(len(blocks.labels))], axis=1).astype(float)
    values = statistic(member @ blocks.totals[order])
    return float((values[1:] >= values[0] - TOLERANCE * (1 + abs(values[0]))).sum() + 1) / (deals + 1)


def luce_fit(ballots: Ballots) -> Callable[[np.ndarray], np.ndarray]:
    """The statistic of preferences: the log-likelihood of strengths of their own for each group, less is explained by common ones."""

    def statistic(totals: np.ndarray) -> np.ndarray:
        flat = totals.reshape(-1, totals.shape[-1])
        chances = conditional_logit.log_chances(ballots.model, ballots.fit(flat)).reshape(len(flat), -1)
        explained = np.where(flat > 0, flat * np.where(np.isfinite(chances), chances, 0.0), 0.0).sum(axis=1)
        return explained.reshape(totals.shape[:2]).sum(axis=1)

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
