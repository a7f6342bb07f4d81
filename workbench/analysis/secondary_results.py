"""What a report says beside strengths and scores: order, detection, effects of the picture, and how much hangs on choices made."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from workbench.analysis import dawid_skene, win_rates
from workbench.analysis import permutation_tests as grouping
from workbench.analysis import signal_detection as signal
from workbench.analysis.cluster_spread import FEWEST, spread
from workbench.analysis.design_matrix import luce_ballots, places
from workbench.analysis.mean_opinion import by_scale
from workbench.analysis.preference_strengths import Preferences, davidson, order_is_known
from workbench.analysis.vote_records import CategoryVote, ChoiceVote
from workbench.errors import InvalidInputError

__all__ = [
    "detection", "effects_on_preference", "effects_on_scores", "images_of_choices", "images_of_scores", "notes", "order_effect",
    "order_model", "other_models", "sensitivity",
]  # fmt: skip

REFERENCE = "reference"

FACTORS = {"level": "caption level", "instances": "number of instances"}

MANY_INSTANCES = 3
"""Images with this many instances or more are one group."""


def notes(votes: Sequence[ChoiceVote | CategoryVote], raters: Sequence[dict[str, Any]]) -> list[str]:
    """How far the intervals speak, and who is flagged."""
    crowd, images = len({vote.rater for vote in votes}), len({vote.image for vote in votes})
    sentences = [*_few("rater", crowd), *_few("image", images)] if votes else []
    flagged = [row["rater"] for row in raters if row["flags"]]
    if flagged:
        whom = f"{len(flagged)} of {len(raters)} raters are" if len(flagged) > 1 else f"One of {len(raters)} raters is"
        sentences.append(f"{whom} flagged and still counted; the sensitivity analysis shows the results without.")
    return sentences


def _few(word: str, count: int) -> list[str]:
    """A plain warning where there are fewer raters or images than intervals need."""
    if count >= FEWEST:
        return []
    untested = " No p-values are given." if word == "rater" else ""
    if count == 1:
        return [f"There is one {word} only: the intervals speak of this {word}, and say nothing of others.{untested}"]
    return [
        f"Few {word}s: with {count}, fewer than {FEWEST}, how much {word}s differ is hardly known. Intervals are wide for it and still "
        f"rough; take them as a hint.{untested}"
    ]


def order_model(votes: Sequence[ChoiceVote]) -> tuple[Preferences, dict[str, float]] | None:
    """Davidson's model with its order effect of the pair votes with known sides; None where there is none to be told."""
    sided = [vote for vote in votes if vote.sided]
    if not order_is_known(sided) or any(len(vote.shown) != 2 or vote.ranking for vote in sided):
        return None
    try:
        return davidson(sided)
    except InvalidInputError:
        return None  # votes with known sides alone do not link all systems


def order_effect(
    votes: Sequence[ChoiceVote], fitted: Preferences | None, model: tuple[Preferences, dict[str, float]] | None
) -> dict[str, Any] | None:
    """What being shown first (left) does: `first_share` chosen, `effect` with interval and p-value, and its `unit`.

    Pairs: the log-odds that the first place adds (Davidson and Beaver 1977). Among several: by how much the share chosen in the first
    place exceeds what strengths give. None where the order is unknown or never varied.
    """
    sided = [vote for vote in votes if vote.sided and (vote.ranking or vote.winner is not None)]
    if fitted is None or not sided:
        return None
    best = [vote.ranking[0] if vote.ranking else vote.winner or "" for vote in sided]
    share = float(np.mean([vote.shown[0] == name for vote, name in zip(sided, best, strict=True)]))
    if model is not None:
        return {"first_share": share, **model[1], "unit": "log-odds"}
    if all(len(vote.shown) == 2 and not vote.ranking for vote in sided) or len({vote.shown for vote in sided}) < 2:
        return None
    return {"first_share": share, **_excess(sided, best, fitted), "unit": "share"}


