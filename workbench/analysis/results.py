"""The analysis of a study: what a report prints, from votes alone, wherever they were given.

Pair votes: win rates with Wilson intervals (a tie is half a win for both), Bradley-Terry strengths, Krippendorff's alpha over
who of the two won. Choices of one among several: shares chosen and Plackett-Luce strengths. Rankings: the same from each ranking as
a chain of choices. Category ratings: mean opinion scores, and alpha on the ordinal scale. Strengths and scores have intervals over
raters and images (`evidence.resampling`); differences of systems have p-values by the same spread, corrected after Holm.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

from workbench.analysis import rater_screening, secondary_results
from workbench.analysis.agreement import krippendorff_alpha
from workbench.analysis.intervals import wilson_interval
from workbench.analysis.mean_opinion import by_scale
from workbench.analysis.preferences import Preferences, estimate
from workbench.analysis.rater_flags import raters_of
from workbench.analysis.significance import holm, sign_test
from workbench.analysis.vote_records import Category, Choice, choices_from_rows
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

Checks = Mapping[str, tuple[int, int]]
"""By rater: right answers on trials with a known answer, and how many of them were answered."""


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
    order: dict[str, Any] | None = None
    """The effect of being shown first (left): see `findings.order_effect`; None where the order is unknown or always the same."""
    detection: list[dict[str, Any]] = field(default_factory=list)
    """How well originals are told from each system's pictures: d′ and the criterion, where the reference is shown in pairs."""
    effects: list[dict[str, Any]] = field(default_factory=list)
    """What each system got by the captions' level and by the number of instances, with a test of whether that matters."""
    sensitivity: list[dict[str, Any]] = field(default_factory=list)
    """The systems by other analyses of the same votes: without flagged raters, people only, other models."""

    @property
    def simulated(self) -> float:
        """The share of votes by simulated raters."""
        return self.simulated_votes / self.votes if self.votes else 0.0

    def as_json(self) -> dict[str, Any]:
        """The results under stable keys, as the command line prints them."""
        return {**asdict(self), "simulated": self.simulated}


def analyze_pairs(votes: Sequence[Choice], *, checks: Checks | None = None) -> Results:
    """The results of a pair comparison; raises InvalidInputError where a vote does not show two different systems."""
    for vote in votes:
        if len(set(vote.shown)) != 2 or vote.winner not in (None, *vote.shown):
            raise InvalidInputError(f"A pair vote shows two systems and names one of them, or a tie; got {vote.shown}, {vote.winner!r}.")
    # Who won is coded within each pair, first or second by name: so chance agreement is that of the pair, not of all systems.
    units = _units(votes, lambda vote: "tie" if vote.winner is None else min(vote.shown) == vote.winner)
    return _preferred("pair", votes, krippendorff_alpha(units), checks)


def analyze_choices(votes: Sequence[Choice], *, checks: Checks | None = None) -> Results:
    """The results of choosing one among several; `win_rate` is the share chosen of the times shown."""
    return _preferred("choice", votes, krippendorff_alpha(_units(votes, lambda vote: vote.winner)), checks)


def analyze_rankings(votes: Sequence[Choice], *, checks: Checks | None = None) -> Results:
    """The results of rankings: a system's wins are the others that it was ranked before; also its mean rank from 1."""
    by_picture: dict[Hashable, list[int]] = defaultdict(list)
    for vote in votes:
        for rank, name in enumerate(vote.ranking, 1):
            by_picture[vote.unit, name].append(rank)
    return _preferred("ranking", votes, krippendorff_alpha(by_picture.values(), "ordinal"), checks)


def _preferred(method: str, votes: Sequence[Choice], alpha: float | None, checks: Checks | None) -> Results:
    fitted, notes = _strengths(votes)
    agreed = rater_screening.consensus(votes)
    raters = raters_of(votes, checks=checks, **rater_screening.of_choices(votes, checks, agreed))
    model = secondary_results.order_model(votes)
    return Results(
        method=method,
        votes=len(votes),
        simulated_votes=sum(vote.simulated for vote in votes),
        alpha=alpha,
        systems=systems_of(votes, fitted),
        pairs=_pairs(votes, fitted) if method == "pair" else _contrasts(fitted),
        raters=raters,
        notes=[*_simulated(votes), *notes, *secondary_results.notes(votes, raters)],
        order=secondary_results.order_effect(votes, fitted, model),
        detection=secondary_results.detection(votes) if method == "pair" else [],
        effects=secondary_results.effects_on_preference(votes, fitted, systems_of),
        sensitivity=[
            *secondary_results.sensitivity(votes, raters, lambda some: systems_of(some, _strengths(some)[0])),
            *secondary_results.other_models(votes, model, agreed),
        ],
    )


