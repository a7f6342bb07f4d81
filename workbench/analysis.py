"""The analysis of a study: what a report prints, from votes alone, wherever they were given.

Pair votes: win rates with Wilson intervals (a tie is half a win for both), Bradley-Terry strengths, Krippendorff's alpha over
who of the two won. Choices of one among several: shares chosen and Plackett-Luce strengths. Rankings: the same from each ranking as
a chain of choices. Category ratings: mean opinion scores with t intervals, and alpha on the ordinal scale.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from scipy.stats import binomtest, t

from workbench.agreement import Strengths, bradley_terry, krippendorff_alpha, plackett_luce, wilson_interval
from workbench.choices import Category, Choice, choices_from_rows
from workbench.conduct import raters_of
from workbench.errors import InvalidInputError

__all__ = [
    "Category",
    "Choice",
    "Results",
    "analyze_categories",
    "analyze_choices",
    "analyze_pairs",
    "analyze_rankings",
    "choices_from_rows",
]


@dataclass(frozen=True)
class Results:
    """What a study says; every share in [0, 1], every interval of 95 %, every strength in logits with mean zero."""

    method: str
    votes: int
    simulated_votes: int
    alpha: float | None
    """Krippendorff's alpha; None where no unit has two votes, or all votes say the same."""
    systems: list[dict[str, Any]] = field(default_factory=list)
    pairs: list[dict[str, Any]] = field(default_factory=list)
    raters: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Sentences that belong beside the numbers: simulated votes, strengths that needed virtual votes or could not be computed."""

    @property
    def simulated(self) -> float:
        """The share of votes by simulated raters."""
        return self.simulated_votes / self.votes if self.votes else 0.0

    def as_json(self) -> dict[str, Any]:
        """The results under stable keys, as the command line prints them."""
        return {**asdict(self), "simulated": self.simulated}


def analyze_pairs(votes: Sequence[Choice]) -> Results:
    """The results of a pair comparison; raises InvalidInputError where a vote does not show two different systems."""
    for vote in votes:
        if len(set(vote.shown)) != 2 or vote.winner not in (None, *vote.shown):
            raise InvalidInputError(f"A pair vote shows two systems and names one of them, or a tie; got {vote.shown}, {vote.winner!r}.")
    names = _names(votes)
    wins = np.zeros((len(names), len(names)))
    ties = np.zeros_like(wins)
    index = {name: place for place, name in enumerate(names)}
    for vote in votes:
        first, second = (index[name] for name in vote.shown)
        if vote.winner is None:
            ties[first, second] += 1
            ties[second, first] += 1
        else:
            winner = index[vote.winner]
            wins[winner, first + second - winner] += 1
    strengths, notes = _strengths(lambda: bradley_terry(wins + ties / 2), names)
    systems = [
        {**_share(wins[place].sum(), ties[place].sum(), wins[:, place].sum()), "name": name, **_strength(strengths, place)}
        for place, name in enumerate(names)
    ]
    pairs = [_pair(names, wins, ties, a, b) for a, b in combinations(range(len(names)), 2) if wins[a, b] + wins[b, a] + ties[a, b]]
    # Who won is coded within each pair, first or second by name: so chance agreement is that of the pair, not of all systems.
    units = _units(votes, lambda vote: "tie" if vote.winner is None else min(vote.shown) == vote.winner)
    return _results("pair", votes, krippendorff_alpha(units), systems, pairs, notes)


def analyze_choices(votes: Sequence[Choice]) -> Results:
    """The results of choosing one among several; `win_rate` is the share chosen of the times shown."""
    names = _names(votes)
    index = {name: place for place, name in enumerate(names)}
    shown = Counter(name for vote in votes for name in vote.shown)
    chosen = Counter(vote.winner for vote in votes)
    chain = [(index[vote.winner], [index[name] for name in vote.shown if name != vote.winner]) for vote in votes]
    strengths, notes = _strengths(lambda: plackett_luce(chain, len(names)), names)
    systems = [
        {**_share(chosen[name], 0, shown[name] - chosen[name]), "name": name, **_strength(strengths, place)}
        for place, name in enumerate(names)
    ]
    return _results("choice", votes, krippendorff_alpha(_units(votes, lambda vote: vote.winner)), systems, [], notes)


def analyze_rankings(votes: Sequence[Choice]) -> Results:
    """The results of rankings: a system's wins are the others that it was ranked before; also its mean rank from 1."""
    names = _names(votes)
    index = {name: place for place, name in enumerate(names)}
    chain = [
        (index[name], [index[other] for other in vote.ranking[rank + 1 :]]) for vote in votes for rank, name in enumerate(vote.ranking[:-1])
    ]
    ranks = {name: [vote.ranking.index(name) + 1 for vote in votes if name in vote.ranking] for name in names}
    behind = {name: sum(len(vote.ranking) - vote.ranking.index(name) - 1 for vote in votes if name in vote.ranking) for name in names}
    strengths, notes = _strengths(lambda: plackett_luce(chain, len(names)), names)
    systems = [
        {
            **_share(behind[name], 0, sum(rank - 1 for rank in ranks[name])),
            "name": name,
            "mean_rank": float(np.mean(ranks[name])),
            **_strength(strengths, place),
        }
        for place, name in enumerate(names)
    ]
    by_picture: dict[Hashable, list[int]] = defaultdict(list)
    for vote in votes:
        for rank, name in enumerate(vote.ranking, 1):
            by_picture[vote.unit, name].append(rank)
    return _results("ranking", votes, krippendorff_alpha(by_picture.values(), "ordinal"), systems, [], notes)


