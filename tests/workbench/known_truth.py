"""Pair studies whose truth is known: systems of given strengths, raters and images of tastes of their own, ties by Davidson's model.

What strengths and win rates are estimates of is the whole population of raters and images; `population` says what is true of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from workbench.analysis import conditional_logit
from workbench.analysis.cluster_spread import Part, Spread
from workbench.analysis.vote_records import ChoiceVote

DRAWS = 400_000
"""Raters and images that the population's truth is the mean over: it is known to about a thousandth."""

UNANSWERED = 3


@dataclass(frozen=True)
class World:
    """What is true before anybody votes."""

    strengths: tuple[float, ...] = (0.6, 0.0, -0.6)
    raters: int = 12
    images: int = 20
    ties: float = 0.0
    """The share of ties between two equal systems."""
    rater_variance: float = 0.0
    image_variance: float = 0.0
    """Of each system's strength, over raters and over images, in logits squared."""
    answered: tuple[float, float] = (1.0, 1.0)
    """The shares of all trials that the raters answered: those of the first and of the last, the others evenly between."""
    circle: float = 0.0
    """Log-odds that every system has on top against the next one around the circle, and the last against the first."""

    @property
    def pairs(self) -> np.ndarray:
        """(P, 2) every two systems."""
        return np.array([(a, b) for a in range(len(self.strengths)) for b in range(a + 1, len(self.strengths))])

    def chances(self, worth: np.ndarray) -> np.ndarray:
        """(…, P, 3) of the first winning, the second, a tie, for worths (…, N)."""
        first, second = self.pairs.T
        size = len(self.strengths)
        around = np.where(second == first + 1, 1.0, 0.0) - np.where((first == 0) & (second == size - 1) & (size > 2), 1.0, 0.0)
        difference = worth[..., first] - worth[..., second] + self.circle * around
        tie = np.full_like(difference, 2 * self.ties / (1 - self.ties))
        odds = np.stack([np.exp(difference / 2), np.exp(-difference / 2), tie], axis=-1)
        return odds / odds.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class Population:
    """What is true of all raters and images."""

    strengths: np.ndarray
    """(N,) what the model gives for the population's outcomes."""
    pair_rates: np.ndarray
    """(P,) how often the first of two wins, a tie being half a win."""
    system_rates: np.ndarray
    """(N,) the mean over its pairs."""


@cache
def population(world: World) -> Population:
    """The truth, by drawing many raters and images."""
    draw = np.random.default_rng(0)
    size = len(world.strengths)
    variance = world.rater_variance + world.image_variance
    worth = np.array(world.strengths) + np.sqrt(variance) * draw.normal(size=(DRAWS if variance else 1, size))
    chance = world.chances(worth).mean(axis=0)
    rates = chance[:, 0] + chance[:, 2] / 2
    model, basis = pair_model(world)
    strengths = basis @ conditional_logit.fit(model, 1000 * chance[None, :, : model.available.shape[1]])[0, : size - 1]
    of_system = [np.r_[rates[world.pairs[:, 0] == one], 1 - rates[world.pairs[:, 1] == one]].mean() for one in range(size)]
    return Population(strengths, rates, np.array(of_system))


def pair_model(world: World) -> tuple[conditional_logit.Model, np.ndarray]:
    """Davidson's model (Bradley and Terry's where there are no ties) of the world's pairs, and the basis of its strengths."""
    size, ties = len(world.strengths), world.ties > 0
    basis = conditional_logit.contrasts(size)
    features = np.zeros((len(world.pairs), 2 + ties, size - 1 + ties))
    for place, (first, second) in enumerate(world.pairs):
        features[place, 0, : size - 1], features[place, 1, : size - 1] = basis[first], basis[second]
        if ties:
            features[place, 2] = [*(basis[first] + basis[second]) / 2, 1]
    ridge = np.r_[np.zeros(size - 1), [1e-4] * ties]
    return conditional_logit.Model(features, np.ones(features.shape[:2], bool), ridge), basis


