"""An experiment: conditions under which the same cases are colored, and what each measures beside the first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import PIL.Image

from lcad import LCADPipeline
from lcad.metrics import adherence, compare
from lcad.settings import PipelineSettings
from pipelines.experiments.cases import Case
from pipelines.inference.colorize import Sampling, colorize
from workbench.analysis.image_bootstrap import MeanInterval, mean_interval, paired_interval

MEASURES = ("adherence", "right", "delta_e", "bleeding", "colorfulness")
BETTER = {"adherence": 1, "right": 1, "delta_e": -1, "bleeding": -1}
"""Which way is better; more colorfulness is neither."""
BATCH = 8


AS_SET = Sampling(batch_size=BATCH)


def _as_it_is(case: Case) -> Case:
    return case


@dataclass(frozen=True)
class Condition:
    """One way to color cases.

    change    makes the case of this condition of a case
    settings  makes the checkpoint's settings of this condition of its own
    sampling  what differs in a call
    """

    name: str
    change: Callable[[Case], Case] = _as_it_is
    settings: Callable[[PipelineSettings], PipelineSettings] | None = None
    sampling: Sampling = AS_SET


@dataclass(frozen=True)
class Experiment:
    """A question, the conditions that answer it, the measure that the answer is about, and the axis that the plot has.

    needs  says which cases take part; a case takes part under all conditions or under none
    """

    name: str
    question: str
    conditions: tuple[Condition, ...]
    measure: str = "adherence"
    note: str = ""
    needs: Callable[[Case], bool] = lambda case: True


@dataclass(frozen=True, eq=False)
class Outcome:
    """What a condition gave: of each case its numbers by measure, and its picture."""

    condition: str
    rows: list[dict[str, float | None]]
    pictures: list[PIL.Image.Image]
    captions: list[str]


@dataclass(frozen=True, eq=False)
class Answer:
    """The outcomes of all conditions on the same cases."""

    experiment: Experiment
    cases: list[Case]
    outcomes: list[Outcome]

    @property
    def images(self) -> list[str]:
        """What intervals are over."""
        return [case.image for case in self.cases]

    def mean(self, outcome: Outcome, measure: str) -> MeanInterval | None:
        """The mean of a measure with its interval."""
        return mean_interval([row[measure] for row in outcome.rows], self.images)

    def change(self, outcome: Outcome, measure: str) -> MeanInterval | None:
        """The mean difference to the first condition with its interval, over the cases that both could be judged on."""
        first = [row[measure] for row in self.outcomes[0].rows]
        return paired_interval(first, [row[measure] for row in outcome.rows], self.images)


def carried_out(
    experiment: Experiment, pipeline: LCADPipeline, cases: Sequence[Case], progress: Callable[[int, int], object] = lambda done, total: None
) -> Answer:
    """Color all cases under all conditions; `progress` is told conditions done, of all.

    Raises ValueError where no case can take part.
    """
    whole = [case for case in cases if experiment.needs(case)]
    if not whole:
        raise ValueError(f"no item of this split can take part in the experiment {experiment.name}: {experiment.question}")
    outcomes, own = [], pipeline.settings
    for number, condition in enumerate(experiment.conditions):
        pipeline.settings = condition.settings(own) if condition.settings else own
        try:
            outcomes.append(_outcome(condition, pipeline, [condition.change(case) for case in whole]))
        finally:
            pipeline.settings = own
        progress(number + 1, len(experiment.conditions))
    return Answer(experiment, whole, outcomes)


def _outcome(condition: Condition, pipeline: LCADPipeline, cases: Sequence[Case]) -> Outcome:
    results = colorize(pipeline, [case.picture for case in cases], condition.sampling)
    pictures = [result.image for result in results]
    rows = [_measured(case, np.asarray(picture)) for case, picture in zip(cases, pictures, strict=True)]
    return Outcome(condition.name, rows, pictures, [case.caption for case in cases])


def _measured(case: Case, pixels: np.ndarray) -> dict[str, float | None]:
    """The numbers of a result, judged in the phrases' own masks whichever steered it."""
    colored = case.colored
    masks = [phrase.mask for phrase in colored]
    judged = adherence(pixels, [case.caption[phrase.start : phrase.end] for phrase in colored], masks)
    values = compare(pixels, case.rgb, judged, masks)
    return {name: None if values[name] is None else float(values[name]) for name in MEASURES}


def with_sampling(**options: object) -> Sampling:
    """How a condition samples, in batches of BATCH."""
    return replace(AS_SET, **options)
