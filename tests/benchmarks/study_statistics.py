"""What the statistics of studies make of studies whose truth is known: the tables of docs/analysis.md.

    python -m tests.benchmarks.study_statistics [--studies 500] [PART …]

Parts: coverage, agreement, scores, effects, reliability, fit, few. Every part prints its table as it goes. `tests.workbench.known_truth`
draws the studies; the truth is that of the whole population of raters and images that they are drawn from.
"""

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tests.workbench import known_scores
from tests.workbench.known_truth import World, outcomes, pair_rates_of_many, pair_votes, population, strengths_of_many
from workbench.analysis.agreement import agreement, krippendorff_alpha
from workbench.analysis.cluster_spread import contrast_pairs
from workbench.analysis.dawid_skene import weights
from workbench.analysis.goodness_of_fit import MISFIT, model_fit
from workbench.analysis.preference_strengths import estimate
from workbench.analysis.rater_screening import reliabilities
from workbench.analysis.win_rates import interval, of_pairs, of_systems

BATCH = 100
VARIANCES = ((0.0, 0.0), (0.5, 0.0), (0.0, 0.5), (0.5, 0.5))
DIFFERENCES = contrast_pairs([(0, 1), (0, 2), (1, 2)], 3)


def coverage_of(world: World, studies: int) -> dict[str, float]:
    """Shares of 95 % intervals that hold the truth: of strengths, of their differences, of pairs' win rates; and false alarms."""
    truth, equal = population(world), replace(world, strengths=(0.0, 0.0, 0.0))
    inside: dict[str, list[np.ndarray]] = {"strengths": [], "differences": [], "win rates": []}
    alarms: dict[str, list[np.ndarray]] = {"of differences": [], "of win rates": []}
    votes = np.full(3, world.raters * world.images)
    for seed in range(-(-studies // BATCH)):
        answers, null = outcomes(world, seed, BATCH), outcomes(equal, 10_000 + seed, BATCH)
        strengths, rates = strengths_of_many(world, answers), pair_rates_of_many(world, answers)
        for values, spread in zip(strengths.values, strengths.spreads, strict=True):
            away = values - truth.strengths
            inside["strengths"].append(np.abs(away) <= spread.half_widths(np.eye(3)))
            inside["differences"].append(np.abs(DIFFERENCES @ away) <= spread.half_widths(DIFFERENCES))
        for values, spread in zip(rates.values, rates.spreads, strict=True):
            low, high = interval(values, votes, *spread.variances(np.eye(3)))
            inside["win rates"].append((low <= truth.pair_rates) & (truth.pair_rates <= high))
        strengths, rates = strengths_of_many(equal, null), pair_rates_of_many(equal, null)
        for values, spread in zip(strengths.values, strengths.spreads, strict=True):
            alarms["of differences"].append(spread.p_values(DIFFERENCES, values) <= 0.05)
        for values, spread in zip(rates.values, rates.spreads, strict=True):
            low, high = interval(values, votes, *spread.variances(np.eye(3)))
            alarms["of win rates"].append((low > 0.5) | (high < 0.5))
    return {key: float(np.mean(value)) for key, value in (inside | alarms).items()}


def coverage(studies: int) -> None:
    """6, 12 and 30 raters; ties; raters and images that differ."""
    named = ("strengths", "differences", "win rates", "alarms, differences", "alarms, rates")
    head("raters", "ties", "rater variance", "image variance", *named)
    for raters in (6, 12, 30):
        for ties in (0.0, 0.2, 0.4):
            for variance in VARIANCES:
                world = World(raters=raters, ties=ties, rater_variance=variance[0], image_variance=variance[1])
                line(raters, f"{ties:.0%}", *variance, *(f"{value:.3f}" for value in coverage_of(world, studies).values()))


def few(studies: int) -> None:
    """Two to five raters: intervals with a warning and no p-value."""
    head("raters", "rater variance", "strengths", "differences", "win rates")
    for raters in (2, 3, 4, 5):
        for variance in (0.0, 0.5):
            world = World(raters=raters, rater_variance=variance)
            truth, inside = population(world), [[], [], []]
            for seed in range(studies):
                votes = pair_votes(world, seed)
                fitted = estimate(votes)
                away = fitted.values - truth.strengths
                inside[0].append(np.abs(away) <= fitted.spread.half_widths(np.eye(3)))
                inside[1].append(np.abs(DIFFERENCES @ away) <= fitted.spread.half_widths(DIFFERENCES))
                rows = zip(of_pairs(votes).rows(), truth.pair_rates, strict=True)
                inside[2].append([row["win_rate_low"] <= rate <= row["win_rate_high"] for row, rate in rows])
            line(raters, variance, *(f"{np.mean(value):.3f}" for value in inside))


def agreement_of(votes) -> dict:
    """The agreement of pair votes."""
    sides = ["tie" if vote.winner is None else "first" if vote.winner == min(vote.shown) else "second" for vote in votes]
    columns = [vote.unit for vote in votes], sides, [vote.rater for vote in votes], [vote.image for vote in votes]
    return agreement(*columns, "nominal", mirrored=True)


def true_alpha(world: World, studies: int = 2000) -> float:
    """Alpha of the units of many studies together."""
    answers = outcomes(world, 1, studies)
    units = answers.transpose(0, 2, 3, 1).reshape(-1, world.raters)
    mirrored = np.array([1, 0, 2])[units]
    return krippendorff_alpha(np.concatenate([units, mirrored]).tolist())


def renamed(votes, names):
    """The same votes with other names for the systems, every other unit shown the other way round."""
    return [
        replace(vote, shown=tuple(names[name] for name in vote.shown)[:: -1 if place % 2 else 1], winner=names.get(vote.winner))
        for place, vote in enumerate(votes)
    ]


def agreements(studies: int) -> None:
    """Coverage of alpha's interval, its mean, and how far renaming and mirroring move it."""
    head("raters", "ties", "rater variance", "image variance", "alpha", "mean estimate", "covered", "moved by renaming at most")
    names = {"system-0": "z", "system-1": "m", "system-2": "a"}
    for raters in (6, 12):
        for ties in (0.0, 0.4):
            for variance in ((0.0, 0.0), (0.5, 0.5)):
                world = World(raters=raters, ties=ties, rater_variance=variance[0], image_variance=variance[1])
                truth, estimates, moved = true_alpha(world), [], 0.0
                for seed in range(studies):
                    votes = pair_votes(world, seed)
                    estimates.append(agreement_of(votes))
                    moved = max(moved, abs(estimates[-1]["alpha"] - agreement_of(renamed(votes, names))["alpha"]))
                inside = np.mean([row["low"] <= truth <= row["high"] for row in estimates])
                mean = np.mean([row["alpha"] for row in estimates])
                line(raters, f"{ties:.0%}", *variance, f"{truth:.3f}", f"{mean:.3f}", f"{inside:.3f}", f"{moved:.0e}")


def scores(studies: int) -> None:
    """Recovered scores by scores a picture; alpha of noise on two scales, each and pooled."""
    head("scores a picture", "subjects", "recovered scores covered", "mean scores covered")
    for row in known_scores.recovered_coverage(studies):
        line(*row)
    apart, pooled = known_scores.alpha_of_noise(studies)
    head("scales", "mean alpha of noise")
    line("each by itself", f"{apart:.3f}")
    line("pooled", f"{pooled:.3f}")


def effects(studies: int) -> None:
    """The permutation test, one of twenty images in both groups."""
    head("images in both groups", "effect (logits)", "p ≤ 0.05")
    for shared in (0, 1, 20):
        for effect in (0.0, 1.0):
            line(shared, effect, f"{np.mean([known_scores.effect_p(shared, effect, seed) <= 0.05 for seed in range(studies)]):.3f}")


def reliability(studies: int) -> None:
    """Win rates with votes weighted by reliability, a third of the raters guessing."""
    head("win rate of those who look", "votes as they are", "weighted", "reversed")
    for rate in (0.6, 0.71, 0.85):
        plain, weighted = [], []
        for seed in range(studies):
            votes = known_scores.votes_with_guessers(rate, seed)
            plain.append(of_systems(votes).rates[1])
            weighted.append(of_systems(votes, weights(reliabilities(votes))).rates[1])
        line(rate, f"{np.mean(plain):.3f}", f"{np.mean(weighted):.3f}", f"{np.mean(np.array(weighted) < 0.5):.3f}")


def fit(studies: int) -> None:
    """The test of transitivity: false alarms, and how often a circle is found."""
    head("raters", "systems", "variances", "circle (logits)", "misfit found", "circle named")
    for raters in (6, 12, 30):
        for strengths in ((0.6, 0.0, -0.6), (0.8, 0.4, 0.0, -0.4, -0.8)):
            for variance in (0.0, 0.5):
                for circle in (0.0, 1.0):
                    if circle and len(strengths) > 3:
                        continue
                    chosen = (0.0,) * 3 if circle else strengths
                    world = World(strengths=chosen, raters=raters, rater_variance=variance, image_variance=variance, circle=circle)
                    estimates = [model_fit(estimate(pair_votes(world, seed))) for seed in range(studies)]
                    missed = np.mean([each["p_value"] < MISFIT for each in estimates])
                    named = np.mean([bool(each["cycles"]) for each in estimates])
                    line(raters, len(strengths), variance, circle, f"{missed:.3f}", f"{named:.3f}")


PARTS: dict[str, Callable[[int], None]] = {
    "coverage": coverage, "agreement": agreements, "scores": scores, "effects": effects, "reliability": reliability, "fit": fit, "few": few,
}  # fmt: skip


def head(*names: str) -> None:
    """The head of a table."""
    sys.stdout.write("\n")
    line(*names)
    line(*["---"] * len(names))


def line(*cells: object) -> None:
    """A row of a table, at once."""
    sys.stdout.write(f"| {' | '.join(map(str, cells))} |\n")
    sys.stdout.flush()


def main() -> None:
    """Print the tables of the parts that are asked for."""
    arguments = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--studies", type=int, default=500)
    arguments.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    given = arguments.parse_args()
    for name in given.parts or PARTS:
        PARTS[name](given.studies)


if __name__ == "__main__":
    main()