def analyze_categories(values: Sequence[Category]) -> Results:
    """Mean opinion scores by system and scale, with t intervals over all values; alpha over all scales, ordinal."""
    by_system: dict[tuple[str, str], list[int]] = defaultdict(list)
    by_picture: dict[Hashable, list[int]] = defaultdict(list)
    for value in values:
        by_system[value.system, value.scale].append(value.value)
        by_picture[value.unit, value.scale].append(value.value)
    systems = [
        {"name": system, "scale": scale, "votes": len(given), **_mean(given)} for (system, scale), given in sorted(by_system.items())
    ]
    votes = {(value.rater, value.unit): value for value in values}
    return _results("category", list(votes.values()), krippendorff_alpha(by_picture.values(), "ordinal"), systems, [], [])


def _names(votes: Sequence[Choice]) -> list[str]:
    return sorted({name for vote in votes for name in vote.shown})


def _share(wins: float, ties: float, losses: float) -> dict[str, Any]:
    votes = int(wins + ties + losses)
    low, high = wilson_interval(wins + ties / 2, votes)
    rate = (wins + ties / 2) / votes if votes else None
    counted = {"wins": int(wins), "ties": int(ties), "losses": int(losses), "votes": votes}
    return {**counted, "win_rate": rate, "win_rate_low": low, "win_rate_high": high}


def _pair(names: list[str], wins: np.ndarray, ties: np.ndarray, a: int, b: int) -> dict[str, Any]:
    share = _share(wins[a, b], ties[a, b], wins[b, a])
    decided = int(wins[a, b] + wins[b, a])
    p_value = float(binomtest(int(wins[a, b]), decided).pvalue) if decided else None
    return {"system_a": names[a], "system_b": names[b], **share, "p_value": p_value}


def _strengths(compute, names: list[str]) -> tuple[Strengths | None, list[str]]:
    if not names:
        return None, []
    try:
        found = compute()
    except InvalidInputError as error:
        return None, [f"Strengths were not computed. {error}"]
    if found.regularized:
        return found, ["Some system won or lost everything, so its strength has no bound; half a virtual vote each way keeps it finite."]
    return found, []


def _strength(strengths: Strengths | None, place: int) -> dict[str, float | None]:
    if strengths is None:
        return {"strength": None, "low": None, "high": None}
    low, high = strengths.intervals()[place]
    return {"strength": float(strengths.values[place]), "low": float(low), "high": float(high)}


def _mean(values: list[int]) -> dict[str, float | None]:
    mean = float(np.mean(values))
    if len(values) < 2:
        return {"mean": mean, "low": None, "high": None}
    half = float(t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / len(values) ** 0.5)
    return {"mean": mean, "low": mean - half, "high": mean + half}


def _units(votes: Iterable[Choice], value) -> list[list[Hashable]]:
    units: dict[Hashable, list[Hashable]] = defaultdict(list)
    for vote in votes:
        units[vote.unit].append(value(vote))
    return list(units.values())


def _results(method: str, votes: Sequence[Any], alpha: float | None, systems: list, pairs: list, notes: list[str]) -> Results:
    simulated = sum(vote.simulated for vote in votes)
    if simulated:
        notes = [f"{simulated} of {len(votes)} votes were given by simulated raters, not by people.", *notes]
    return Results(method, len(votes), simulated, alpha, systems, pairs, raters_of(votes), notes)
