"""What the statistics of studies make of studies whose truth is known: the tables of docs/analysis.md.

    python -m tests.benchmarks.study_statistics [--studies 500] [--state FILE] [PART …]

Parts: coverage, designs, few, agreement, fit, effects, scores, reliability. Every part prints its table as it goes, and with a file of
state goes on where it was stopped. `tests.workbench.known_truth` draws the studies; the truth is that of the whole population of raters
and images that they are drawn from.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.workbench import known_scores
from tests.workbench.known_truth import UNANSWERED, World, outcomes, pair_rates_of_many, pair_votes, population, strengths_of_many
from workbench.analysis.agreement import agreement, krippendorff_alpha
from workbench.analysis.cluster_spread import contrast_pairs
from workbench.analysis.dawid_skene import weights
from workbench.analysis.goodness_of_fit import MISFIT, model_fit
from workbench.analysis.preference_strengths import estimate
from workbench.analysis.rater_screening import reliabilities
from workbench.analysis.win_rates import interval, of_systems

BATCH = 100
BOUNDS = (0.935, 0.965)
"""A row with a coverage outside of these is made of four times as many studies, so that chance does not decide on which side of 0.93 or
0.97 it lies."""

VARIANCES = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5))
DESIGNS = {
    "2 systems, 40 images": World(strengths=(0.4, -0.4), images=40, ties=0.1),
    "5 systems, 12 images": World(strengths=(1.0, 0.5, 0.0, -0.5, -1.0), images=12, ties=0.2),
    "4 systems, 16 images, raters answer 30 to 100 %": World(strengths=(0.7, 0.2, -0.1, -0.8), images=16, ties=0.3, answered=(0.3, 1.0)),
    "3 systems, 60 images, raters answer 20 to 50 %": World(strengths=(0.3, 0.1, -0.4), images=60, answered=(0.2, 0.5)),
}
"""Unlike those of `coverage` in everything."""

Covered = dict[str, list[np.ndarray]]


def coverage_of(world: World, studies: int, first: int = 0) -> dict[str, float]:
    """Shares of 95 % intervals that hold the truth: of strengths, of their differences, of pairs' win rates; and false alarms."""
    return {key: float(np.mean(value)) for key, value in _covered(world, studies, first).items()}


