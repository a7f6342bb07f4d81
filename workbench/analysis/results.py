"""The analysis of a study: what a report prints, from votes alone, wherever they were given.

Pair votes: win rates (a tie is half a win for both), strengths by Bradley and Terry's model, or Davidson's where there are ties, and a test
of whether strengths fit. Choices of one among several: shares chosen and Luce's strengths. Rankings: mean ranks and the strengths of
Plackett and Luce; a ranking is one vote, of however many systems. Category ratings: mean opinion scores. Every interval and every
p-value knows that votes of one rater, and on one image, are alike (`cluster_spread`); p-values of differences are corrected after Holm.
Systems that votes do not link are analyzed apart. docs/analysis.md has every formula with its source.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

from workbench.analysis import rater_screening, secondary_results, win_rates
from workbench.analysis.agreement import agreement
from workbench.analysis.goodness_of_fit import model_fit
from workbench.analysis.mean_opinion import by_scale
from workbench.analysis.preference_strengths import Preferences, components, estimate
from workbench.analysis.rater_flags import raters_of
from workbench.analysis.significance import holm
from workbench.analysis.vote_records import CategoryVote, ChoiceVote, choices_from_rows
from workbench.errors import InvalidInputError

__all__ = [
    "CategoryVote",
    "ChoiceVote",
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
    """Krippendorff's alpha; None where no unit has two votes, or all votes say the same, and where several scales have one each."""
    systems: list[dict[str, Any]] = field(default_factory=list)
    pairs: list[dict[str, Any]] = field(default_factory=list)
    raters: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    """Sentences that belong beside the numbers: simulated votes, strengths that needed virtual votes or could not be computed."""
    order: dict[str, Any] | None = None
    """The effect of being shown first (left): see `secondary_results.order_effect`; None where the order is unknown or always the same."""
    detection: list[dict[str, Any]] = field(default_factory=list)
    """How well originals are told from each system's pictures: d′ and the criterion, where the reference is shown in pairs."""
    effects: list[dict[str, Any]] = field(default_factory=list)
    """What each system got by the captions' level and by the number of instances, with a test of whether that matters."""
    sensitivity: list[dict[str, Any]] = field(default_factory=list)
    """The systems by other analyses of the same votes: without flagged raters, people only, other models."""
    agreement: list[dict[str, Any]] = field(default_factory=list)
    """Agreement beyond chance, by scale where there are several: `of` what, `scale`, and what `agreement.agreement` gives."""
    images: list[dict[str, Any]] = field(default_factory=list)
    """By image: `votes`, and what each system got there (`systems`: name, votes, `win_rate` or `mean` with its `scale`)."""
    model: str | None = None
    """The model of the strengths: Bradley-Terry, Davidson, Luce or Plackett-Luce."""
    fit: dict[str, Any] | None = None
    """Whether strengths fit pair votes (`goodness_of_fit.model_fit`); None where nothing can fail to fit."""
    components: list[list[str]] = field(default_factory=list)
    """The systems by groups that votes link; strengths are comparable within a group only."""

    @property
    def headline(self) -> str:
        """What a report leads with: `means`, or `strengths` where they are known and fit, else `win rates`."""
        if self.method == "category":
            return "means"
        fits = self.fit is None or self.fit["holds"]
        return "strengths" if fits and len(self.components) == 1 else "win rates"

    @property
    def simulated(self) -> float:
        """The share of votes by simulated raters."""
        return self.simulated_votes / self.votes if self.votes else 0.0

    def as_json(self) -> dict[str, Any]:
        """The results under stable keys, as the command line prints them."""
        return {**asdict(self), "simulated": self.simulated, "headline": self.headline}


def analyze_pairs(votes: Sequence[ChoiceVote], *, checks: Checks | None = None, detects: bool = False) -> Results:
    """The results of a pair comparison; with `detects` the question was which of two is the original, and d′ is given.

    Raises InvalidInputError where a vote does not show two different systems.
    """
    for vote in votes:
        if len(set(vote.shown)) != 2 or vote.winner not in (None, *vote.shown):
            raise InvalidInputError(f"A pair vote shows two systems and names one of them, or a tie; got {vote.shown}, {vote.winner!r}.")
    sides = ["tie" if vote.winner is None else "first" if vote.winner == min(vote.shown) else "second" for vote in votes]
    agreed = {"of": "which side of the pair won", **agreement(*_columns(votes, sides), "nominal", mirrored=True)}
    return _preferred("pair", votes, agreed, checks, detects)


def analyze_choices(votes: Sequence[ChoiceVote], *, checks: Checks | None = None) -> Results:
    """The results of choosing one among several; `win_rate` is the share chosen of the times shown."""
    agreed = agreement(*_columns(votes, [vote.winner for vote in votes]), "nominal")
    return _preferred("choice", votes, {"of": "which system was chosen", **agreed}, checks)


