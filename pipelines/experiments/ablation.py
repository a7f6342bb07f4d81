"""What each part of the way from a caption to colors is worth: one left out at a time."""

from collections.abc import Callable
from dataclasses import replace

from lcad.settings import PipelineSettings
from pipelines.experiments.frame import Condition, Experiment


def _without(**settings: object) -> Callable[[PipelineSettings], PipelineSettings]:
    return lambda own: replace(own, **settings)


def _no_guidance(own: PipelineSettings) -> PipelineSettings:
    return replace(own, caption=replace(own.caption, scale=1.0))


def _no_bias(own: PipelineSettings) -> PipelineSettings:
    return replace(own, instance=replace(own.instance, strength=0.0))


EXPERIMENT = Experiment(
    "ablation",
    "What is each part of the way from a caption to colors worth?",
    (
        Condition("all parts"),
        Condition("no masks", settings=_no_bias),
        Condition("no closer looks", settings=_without(crop_refinement=None)),
        Condition("no guidance by the caption", settings=_no_guidance),
        Condition("nothing expected", settings=_without(expected=0.0)),
        Condition("no liveliness", settings=_without(lively=None)),
        Condition("no knee of chroma", settings=_without(knee=None)),
    ),
    note="A part that a checkpoint does not have changes nothing when it is left out. Without masks there are no closer looks.",
)