def _excess(votes: Sequence[ChoiceVote], best: Sequence[str], fitted: Preferences) -> dict[str, float | None]:
    odds = dict(zip(fitted.names, np.exp(fitted.values), strict=True))
    over = np.array([(vote.shown[0] == name) - odds[vote.shown[0]] / sum(odds[other] for other in vote.shown)
                     for vote, name in zip(votes, best, strict=True)])  # fmt: skip
    cells = np.stack([over, np.ones(len(over))], axis=1)
    raters, images = places([vote.rater for vote in votes]), places([vote.image for vote in votes])
    around = spread(csr_array(cells), raters, images, lambda totals: totals[:, :1] / np.maximum(totals[:, 1:], 1))
    value, half = float(over.mean()), float(around.half_widths(np.eye(1))[0])
    p_value = float(around.p_values(np.eye(1), np.array([value]))[0])
    low, high = (max(-1.0, value - half), min(1.0, value + half)) if np.isfinite(half) else (None, None)
    return {"effect": value, "low": low, "high": high, "p_value": None if np.isnan(p_value) else p_value}


def detection(votes: Sequence[ChoiceVote]) -> list[dict[str, Any]]:
    """By system that met the reference with known sides: d′ and the criterion with intervals (`signal_detection`)."""
    met = [vote for vote in votes if REFERENCE in vote.shown and vote.sided]
    if not met:
        return []
    others = [next(name for name in vote.shown if name != REFERENCE) for vote in met]
    names = sorted(set(others))
    # A tie is half an answer for each side.
    rows = [(place, vote.shown[0] == side, 1.0 if vote.winner else 0.5)
            for place, vote in enumerate(met) for side in ([vote.winner] if vote.winner else vote.shown)]  # fmt: skip
    at, first, weight = (np.array(column) for column in zip(*rows, strict=True))
    original = np.array([vote.shown[0] == REFERENCE for vote in met])
    system = np.array([names.index(name) for name in others])
    raters, images = places([vote.rater for vote in met]), places([vote.image for vote in met])
    cells = signal.cells_of(original[at], first.astype(bool), system[at], len(names), weight)
    totals = np.asarray(cells.sum(axis=0)).ravel()
    values = signal.sensitivity_index(totals[None])[0]
    around = spread(cells, raters[at], images[at], signal.sensitivity_index, signal.independent_covariance(totals))
    halves = around.half_widths(np.eye(len(values)))
    return [
        {
            "name": name, "votes": int((system == place).sum()), "d_prime": float(values[place]),
            "low": float(values[place] - halves[place]), "high": float(values[place] + halves[place]),
            "criterion": float(values[place + len(names)]), "criterion_low": float((values - halves)[place + len(names)]),
            "criterion_high": float((values + halves)[place + len(names)]),
            "right": float((totals.reshape(-1, 4)[place, [0, 3]]).sum() / totals.reshape(-1, 4)[place].sum()),
        }
        for place, name in enumerate(names)
    ]  # fmt: skip


def effects_on_preference(votes: Sequence[ChoiceVote], connected: bool, systems_of: Callable) -> list[dict[str, Any]]:
    """By factor with more than one group: each group's systems, and the p-value of strengths being the same in all groups.

    The strengths of the test are those of half wins for ties: how many ties a group has is no preference. p_value is None where the
    design lets groups and images (or raters) not be told apart. Not of studies whose systems are not all `connected` by votes.
    """
    rows = []
    for factor, title in FACTORS.items():
        groups = [_group(vote, factor) for vote in votes]
        if not connected or len(set(groups)) < 2 or None in groups:
            continue
        ballots = luce_ballots(votes)
        blocks = grouping.grouped([groups[vote] for vote in ballots.vote], ballots.rater, ballots.image, ballots.cells)
        p_value = grouping.permutation_p(blocks, grouping.luce_fit(ballots))
        parts = [{"group": label, "systems": systems_of([vote for vote, group in zip(votes, groups, strict=True) if group == label], [])}
                 for label in sorted(set(groups), key=str)]  # fmt: skip
        rows.append({"factor": title, "p_value": p_value, "groups": parts})
    return rows