def analyze_rankings(votes: Sequence[ChoiceVote], *, checks: Checks | None = None) -> Results:
    """The results of rankings: `win_rate` is the mean share of the others that a system was ranked before; also its mean rank from 1."""
    ranks = [(vote, rank, name) for vote in votes for rank, name in enumerate(vote.ranking, 1)]
    units, raters, images = (
        [(vote.unit, name) for vote, _, name in ranks],
        [vote.rater for vote, _, _ in ranks],
        [vote.image for vote, _, _ in ranks],
    )
    agreed = agreement(units, [rank for _, rank, _ in ranks], raters, images, "ordinal")
    return _preferred("ranking", votes, {"of": "the ranks of each picture", **agreed}, checks)


def _columns(votes: Sequence[ChoiceVote], values: list[Any]) -> tuple[list, list, list, list]:
    return [vote.unit for vote in votes], values, [vote.rater for vote in votes], [vote.image for vote in votes]


def _preferred(method: str, votes: Sequence[ChoiceVote], agreed: dict[str, Any], checks: Checks | None, detects: bool = False) -> Results:
    fits = _strengths(votes)
    reliability = rater_screening.reliabilities(votes)
    raters = raters_of(votes, checks=checks, **rater_screening.of_choices(votes, checks, reliability))
    model = secondary_results.order_model(votes)
    fit = model_fit(fits[0]) if method == "pair" and len(fits) == 1 else None
    return Results(
        method=method,
        votes=len(votes),
        simulated_votes=sum(vote.simulated for vote in votes),
        alpha=agreed["alpha"],
        agreement=[agreed],
        systems=systems_of(votes, fits),
        pairs=_pairs(votes, fits) if method == "pair" else _contrasts(fits),
        raters=raters,
        notes=[*_simulated(votes), *_model_notes(votes, fits, fit), *secondary_results.notes(votes, raters)],
        order=secondary_results.order_effect(votes, fits[0] if len(fits) == 1 else None, model),
        detection=secondary_results.detection(votes) if detects else [],
        effects=secondary_results.effects_on_preference(votes, len(fits) == 1, systems_of),
        sensitivity=[
            *secondary_results.sensitivity(votes, raters, lambda some: systems_of(some, _strengths(some))),
            *secondary_results.other_models(votes, model, reliability),
        ],
        images=secondary_results.images_of_choices(votes),
        model=fits[0].model if fits else None,
        fit=fit,
        components=[list(each.names) for each in fits],
    )


def analyze_categories(values: Sequence[CategoryVote], *, checks: Checks | None = None) -> Results:
    """Mean opinion scores by system and scale, with intervals over raters and images; agreement by scale, ordinal."""
    scores = by_scale(values)
    pairs = [row for each in scores for row in each.differences()]
    _corrected(pairs)
    votes = list({(value.rater, value.unit): value for value in values}.values())
    raters = raters_of(values, checks=checks, **rater_screening.of_scores(values, scores))
    counts = Counter(vote.rater for vote in votes)
    for row in raters:
        row["votes"] = counts[row["rater"]]
    agreed = [_agreement_on(each.scale, [value for value in values if value.scale == each.scale]) for each in scores]
    return Results(
        method="category",
        votes=len(votes),
        simulated_votes=sum(vote.simulated for vote in votes),
        alpha=agreed[0]["alpha"] if len(agreed) == 1 else None,
        agreement=agreed,
        systems=sorted((row for each in scores for row in each.rows()), key=lambda row: (row["name"], row["scale"])),
        pairs=pairs,
        raters=raters,
        notes=[*_simulated(votes), *secondary_results.notes(values, raters)],
        effects=secondary_results.effects_on_scores(values),
        images=secondary_results.images_of_scores(values),
        sensitivity=secondary_results.sensitivity(values, raters, lambda some: [row for each in by_scale(some) for row in each.rows()]),
        components=[sorted({value.system for value in values})] if values else [],
    )


def _agreement_on(scale: str, values: Sequence[CategoryVote]) -> dict[str, Any]:
    columns = [value.unit for value in values], [value.value for value in values]
    clusters = [value.rater for value in values], [value.image for value in values]
    return {"of": "the scores of each picture", "scale": scale, **agreement(*columns, *clusters, "ordinal")}


