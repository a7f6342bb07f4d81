"""Studies with a known truth: raters of known reliability, spammers, side bias, tastes and images that differ."""

from dataclasses import dataclass, field

import numpy as np

from workbench.analysis.rater_flags import raters_of
from workbench.analysis.rater_screening import of_choices
from workbench.analysis.vote_records import ChoiceVote

FIVE = (1.0, 0.5, 0.0, -0.5, -1.0)
SPAMMERS = ("coin", "left", "hasty", "right")


@dataclass(frozen=True)
class World:
    """What is true of a study before anybody votes; strengths in logits with mean zero."""

    strengths: tuple[float, ...] = FIVE
    raters: int = 40
    trials: int = 60
    images: int = 60
    spammers: float = 0.1
    """The share of raters who do not look."""
    side: float = 0.3
    """Log-odds that the left side adds, on average; raters differ by `side_spread`."""
    side_spread: float = 0.2
    reliability_spread: float = 0.15
    """The standard deviation of the logarithm of how sharply raters see."""
    rater_spread: float = 0.2
    image_spread: float = 0.2
    """Standard deviations over raters and over images of each system's strength."""
    ties: float = 0.0
    checks: int = 10
    """Trials with a known answer for each rater: careful ones miss one in twenty."""


@dataclass(frozen=True)
class Simulated:
    """A drawn study."""

    votes: list[ChoiceVote]
    spammers: set[str]
    checks: dict[str, tuple[int, int]] = field(default_factory=dict)


def simulate(world: World, seed: int) -> Simulated:
    """Votes of one study; the same seed gives the same ones."""
    draw = np.random.default_rng(seed)
    strengths = np.array(world.strengths)
    systems = len(strengths)
    names = [f"system-{place}" for place in range(systems)]
    pairs = np.array([(a, b) for a in range(systems) for b in range(a + 1, systems)])
    taste = world.rater_spread * draw.normal(size=(world.raters, systems))
    content = world.image_spread * draw.normal(size=(world.images, systems))
    sharp = np.exp(world.reliability_spread * draw.normal(size=world.raters))
    side = world.side + world.side_spread * draw.normal(size=world.raters)
    kinds = dict(
        zip(draw.permutation(world.raters)[: round(world.spammers * world.raters)].tolist(), SPAMMERS * world.raters, strict=False)
    )
    votes: list[ChoiceVote] = []
    checks: dict[str, tuple[int, int]] = {}
    for rater in range(world.raters):
        trials = draw.permutation(world.images * len(pairs))[: world.trials]
        image, pair = trials // len(pairs), pairs[trials % len(pairs)]
        swapped = draw.random(world.trials) < 0.5
        first, second = np.where(swapped, pair[:, 1], pair[:, 0]), np.where(swapped, pair[:, 0], pair[:, 1])
        worth = strengths + taste[rater] + content[image]
        rows = np.arange(world.trials)
        logits = sharp[rater] * (worth[rows, first] - worth[rows, second]) + side[rater]
        kind = kinds.get(rater)
        chance = {None: 1 / (1 + np.exp(-logits)), "left": np.full(world.trials, 0.95), "right": np.full(world.trials, 0.05)}.get(
            kind, np.full(world.trials, 0.5)
        )
        left = draw.random(world.trials) < chance
        tied = draw.random(world.trials) < world.ties
        name = f"rater-{rater:03d}"
        pace = 0.4 if kind == "hasty" else 3.0
        for row in rows:
            shown = (names[first[row]], names[second[row]])
            winner = None if tied[row] else shown[0 if left[row] else 1]
            unit = (int(image[row]), *sorted(shown))
            votes.append(ChoiceVote(name, unit, shown, winner, pace * float(np.exp(0.5 * draw.normal())), image=int(image[row])))
        checks[name] = (int(draw.binomial(world.checks, 0.5 if kind else 0.95)), world.checks)
    return Simulated(votes, {f"rater-{rater:03d}" for rater in kinds}, checks)


def flagged_of(study: Simulated) -> set[str]:
    """The raters whom the analysis flags."""
    rows = raters_of(study.votes, checks=study.checks, **of_choices(study.votes, study.checks, None))
    return {row["rater"] for row in rows if row["flags"]}
