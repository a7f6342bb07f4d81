"""What captions of the three levels give: the same pictures, with all, some and none of their colors said."""

from pipelines.experiments.cases import Case, colors_of, without_colors
from pipelines.experiments.frame import Condition, Experiment


def _half(case: Case) -> Case:
    return without_colors(case, len(colors_of(case)) // 2)


def _none(case: Case) -> Case:
    return without_colors(case, 0)


EXPERIMENT = Experiment(
    "levels",
    "How much nearer to the original does a picture come the more of its colors the caption says?",
    (Condition("complete"), Condition("partial", _half), Condition("scarce", _none)),
    "delta_e",
    "Partial says half of the colors, scarce none; adherence is that of the colors which are said.",
    lambda case: len(colors_of(case)) > 1,
)
