"""What the analysis makes of studies whose truth is known: coverage of the intervals, flags, power.

    python -m tests.benchmarks.simulated_studies [--studies 50] [--planned 1000] [--json]

Five systems with known strengths; 40 raters of 60 votes on 60 images, of known reliability, one in ten of whom does not look; a liking
for the left side. A strength is *covered* where its 95 % interval holds the true one. Flagged raters are left out, as the report's
sensitivity analysis does; *all votes* keeps them; *order and ties modeled* is Davidson's model in place of Bradley and Terry's, for which
a tie is half a win, so that ties draw its strengths together. *Differing* raters and images have a taste of their own for each system
(0.2 logits).
Power: the share of studies whose difference between two systems stands after Holm's correction, beside what the planner says.
"""

import argparse
import json
import math
import sys
from dataclasses import replace

import numpy as np

from tests.workbench.simulated_studies import World, flagged_of, simulate
from workbench.analysis.power import PlannedComparison, power_of
from workbench.analysis.preference_strengths import Preferences, davidson, estimate

ASKED = World(rater_spread=0, image_spread=0)
WORLDS = {
    "as described": ASKED,
    "raters and images differ": World(),
    "ties, one in five": replace(ASKED, ties=0.2),
    "no checks": replace(ASKED, checks=0),
}
PLANS = {
    (3, 20, 25, 30, 0.2): (0.58, 0.62, 0.66),
    (2, 30, 20, 40, 0.2): (0.56, 0.60),
    (5, 40, 60, 60, 0.2): (0.56, 0.58),
    (3, 20, 25, 30, 0.4): (0.62, 0.70),
}
"""(systems, raters, votes of one, images, how much raters and images differ): win rates to be shown."""


def recovered(world: World, studies: int) -> dict[str, float]:
    """Coverage and flags over so many studies."""
    true, inside, kept_all, modeled = np.array(world.strengths), [], [], []
    hits = false = missed = 0
    for seed in range(studies):
        study = simulate(world, seed)
        flagged = flagged_of(study)
        hits, false = hits + len(flagged & study.spammers), false + len(flagged - study.spammers)
        missed += len(study.spammers - flagged)
        kept = [vote for vote in study.votes if vote.rater not in flagged]
        inside.append(_inside(estimate(kept), true))
        kept_all.append(_inside(estimate(study.votes), true))
        modeled.append(_inside(davidson(kept)[0], true))
    covered = np.array(inside)
    return {
        "covered": float(covered.mean()),
        "lowest_of_a_system": float(covered.mean(axis=0).min()),
        "all_five_at_once": float(covered.all(axis=1).mean()),
        "covered_by_all_votes": float(np.mean(kept_all)),
        "covered_by_davidson": float(np.mean(modeled)),
        "precision": hits / max(1, hits + false),
        "recall": hits / max(1, hits + missed),
        "spammers": hits + missed,
        "flagged": hits + false,
    }


def _inside(fitted: Preferences, true: np.ndarray) -> np.ndarray:
    halves = fitted.spread.half_widths(np.eye(len(true)))
    return np.abs(fitted.values - true) <= halves


def powers(plan: tuple, rate: float, studies: int) -> dict[str, float]:
    """The planner's power and the simulated one, with the latter's standard error."""
    systems, raters, trials, images, differ = plan
    difference = math.log(rate / (1 - rate))
    world = World(
        strengths=(difference / 2, -difference / 2, *[0.0] * (systems - 2)), raters=raters, trials=trials, images=images, spammers=0,
        side=0, side_spread=0, reliability_spread=0, rater_spread=differ, image_spread=differ, checks=0,
    )  # fmt: skip
    pairs, shown = math.comb(systems, 2), 0
    for seed in range(studies):
        test = estimate(simulate(world, seed).votes).difference(0, 1)
        shown += pairs * test["p_difference"] <= 0.05 and test["difference"] > 0
    share = shown / studies
    planned = power_of(PlannedComparison(systems, raters, trials, images, 0.0, differ, differ), rate)
    return {"planned": planned, "simulated": share, "error": math.sqrt(share * (1 - share) / studies)}


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--studies", type=int, default=50)
    parser.add_argument("--planned", type=int, default=1000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows: dict[str, list] = {"recovered": [], "powers": []}
    columns = ("strengths covered", "lowest of a system", "all five at once", "all votes", "order and ties modeled", "precision", "recall")
    say(f"| {options.studies} studies | " + " | ".join(columns) + " |\n|---|" + "---|" * len(columns))
    for name, world in WORLDS.items():
        row = recovered(world, options.studies)
        rows["recovered"].append({"world": name, **row})
        shares = ("covered", "lowest_of_a_system", "all_five_at_once", "covered_by_all_votes", "covered_by_davidson", "precision", "recall")
        say(f"| {name} | " + " | ".join(f"{row[key]:.3f}" for key in shares) + " |")
    say(f"\n| systems, raters, votes, images, differ | win rate | planned | {options.planned} simulated | error |\n|---|---|---|---|---|")
    for plan, rates in PLANS.items() if options.planned else ():
        for rate in rates:
            row = powers(plan, rate, options.planned)
            rows["powers"].append({"plan": plan, "win_rate": rate, **row})
            say(f"| {', '.join(map(str, plan))} | {rate:.2f} | {row['planned']:.3f} | {row['simulated']:.3f} | {row['error']:.3f} |")
    if options.json:
        say(json.dumps(rows))


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
