"""What is known of each rater beyond their own votes: the chance that they guess, how reliable they are, how they score."""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from workbench.analysis import dawid_skene
from workbench.analysis.design_matrix import luce_ballots
from workbench.analysis.guessing import guessing
from workbench.analysis.mean_opinion import Scores
from workbench.analysis.subject_model import correlations
from workbench.analysis.vote_records import CategoryVote, ChoiceVote

__all__ = ["of_choices", "of_scores", "reliabilities"]

ENOUGH_RATERS = 4
"""Among fewer raters none can be told to guess: there is no one else to know the pictures from."""

UNLINKED = 1e-6

SHARED = 3
"""Votes that units need on average for Dawid and Skene's model to tell raters from pictures."""


def of_choices(
    votes: Sequence[ChoiceVote], checks: Mapping[str, tuple[int, int]] | None, reliability: Mapping[str, float] | None
) -> dict[str, Any]:
    """`guesses` and `columns` of `rater_flags.raters_of` for votes that compare systems; neither where there are too few."""
    screened: dict[str, Any] = {}
    decided = [vote for vote in votes if vote.ranking or vote.winner is not None]
    raters = list(dict.fromkeys(vote.rater for vote in decided))
    if len(raters) >= ENOUGH_RATERS:
        ballots = luce_ballots(decided)
        # Systems that votes do not link stay where the prior puts them: no vote depends on how they lie to each other.
        ballots = replace(ballots, model=replace(ballots.model, ridge=UNLINKED))
        sided = all(vote.sided and len(vote.shown) == 2 and not vote.ranking for vote in decided)
        first = np.array([vote.winner == vote.shown[0] for vote in decided]) if sided else None
        screened["guesses"] = guessing(ballots, raters, first, checks)
    if reliability is not None:
        screened["columns"] = {name: {"reliability": value} for name, value in reliability.items()}
    return screened


def reliabilities(votes: Sequence[ChoiceVote]) -> dict[str, float] | None:
    """By rater of pair votes the chance of naming the better picture (`dawid_skene`); None where units have too few decided votes."""
    if any(len(vote.shown) != 2 or vote.ranking for vote in votes):
        return None
    decided = [vote for vote in votes if vote.winner is not None]
    if not decided or len(decided) < SHARED * len({vote.unit for vote in decided}):
        return None
    sides = [int(vote.winner == min(vote.shown)) for vote in decided]
    return dawid_skene.reliabilities([vote.unit for vote in decided], [vote.rater for vote in decided], sides)


def of_scores(values: Sequence[CategoryVote], scores: Sequence[Scores]) -> dict[str, Any]:
    """`columns` of `rater_flags.raters_of` for scores: correlation with the others, bias and inconsistency, as means over scales."""
    gathered: dict[Hashable, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for each in scores:
        own = [value for value in values if value.scale == each.scale]
        correlated = correlations([value.unit for value in own], [value.rater for value in own], [value.value for value in own])
        for name, (correlation, shared) in correlated.items():
            if shared > 2:
                gathered[name]["correlation"].append(correlation)
        for name, bias, inconsistency in zip(each.recovered.subjects, each.recovered.bias, each.recovered.inconsistency, strict=True):
            gathered[name]["bias"].append(float(bias))
            gathered[name]["inconsistency"].append(float(inconsistency))
    return {"columns": {name: {key: float(np.mean(measured)) for key, measured in keys.items()} for name, keys in gathered.items()}}