def systems_of(votes: Sequence[ChoiceVote], fits: Sequence[Preferences]) -> list[dict[str, Any]]:
    """By system, by name: how often it won, its win rate with the interval, and its strength among the systems that votes link it to."""
    counts: dict[str, Counter] = defaultdict(Counter)
    for (shown, winner, ranking), times in Counter((vote.shown, vote.winner, vote.ranking) for vote in votes).items():
        for rank, name in enumerate(ranking, 1):
            counts[name].update(votes=times, ranks=times * rank)
        for name in () if ranking else shown:
            outcome = "ties" if winner is None else "wins" if winner == name else "losses"
            counts[name].update({outcome: times, "votes": times})
    if not counts:
        return []
    strengths = {name: fitted.system(place) for fitted in fits for place, name in enumerate(fitted.names)}
    unknown = {"strength": None, "low": None, "high": None}
    rates = win_rates.of_systems(votes)
    rows = []
    for name, rate in zip(rates.names, rates.rows(), strict=True):
        count = counts[name]
        row = {"name": name, "votes": count["votes"]}
        ranked = count["ranks"] > 0
        row |= {"mean_rank": count["ranks"] / count["votes"]} if ranked else {key: count[key] for key in ("wins", "ties", "losses")}
        row |= {key: rate[key] for key in ("win_rate", "win_rate_low", "win_rate_high")}
        rows.append(row | strengths.get(name, unknown))
    return rows


def _pairs(votes: Sequence[ChoiceVote], fits: Sequence[Preferences]) -> list[dict[str, Any]]:
    """Pair by pair, of those that met: the win rate with its interval and test of an even chance, and the strengths' difference."""
    if not votes:
        return []
    counts: dict[tuple[str, str], Counter] = defaultdict(Counter)
    for (shown, winner), times in Counter((vote.shown, vote.winner) for vote in votes).items():
        counts[min(shown), max(shown)][winner] += times
    differences = {(row["system_a"], row["system_b"]): row for row in _contrasts(fits)}
    rates = win_rates.of_pairs(votes)
    rows = []
    for (first, second), rate in zip(rates.names, rates.rows(), strict=True):
        count = counts[first, second]
        outcomes = {"wins": count[first], "ties": count[None], "losses": count[second], "votes": count.total()}
        difference = {key: value for key, value in differences[first, second].items() if key != "p_holm"}
        rows.append({**difference, **outcomes, **rate})
    return _corrected(rows)


def _contrasts(fits: Sequence[Preferences]) -> list[dict[str, Any]]:
    """Every two linked systems: the difference of their strengths over raters and images, with its p-value corrected for all of them."""
    rows = [
        {"system_a": fitted.names[a], "system_b": fitted.names[b], **fitted.difference(a, b)}
        for fitted in fits
        for a, b in combinations(range(len(fitted.names)), 2)
    ]
    return _corrected(rows)


def _corrected(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with `p_holm`, None where there is no p-value to correct."""
    tested = [row for row in rows if row["p_difference"] is not None]
    adjusted = holm([row["p_difference"] for row in tested])
    for row in rows:
        row["p_holm"] = None
    for row, value in zip(tested, adjusted, strict=True):
        row["p_holm"] = value
    return rows


def _strengths(votes: Sequence[ChoiceVote]) -> list[Preferences]:
    """The strengths of each group of systems that votes link."""
    return [estimate(part) for part in components(votes)] if votes else []


def _model_notes(votes: Sequence[ChoiceVote], fits: Sequence[Preferences], fit: dict[str, Any] | None) -> list[str]:
    """What strengths need to be read rightly: groups apart, virtual votes, circles."""
    notes = []
    if len(fits) > 1:
        named = "; ".join(", ".join(each.names) for each in fits)
        notes.append(
            f"The systems fall into {len(fits)} groups that were never compared with each other: {named}. Strengths and differences "
            "hold within a group only; collect votes that link the groups to compare across."
        )
    if any(each.regularized for each in fits):
        notes.append("Some system won or lost everything, so its strength has no bound; half a virtual vote each way keeps it finite.")
    if fit is not None and not fit["holds"]:
        notes.append(_misfit(fit))
    return notes


def _misfit(fit: dict[str, Any]) -> str:
    p_value = "p < 0.001" if fit["p_value"] < 0.001 else f"p = {fit['p_value']:.3f}"
    text = f"One strength a system does not tell what the votes say (lack of fit, {p_value}): read the win rates pair by pair"
    if not fit["cycles"]:
        return f"{text}."
    rate = {(row["system_a"], row["system_b"]): row["win_rate"] for row in fit["pairs"]}
    rate |= {(second, first): 1 - value for (first, second), value in rate.items()}
    circle = fit["cycles"][0]
    steps = ", ".join(f"{a} beats {b} ({rate[a, b]:.0%})" for a, b in zip(circle, [*circle[1:], circle[0]], strict=True))
    return f"{text}. They go in a circle: {steps}."


def _simulated(votes: Sequence[Any]) -> list[str]:
    simulated = sum(vote.simulated for vote in votes)
    return [f"{simulated} of {len(votes)} votes were given by simulated raters, not by people."] if simulated else []