def effects_on_scores(values: Sequence[CategoryVote]) -> list[dict[str, Any]]:
    """The same for scores, by scale: whether the differences between systems are the same in all groups."""
    rows = []
    by_name: dict[str, list[CategoryVote]] = defaultdict(list)
    for value in values:
        by_name[value.scale].append(value)
    for each in by_scale(values):
        own = by_name[each.scale]
        for factor, title in FACTORS.items():
            groups = [_group(value, factor) for value in own]
            if len(set(groups)) < 2 or None in groups or len(each.names) < 2:
                continue
            p_value = grouping.permutation_p(grouping.grouped(groups, each.raters, each.images, each.cells), grouping.mean_gap)
            parts = [{"group": label, "systems": [row for part in by_scale([v for v, g in zip(own, groups, strict=True) if g == label])
                                                  for row in part.rows()]} for label in sorted(set(groups), key=str)]  # fmt: skip
            rows.append({"factor": title, "scale": each.scale, "p_value": p_value, "groups": parts})
    return rows


def _group(vote: ChoiceVote | CategoryVote, factor: str) -> str | None:
    value = getattr(vote, factor)
    if factor == "level" or value is None:
        return value
    return f"{MANY_INSTANCES} or more" if value >= MANY_INSTANCES else str(value)


def images_of_choices(votes: Sequence[ChoiceVote]) -> list[dict[str, Any]]:
    """By image, in order of name: its votes, and every system's votes and win rate there, without intervals: few votes are of one image."""
    shares: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    counts: Counter = Counter()
    for vote in votes:
        image = str(vote.image)
        counts[image] += 1
        for rank, name in enumerate(vote.ranking):
            shares[image][name].append(1 - rank / (len(vote.ranking) - 1))
        for name in () if vote.ranking else vote.shown:
            shares[image][name].append(0.5 if vote.winner is None else float(vote.winner == name))
    return [
        {"image": image, "votes": counts[image], "systems": [
            {"name": name, "votes": len(won), "win_rate": float(np.mean(won))} for name, won in sorted(by_name.items())]}
        for image, by_name in sorted(shares.items())
    ]  # fmt: skip


def images_of_scores(values: Sequence[CategoryVote]) -> list[dict[str, Any]]:
    """The same for scores: every system's mean there on each scale."""
    by_image: dict[str, dict[tuple[str, str], list[int]]] = defaultdict(lambda: defaultdict(list))
    for value in values:
        by_image[str(value.image)][value.system, value.scale].append(value.value)
    return [
        {"image": image, "votes": sum(map(len, by_name.values())), "systems": [
            {"name": name, "scale": scale, "votes": len(scores), "mean": float(np.mean(scores))}
            for (name, scale), scores in sorted(by_name.items())]}
        for image, by_name in sorted(by_image.items())
    ]  # fmt: skip


def sensitivity(votes: Sequence[Any], raters: Sequence[dict[str, Any]], systems_of: Callable[[list], list]) -> list[dict[str, Any]]:
    """The systems by other analyses of the same votes, each with its name, votes and raters; the main one is not repeated."""
    flagged = {row["rater"] for row in raters if row["flags"]}
    subsets = {
        "without flagged raters": [vote for vote in votes if vote.rater not in flagged],
        "people only": [vote for vote in votes if not vote.simulated],
        "without ties": [vote for vote in votes if isinstance(vote, CategoryVote) or vote.ranking or vote.winner is not None],
    }
    rows = [
        {"analysis": name, "votes": len(some), "raters": len({vote.rater for vote in some}), "systems": systems_of(some)}
        for name, some in subsets.items()
        if 0 < len(some) < len(votes)
    ]
    return rows


def other_models(
    votes: Sequence[ChoiceVote], model: tuple[Preferences, dict[str, float]] | None, reliability: Mapping[str, float] | None
) -> list[dict[str, Any]]:
    """The systems with order in the model, with ties as half wins, and by votes weighted by reliability, as `sensitivity` has them."""
    rows, count = [], {"votes": len(votes), "raters": len({vote.rater for vote in votes})}
    if model is not None and all(vote.sided for vote in votes):
        systems = [{"name": name, **model[0].system(place)} for place, name in enumerate(model[0].names)]
        rows.append({"analysis": "order and ties in the model (Davidson and Beaver)", **count, "systems": systems})
    if reliability is not None and any(dawid_skene.weights(reliability).values()):
        rates = win_rates.of_systems(votes, dawid_skene.weights(reliability))
        systems = [{"name": name, **row} for name, row in zip(rates.names, rates.rows(), strict=True)]
        rows.append({"analysis": "votes weighted by the rater's reliability (Dawid-Skene)", **count, "systems": systems})
    return rows