def analyze_categories(values: Sequence[Category], *, checks: Checks | None = None) -> Results:
    """Mean opinion scores by system and scale, with intervals over raters and images; alpha over all scales, ordinal."""
    by_picture: dict[Hashable, list[int]] = defaultdict(list)
    for value in values:
        by_picture[value.unit, value.scale].append(value.value)
    scores = by_scale(values)
    pairs = [row for each in scores for row in each.differences()]
    for row, adjusted in zip(pairs, holm([row["p_difference"] for row in pairs]), strict=True):
        row["p_holm"] = adjusted
    votes = list({(value.rater, value.unit): value for value in values}.values())
    raters = raters_of(values, checks=checks, **rater_screening.of_scores(values, scores))
    counts = Counter(vote.rater for vote in votes)
    for row in raters:
        row["votes"] = counts[row["rater"]]
    return Results(
        method="category",
        votes=len(votes),
        simulated_votes=sum(vote.simulated for vote in votes),
        alpha=krippendorff_alpha(by_picture.values(), "ordinal"),
        systems=sorted((row for each in scores for row in each.rows()), key=lambda row: (row["name"], row["scale"])),
        pairs=pairs,
        raters=raters,
        notes=[*_simulated(votes), *secondary_results.notes(values, raters)],
        effects=secondary_results.effects_on_scores(values),
        sensitivity=secondary_results.sensitivity(values, raters, lambda some: [row for each in by_scale(some) for row in each.rows()]),
    )


def systems_of(votes: Sequence[Choice], fitted: Preferences | None) -> list[dict[str, Any]]:
    """By system: how often it won, with Wilson's interval, and its strength; by name."""
    won, tied, lost, ranked, ranks = Counter(), Counter(), Counter(), Counter(), Counter()
    kinds = Counter((vote.shown, vote.winner, vote.ranking) for vote in votes)
    for (shown, winner, ranking), times in kinds.items():
        for rank, name in enumerate(ranking):
            won[name] += times * (len(ranking) - rank - 1)
            lost[name] += times * rank
            ranked[name] += times
            ranks[name] += times * (rank + 1)
        for name in () if ranking else shown:
            (tied if winner is None else won if winner == name else lost)[name] += times
    rows = []
    for place, name in enumerate(sorted({name for shown, _, _ in kinds for name in shown})):
        row = {"name": name, **_share(won[name], tied[name], lost[name])}
        row |= {"mean_rank": ranks[name] / ranked[name]} if ranked[name] else {}
        rows.append(row | (fitted.system(place) if fitted else {"strength": None, "low": None, "high": None}))
    return rows


def _share(wins: int, ties: int, losses: int) -> dict[str, Any]:
    votes = wins + ties + losses
    low, high = wilson_interval(wins + ties / 2, votes)
    rate = (wins + ties / 2) / votes if votes else None
    counted = {"wins": wins, "ties": ties, "losses": losses, "votes": votes}
    return {**counted, "win_rate": rate, "win_rate_low": low, "win_rate_high": high}


def _pairs(votes: Sequence[Choice], fitted: Preferences | None) -> list[dict[str, Any]]:
    """Pair by pair, of those that met: shares with the sign test as if votes were independent, and the strengths' difference."""
    counts: dict[tuple[str, str], Counter] = defaultdict(Counter)
    for (shown, winner), times in Counter((vote.shown, vote.winner) for vote in votes).items():
        counts[min(shown), max(shown)][winner] += times
    differences = {(row["system_a"], row["system_b"]): row for row in _contrasts(fitted)}
    rows = []
    for (first, second), count in sorted(counts.items()):
        decided = count[first] + count[second]
        p_value = sign_test(count[first], decided) if decided else None
        rows.append(
            {"system_a": first, "system_b": second, **_share(count[first], count[None], count[second]), "p_value": p_value}
            | {key: differences.get((first, second), {}).get(key) for key in ("difference", "difference_low", "difference_high")}
            | {"p_difference": differences.get((first, second), {}).get("p_difference")}
        )
    for row, adjusted in zip(rows, holm([row["p_difference"] for row in rows]), strict=True):
        row["p_holm"] = adjusted
    return rows


def _contrasts(fitted: Preferences | None) -> list[dict[str, Any]]:
    """Every two systems: the difference of their strengths over raters and images, with its p-value corrected for all of them."""
    if fitted is None:
        return []
    places = list(combinations(range(len(fitted.names)), 2))
    rows = [{"system_a": fitted.names[a], "system_b": fitted.names[b], **fitted.difference(a, b)} for a, b in places]
    for row, adjusted in zip(rows, holm([row["p_difference"] for row in rows]), strict=True):
        row["p_holm"] = adjusted
    return rows


def _strengths(votes: Sequence[Choice]) -> tuple[Preferences | None, list[str]]:
    if not votes:
        return None, []
    try:
        found = estimate(votes)
    except InvalidInputError as error:
        return None, [f"Strengths were not computed. {error}"]
    if found.regularized:
        return found, ["Some system won or lost everything, so its strength has no bound; half a virtual vote each way keeps it finite."]
    return found, []


def _units(votes: Iterable[Choice], value) -> list[list[Hashable]]:
    units: dict[Hashable, list[Hashable]] = defaultdict(list)
    for vote in votes:
        units[vote.unit].append(value(vote))
    return list(units.values())


def _simulated(votes: Sequence[Any]) -> list[str]:
    simulated = sum(vote.simulated for vote in votes)
    return [f"{simulated} of {len(votes)} votes were given by simulated raters, not by people."] if simulated else []
