"""How many things a caption can color at once, with masks and without."""

from functools import partial

from pipelines.experiments.cases import Case, colors_of, with_masks, without_colors
from pipelines.experiments.frame import Condition, Experiment

MOST = 3


def _colored(case: Case, count: int, masked: bool) -> Case:
    """The case whose caption colors so many of its things."""
    fewer = without_colors(case, count)
    return fewer if masked else with_masks(fewer, [None] * len(fewer.phrases))


def _name(count: int, masked: bool) -> str:
    return f"{count} {'thing' if count == 1 else 'things'}, {'masks' if masked else 'looked for'}"


EXPERIMENT = Experiment(
    "instances",
    "Does a thing lose its color when the caption colors others beside it, and do masks help?",
    tuple(
        Condition(_name(count, masked), partial(_colored, count=count, masked=masked))
        for masked in (True, False)
        for count in range(1, MOST + 1)
    ),
    note=f"The same pictures with the first 1 to {MOST} of their colors said.",
    needs=lambda case: len(colors_of(case)) >= MOST,
)