def outcomes(world: World, seed: int, studies: int = 1) -> np.ndarray:
    """(S, raters, images, P) int: 0 where the first of the pair won, 1 the second, 2 a tie, UNANSWERED where the rater dropped out."""
    draw = np.random.default_rng(seed)
    size = len(world.strengths)
    taste = np.sqrt(world.rater_variance) * draw.normal(size=(studies, world.raters, 1, size))
    content = np.sqrt(world.image_variance) * draw.normal(size=(studies, 1, world.images, size))
    chance = world.chances(np.array(world.strengths) + taste + content)
    answers = (draw.random(chance.shape[:-1])[..., None] > np.cumsum(chance, axis=-1)[..., :-1]).sum(axis=-1)
    if world.answered == (1.0, 1.0):
        return answers
    order = draw.random(answers.shape).reshape(studies, world.raters, -1).argsort(axis=2).argsort(axis=2).reshape(answers.shape)
    answered = np.linspace(*world.answered, world.raters) * world.images * len(world.pairs)
    return np.where(order < answered.round()[:, None, None], answers, UNANSWERED)


def pair_votes(world: World, seed: int) -> list[ChoiceVote]:
    """The votes of one study, sides at random; the same seed gives the same ones."""
    outcome = outcomes(world, seed)[0]
    swapped = np.random.default_rng([seed, 1]).random(outcome.shape) < 0.5
    names = [(f"system-{first}", f"system-{second}") for first, second in world.pairs]
    votes = []
    for (rater, image, pair), answer in np.ndenumerate(outcome):
        if answer == UNANSWERED:
            continue
        first, second = names[pair]
        shown = (second, first) if swapped[rater, image, pair] else (first, second)
        winner = None if answer == 2 else (first, second)[answer]
        votes.append(ChoiceVote(f"rater-{rater}", (image, pair), shown, winner, image=image))
    return votes


@dataclass(frozen=True)
class Estimated:
    """What the analysis gives for many studies of one world at once: (S, Q) estimates and the spread of each study."""

    values: np.ndarray
    spreads: list[Spread]


def strengths_of_many(world: World, answers: np.ndarray) -> Estimated:
    """`preferences.estimate` of many studies (S, raters, images, P) at once, and as exactly; a test holds the two equal."""
    model, basis = pair_model(world)

    def statistic(tables: np.ndarray) -> np.ndarray:
        return conditional_logit.fit(model, tables) @ basis.T if world.ties == 0 else conditional_logit.fit(model, tables)[:, :-1] @ basis.T

    return _of_many(answers, model.available.shape[1], statistic)


def pair_rates_of_many(world: World, answers: np.ndarray) -> Estimated:
    """The win rates of `win_rates.of_pairs` of many studies at once."""
    score = np.array([1.0, 0.0, 0.5])
    return _of_many(answers, 3, lambda tables: (tables @ score) / tables.sum(axis=2))


def _of_many(answers: np.ndarray, outcomes_each: int, statistic: Callable[[np.ndarray], np.ndarray]) -> Estimated:
    counts = np.eye(UNANSWERED + 1)[answers][..., :outcomes_each].astype(np.float32)
    totals = counts.sum(axis=(1, 2))
    studies, raters, images, pairs = answers.shape
    crossed = answers.reshape(studies, raters * images, pairs) @ (UNANSWERED + 1) ** np.arange(pairs)
    removed, times, weight = [], [], []
    for study in range(studies):
        cells = counts[study].reshape(raters * images, pairs, outcomes_each)
        for which, kind in enumerate((crossed[study], np.arange(raters), np.arange(images))):
            rows = (cells, counts[study].sum(axis=1), counts[study].sum(axis=0))[which]
            # Clusters that answered alike leave the same behind.
            _, first, often = np.unique(kind, return_index=True, return_counts=True)
            sizes = rows.sum(axis=(1, 2))
            kept = sizes[first] > 0
            removed.append(totals[study] - rows[first[kept]])
            times.append(often[kept])
            weight.append(float(sizes.sum() ** 2 / (sizes**2).sum()))
    values = statistic(np.concatenate(removed).astype(float))
    parts, start = [], 0
    for often, effective in zip(times, weight, strict=True):
        own, count = values[start : start + len(often)], int(often.sum())
        away = own - often @ own / count
        parts.append(Part((count - 1) / count * (away * often[:, None]).T @ away, count, effective))
        start += len(often)
    return Estimated(statistic(totals.astype(float)), [Spread(*parts[at : at + 3]) for at in range(0, len(parts), 3)])
