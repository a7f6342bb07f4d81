"""Votes as arrays: who answered, on which image, what was before them, and what they chose."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np
from scipy.sparse import csr_array

from workbench.analysis import conditional_logit
from workbench.analysis.vote_records import ChoiceVote

__all__ = ["VIRTUAL_VOTES", "Ballots", "chain_of", "luce_ballots", "pair_ballots", "places"]


RIDGE = 1e-4
"""Prior precision of the tie parameter and the order effect: a standard deviation of 100 logits, which any vote outweighs."""

VIRTUAL_VOTES = 0.5
"""Votes added each way between compared systems where the maximum of the likelihood lies at infinity."""


@dataclass(frozen=True)
class Ballots:
    """Answers to situations of a model; a ranking or a tie gives several rows."""

    names: tuple[str, ...]
    members: tuple[tuple[int, ...], ...]
    """By situation the systems that its alternatives stand for; a tie stands for none."""
    model: conditional_logit.Model
    virtual: np.ndarray
    """(S, A) float: votes to be added where a strength would run away, half a vote each way between systems shown together."""
    beats: np.ndarray
    """(S · A, N · N) float, 0 or 1: which system was put before which others by an answer."""
    vote: np.ndarray
    """(C,) int: the place of the vote that a row belongs to."""
    situation: np.ndarray
    answer: np.ndarray
    weight: np.ndarray
    """(C,) each: the situation, the alternative chosen, and its weight (1, or a half of a tie)."""
    rater: np.ndarray
    image: np.ndarray
    """(C,) int: clusters."""

    @cached_property
    def cells(self) -> csr_array:
        """(C, S · A): one row an answer, its weight in the column of what was answered."""
        situations, alternatives = self.model.available.shape
        columns = self.situation * alternatives + self.answer
        return csr_array((self.weight, (np.arange(len(columns)), columns)), shape=(len(columns), situations * alternatives))

    @cached_property
    def totals(self) -> np.ndarray:
        """(S · A,) all answers."""
        return np.asarray(self.cells.sum(axis=0)).ravel()

    @cached_property
    def estimate(self) -> np.ndarray:
        """(Q,) the parameters that all answers give."""
        return conditional_logit.fit(self.model, self._tables(self.totals[None]))[0]

    @cached_property
    def regularized(self) -> bool:
        """Whether virtual votes keep a strength finite, because a system (or a group of them) won or lost everything."""
        return not np.array_equal(self.anchored(self.totals[None])[0], self.totals)

    @cached_property
    def independent(self) -> np.ndarray:
        """(Q, Q) covariance of the estimate for independent answers: the inverse Fisher information."""
        return np.linalg.inv(conditional_logit.information(self.model, self._tables(self.totals[None])[0], self.estimate))

    def fit(self, totals: np.ndarray) -> np.ndarray:
        """(R, Q) parameters for R tables of totals (R, S · A); tables whose maximum lies at infinity get the virtual votes."""
        return conditional_logit.fit(self.model, self._tables(totals), self.estimate)

    def _tables(self, totals: np.ndarray) -> np.ndarray:
        return self.anchored(totals).reshape(-1, *self.model.available.shape)

    def anchored(self, totals: np.ndarray) -> np.ndarray:
        """The totals with virtual votes where the graph of wins is not strongly connected (Ford 1957)."""
        width = len(self.names)
        reach = ((totals > 0).astype(np.float32) @ self.beats).reshape(-1, width, width) + np.eye(width, dtype=np.float32)
        for _ in range(width.bit_length()):
            reach = np.minimum(np.matmul(reach, reach), 1.0)
        apart = (reach == 0).any(axis=(1, 2))
        return totals + apart[:, None] * self.virtual.ravel()


def chain_of(vote: ChoiceVote) -> list[tuple[str, tuple[str, ...], float]]:
    """A vote as choices of one among several: (chosen, all shown, weight). A tie is half a win for each of the two."""
    if vote.ranking:
        return [(name, vote.ranking[rank:], 1.0) for rank, name in enumerate(vote.ranking[:-1])]
    if vote.winner is None:
        return [(name, vote.shown, 0.5) for name in vote.shown]
    return [(vote.winner, vote.shown, 1.0)]


def places(values: Sequence[Hashable]) -> np.ndarray:
    """(V,) int: the place of each value among the distinct ones, in order of appearance."""
    index = {value: place for place, value in enumerate(dict.fromkeys(values))}
    return np.fromiter(map(index.__getitem__, values), int, len(values))


def luce_ballots(votes: Sequence[ChoiceVote], half: float = VIRTUAL_VOTES) -> Ballots:
    """Ballots of Luce's model; `half` is the weight of a virtual vote.

    A parameter vector times `logit.contrasts` is the strengths in logits with mean zero.
    """
    kinds, kind = _kinds(votes)
    names = tuple(sorted({name for each in kinds for name in each.shown}))
    index = {name: place for place, name in enumerate(names)}
    chains = [
        [(index[chosen], tuple(sorted(index[name] for name in shown)), weight) for chosen, shown, weight in chain_of(each)]
        for each in kinds
    ]
    met = {pair for chain in chains for _, shown, _ in chain for pair in combinations(shown, 2)}
    sets = sorted(met | {shown for chain in chains for _, shown, _ in chain})
    at = {shown: place for place, shown in enumerate(sets)}
    basis, widest = conditional_logit.contrasts(len(names)), max(map(len, sets))
    features = np.zeros((len(sets), widest, len(names) - 1))
    available = np.zeros((len(sets), widest), bool)
    beats = np.zeros((len(sets), widest, len(names), len(names)), np.float32)
    for place, shown in enumerate(sets):
        features[place, : len(shown)], available[place, : len(shown)] = basis[list(shown)], True
        for answer, system in enumerate(shown):
            beats[place, answer, system, list(shown)] = 1
    virtual = half * (available & (available.sum(axis=1) == 2)[:, None])
    rows = [[(at[shown], shown.index(chosen), weight) for chosen, shown, weight in chain] for chain in chains]
    model = conditional_logit.Model(features, available)
    return Ballots(names, tuple(sets), model, virtual, beats.reshape(available.size, -1), *_columns(votes, kind, rows))


def pair_ballots(votes: Sequence[ChoiceVote], *, ties: bool, order: bool, half: float = VIRTUAL_VOTES) -> Ballots:
    """Ballots of Davidson's model of ties (1970), with `order` also the order effect of Davidson and Beaver (1977).

    Alternatives: first, second, tie; without `order` the first is the first by name. Parameters: strengths as in `luce_ballots`, then,
    where `order`, the log-odds that being shown first (left) adds, then, where `ties`, the logarithm of the tie parameter. Without
    `ties` the votes must be decided. A weak prior holds the tie parameter, and the order effect, in samples that know nothing of it.
    """
    kinds, kind = _kinds(votes)
    names = tuple(sorted({name for each in kinds for name in each.shown}))
    index = {name: place for place, name in enumerate(names)}
    shown = [each.shown if order else tuple(sorted(each.shown)) for each in kinds]
    orders = sorted({(index[first], index[second]) for first, second in shown})
    at = {each: place for place, each in enumerate(orders)}
    basis = conditional_logit.contrasts(len(names))
    width, extra = len(names) - 1, [0.0] * (order + ties)
    features = np.zeros((len(orders), 2 + ties, width + order + ties))
    beats = np.zeros((len(orders), 2 + ties, len(names), len(names)), np.float32)
    for place, (first, second) in enumerate(orders):
        features[place, 0], features[place, 1] = [*basis[first], *extra], [*basis[second], *extra]
        if order:
            features[place, 0, width], features[place, 1, width] = 0.5, -0.5
        beats[place, 0, first, second] = beats[place, 1, second, first] = 1
        if ties:
            features[place, 2] = [*(basis[first] + basis[second]) / 2, *extra]
            features[place, 2, -1] = 1  # a tie bounds no strength: with wins one way only, ties let both grow together
    virtual = np.zeros(features.shape[:2])
    virtual[:, :2] = half
    rows = [
        [(at[index[first], index[second]], 2 if each.winner is None else (first, second).index(each.winner), 1.0)]
        for each, (first, second) in zip(kinds, shown, strict=True)
    ]
    ridge = np.repeat([0.0, RIDGE], [width, order + ties])
    model = conditional_logit.Model(features, np.ones(features.shape[:2], bool), ridge)
    return Ballots(names, tuple(orders), model, virtual, beats.reshape(virtual.size, -1), *_columns(votes, kind, rows))


def _kinds(votes: Sequence[ChoiceVote]) -> tuple[list[ChoiceVote], np.ndarray]:
    """A vote of each kind (shown in this order, answered so), and (V,) the kind of each: a study has many votes of few kinds."""
    kind = places([(vote.shown, vote.winner, vote.ranking) for vote in votes])
    return [votes[place] for place in np.unique(kind, return_index=True)[1]], kind


def _columns(votes: Sequence[ChoiceVote], kind: np.ndarray, rows: Sequence[Sequence[tuple[int, int, float]]]) -> tuple[np.ndarray, ...]:
    """The columns of `Ballots` from (situation, answer, weight) of each row of each kind."""
    lengths = np.array([len(each) for each in rows])
    starts = np.cumsum(lengths) - lengths
    vote = np.repeat(np.arange(len(kind)), lengths[kind])
    within = np.arange(len(vote)) - np.repeat(np.cumsum(lengths[kind]) - lengths[kind], lengths[kind])
    situation, answer, weight = (np.array(column) for column in zip(*(row for each in rows for row in each), strict=True))
    row = starts[kind[vote]] + within
    raters, images = places([each.rater for each in votes]), places([each.image for each in votes])
    return vote, situation[row], answer[row], weight[row].astype(float), raters[vote], images[vote]