def _covered(world: World, studies: int, first: int) -> Covered:
    truth, size = population(world), len(world.strengths)
    equal = replace(world, strengths=(0.0,) * size)
    differences = contrast_pairs([tuple(pair) for pair in world.pairs.tolist()], size)
    covered: Covered = {"strengths": [], "differences": [], "win rates": [], "of differences": [], "of win rates": []}
    for seed in range(first, first + -(-studies // BATCH)):
        answers = outcomes(world, seed, BATCH)
        strengths = strengths_of_many(world, answers)
        for values, spread in zip(strengths.values, strengths.spreads, strict=True):
            away = values - truth.strengths
            covered["strengths"].append(np.abs(away) <= spread.half_widths(np.eye(size)))
            covered["differences"].append(np.abs(differences @ away) <= spread.half_widths(differences))
        for low, high in _rate_intervals(world, answers):
            covered["win rates"].append((low <= truth.pair_rates) & (truth.pair_rates <= high))
        null = outcomes(equal, 10_000_000 + seed, BATCH)
        strengths = strengths_of_many(equal, null)
        for values, spread in zip(strengths.values, strengths.spreads, strict=True):
            covered["of differences"].append(spread.p_values(differences, values) <= 0.05)
        covered["of win rates"] += [(low > 0.5) | (high < 0.5) for low, high in _rate_intervals(equal, null)]
    return covered


def _rate_intervals(world: World, answers: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    rates, votes = pair_rates_of_many(world, answers), (answers != UNANSWERED).sum(axis=(1, 2))
    for values, counts, spread in zip(rates.values, votes, rates.spreads, strict=True):
        yield interval(values, counts, *spread.variances(np.eye(len(values))))


def row_of(world: World, studies: int, first: int) -> tuple[str, ...]:
    """How many studies, and the shares of `coverage_of`; of more studies where chance could decide."""
    covered = _covered(world, studies, first)
    shares = [np.mean(covered[key]) for key in ("strengths", "differences", "win rates")]
    alarms = [np.mean(covered[key]) for key in ("of differences", "of win rates")]
    if not all(BOUNDS[0] <= share <= BOUNDS[1] for share in shares) or max(alarms) > 0.055:
        more = _covered(world, 3 * studies, first + 1000)
        covered = {key: [*covered[key], *more[key]] for key in covered}
    return str(len(covered["strengths"])), *(f"{np.mean(value):.3f}" for value in covered.values())


NAMED = ("studies", "strengths", "differences", "win rates", "alarms, differences", "alarms, rates")


def coverage(studies: int) -> None:
    """6, 12 and 30 raters; ties; raters and images that differ."""
    head("raters", "ties", "rater variance", "image variance", *NAMED)
    for raters in (6, 12, 30):
        for ties in (0.0, 0.2, 0.4):
            for variance in VARIANCES:
                world = World(raters=raters, ties=ties, rater_variance=variance[0], image_variance=variance[1])
                line((raters, f"{ties:.0%}", *variance), lambda world=world: row_of(world, studies, 300_000))


def designs(studies: int) -> None:
    """Designs, strengths and variances of their own."""
    head("design", "raters", "variances", *NAMED)
    for name, world in DESIGNS.items():
        for raters in (6, 12, 30):
            for variance in (0.0, 0.15, 0.5):
                drawn = replace(world, raters=raters, rater_variance=variance, image_variance=variance)
                line((name, raters, variance), lambda drawn=drawn: row_of(drawn, studies, 800_000))


def few(studies: int) -> None:
    """Two to five raters: intervals with a warning and no p-value."""
    head("raters", "rater variance", "strengths", "differences", "win rates")
    for raters in (2, 3, 4, 5):
        for variance in (0.0, 0.5):
            world = World(raters=raters, rater_variance=variance)
            line(
                (raters, variance),
                lambda world=world: [f"{share:.3f}" for share in list(coverage_of(world, studies, 600_000).values())[:3]],
            )


def agreement_of(votes) -> dict:
    """The agreement of pair votes."""
    sides = ["tie" if vote.winner is None else "first" if vote.winner == min(vote.shown) else "second" for vote in votes]
    columns = [vote.unit for vote in votes], sides, [vote.rater for vote in votes], [vote.image for vote in votes]
    return agreement(*columns, "nominal", mirrored=True)


def true_alpha(world: World) -> float:
    """Alpha of the units of many studies together, of twenty raters each."""
    answers = outcomes(replace(world, raters=20, images=10), 9, 1500).transpose(0, 2, 3, 1).reshape(-1, 20)
    return krippendorff_alpha(np.concatenate([answers, np.array([1, 0, 2])[answers]]).tolist())


def renamed(votes, names):
    """The same votes with other names for the systems, every other unit shown the other way round."""
    return [
        replace(vote, shown=tuple(names[name] for name in vote.shown)[:: -1 if place % 2 else 1], winner=names.get(vote.winner))
        for place, vote in enumerate(votes)
    ]


def agreements(studies: int) -> None:
    """Coverage of alpha's interval, its mean, and how far renaming and mirroring move it."""
    head("raters", "ties", "rater variance", "image variance", "alpha", "mean estimate", "covered", "moved by renaming at most")
    for raters in (6, 12, 30):
        for ties in (0.0, 0.4):
            for variance in VARIANCES:
                world = World(raters=raters, ties=ties, rater_variance=variance[0], image_variance=variance[1])
                line((raters, f"{ties:.0%}", *variance), lambda world=world: _agreement_row(world, studies))


def _agreement_row(world: World, studies: int) -> tuple[str, ...]:
    names = {"system-0": "z", "system-1": "m", "system-2": "a"}
    truth, moved, rows = true_alpha(world), 0.0, []
    for seed in range(studies):
        votes = pair_votes(world, 700_000 + seed)
        rows.append(agreement_of(votes))
        if seed < 20:
            moved = max(moved, abs(rows[-1]["alpha"] - agreement_of(renamed(votes, names))["alpha"]))
    inside = np.mean([row["low"] <= truth <= row["high"] for row in rows])
    return f"{truth:.3f}", f"{np.mean([row['alpha'] for row in rows]):.3f}", f"{inside:.3f}", f"{moved:.0e}"


def scores(studies: int) -> None:
    """Recovered scores by scores a picture; alpha of noise on two scales, each and pooled."""
    head("scores a picture", "subjects", "recovered scores covered", "mean scores covered")
    for each in (4, 8, 16):
        line((each, known_scores.SUBJECTS), lambda each=each: known_scores.recovered_coverage(each, studies))
    head("scales", "mean alpha of noise")
    line(("each by itself and pooled",), lambda: (" and ".join(f"{alpha:.3f}" for alpha in known_scores.alpha_of_noise(studies)),))


def effects(studies: int) -> None:
    """The permutation test, one of twenty images in both groups."""
    head("images in both groups", "effect (logits)", "p ≤ 0.05")
    for shared in (0, 1, 20):
        for effect in (0.0, 1.0):
            line((shared, effect), lambda shared=shared, effect=effect: (_found_effects(shared, effect, studies),))


def _found_effects(shared: int, effect: float, studies: int) -> str:
    return f"{np.mean([known_scores.effect_p(shared, effect, 500_000 + seed) <= 0.05 for seed in range(studies)]):.3f}"


def reliability(studies: int) -> None:
    """Win rates with votes weighted by reliability, a third of the raters guessing."""
    head("win rate of those who look", "votes as they are", "weighted", "reversed")
    for rate in (0.6, 0.71, 0.85):
        line((rate,), lambda rate=rate: _weighted(rate, studies))


def _weighted(rate: float, studies: int) -> tuple[str, ...]:
    plain, weighted = [], []
    for seed in range(studies):
        votes = known_scores.votes_with_guessers(rate, 500_000 + seed)
        plain.append(of_systems(votes).rates[1])
        weighted.append(of_systems(votes, weights(reliabilities(votes))).rates[1])
    return f"{np.mean(plain):.3f}", f"{np.mean(weighted):.3f}", f"{np.mean(np.array(weighted) < 0.5):.3f}"


def fit(studies: int) -> None:
    """The test of transitivity: false alarms, and how often a circle is found."""
    head("raters", "systems", "variances", "circle (logits)", "p < 0.05", "misfit told", "circle named")
    for raters in (6, 12, 30):
        for strengths in ((0.6, 0.0, -0.6), (0.8, 0.4, 0.0, -0.4, -0.8)):
            for variance in (0.0, 0.5):
                for circle in (0.0, 1.0):
                    if circle and len(strengths) > 3:
                        continue
                    chosen = (0.0,) * 3 if circle else strengths
                    world = World(strengths=chosen, raters=raters, rater_variance=variance, image_variance=variance, circle=circle)
                    line((raters, len(strengths), variance, circle), lambda world=world: _fit_row(world, studies))


def _fit_row(world: World, studies: int) -> tuple[str, ...]:
    fits = [model_fit(estimate(pair_votes(world, 400_000 + seed))) for seed in range(studies)]
    shares = ([each["p_value"] < MISFIT for each in fits], [not each["holds"] for each in fits], [bool(each["cycles"]) for each in fits])
    return tuple(f"{np.mean(share):.3f}" for share in shares)


PARTS: dict[str, Callable[[int], None]] = {
    "coverage": coverage, "designs": designs, "few": few, "agreement": agreements, "fit": fit, "effects": effects, "scores": scores,
    "reliability": reliability,
}  # fmt: skip

table: list[str] = []
"""The names of the table that is being written."""
done: dict[str, list[str]] = {}
"""Rows that a file of state has, by what they are about."""
state: list[Path] = []
"""That file, where there is one."""


def head(*names: str) -> None:
    """The head of a table."""
    table.append(" ".join(names))
    sys.stdout.write(f"\n| {' | '.join(names)} |\n|{'---|' * len(names)}\n")


def line(about: tuple[object, ...], made: Callable[[], Sequence[str]]) -> None:
    """A row of a table, at once: what it is about, and what comes of it unless that is known from before."""
    key = json.dumps([table[-1], *about])
    if key not in done:
        done[key] = list(made())
        for path in state:
            with path.open("a") as file:
                file.write(json.dumps({"about": key, "found": done[key]}) + "\n")
    sys.stdout.write(f"| {' | '.join(map(str, [*about, *done[key]]))} |\n")
    sys.stdout.flush()


def main() -> None:
    """Print the tables of the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--studies", type=int, default=500)
    parser.add_argument("--state", type=Path)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    options = parser.parse_args()
    if options.state:
        state.append(options.state)
        if options.state.exists():
            done.update((row["about"], row["found"]) for row in map(json.loads, options.state.read_text().splitlines()))
    for name in options.parts or PARTS:
        PARTS[name](options.studies)


if __name__ == "__main__":
    main()
