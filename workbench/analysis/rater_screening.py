"""What is known of each rater beyond their own votes: the chance that they guess, how reliable they are, how they score."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from workbench.analysis.dawid_skene import Consensus, dawid_skene
from workbench.analysis.design_matrix import luce_ballots
from workbench.analysis.guessing import guessing
from workbench.analysis.mean_opinion import Scores
from workbench.analysis.preference_models import VIRTUAL_VOTES
from workbench.analysis.subject_model import correlations
from workbench.analysis.vote_records import Category, Choice

__all__ = ["consensus", "of_choices", "of_scores"]

ENOUGH_RATERS = 4
"""Among fewer raters none can be told to guess: there is no one else to know the pictures from."""

SHARED = 3
"""Votes that units need on average for Dawid and Skene's model to tell raters from pictures."""


def of_choices(votes: Sequence[Choice], checks: Mapping[str, tuple[int, int]] | None, agreed: Consensus | None) -> dict[str, Any]:
    """`guesses` and `columns` of `conduct.raters_of` for votes that compare systems; neither where too few raters or votes are there."""
    found: dict[str, Any] = {}
    decided = [vote for vote in votes if vote.ranking or vote.winner is not None]
    raters = list(dict.fromkeys(vote.rater for vote in decided))
    if len(raters) >= ENOUGH_RATERS:
        ballots = luce_ballots(decided, VIRTUAL_VOTES)
        sided = all(vote.sided and len(vote.shown) == 2 and not vote.ranking for vote in decided)
        first = np.array([vote.winner == vote.shown[0] for vote in decided]) if sided else None
        found["guesses"] = guessing(ballots, raters, first, checks)
    if agreed is not None:
        names = dict.fromkeys(vote.rater for vote in votes)
        found["columns"] = {name: {"reliability": float(value)} for name, value in zip(names, agreed.reliability, strict=True)}
    return found


def consensus(votes: Sequence[Choice]) -> Consensus | None:
    """Dawid and Skene's consensus of pair votes (first by name wins, second wins, tie); None where units have too few votes."""
    if any(len(vote.shown) != 2 or vote.ranking for vote in votes) or len(votes) < SHARED * len({vote.unit for vote in votes}):
        return None
    answers = ["tie" if vote.winner is None else "first" if vote.winner == min(vote.shown) else "second" for vote in votes]
    if not votes or len(set(answers)) < 2:
        return None
    return dawid_skene([vote.unit for vote in votes], [vote.rater for vote in votes], answers)


def of_scores(values: Sequence[Category], scores: Sequence[Scores]) -> dict[str, Any]:
    """`columns` of `conduct.raters_of` for scores: correlation with the others, bias and inconsistency, as means over scales."""
    gathered: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for each in scores:
        own = [value for value in values if value.scale == each.scale]
        found = correlations([value.unit for value in own], [value.rater for value in own], [value.value for value in own])
        for name, (correlation, shared) in found.items():
            if shared > 2:
                gathered[name]["correlation"].append(correlation)
        for name, bias, inconsistency in zip(each.recovered.subjects, each.recovered.bias, each.recovered.inconsistency, strict=True):
            gathered[name]["bias"].append(float(bias))
            gathered[name]["inconsistency"].append(float(inconsistency))
    return {"columns": {name: {key: float(np.mean(given)) for key, given in keys.items()} for name, keys in gathered.items()}}
