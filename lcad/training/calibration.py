"""How a checkpoint is sampled, chosen for what it was trained on: how vivid its colors may be, and how strongly captions guide.

The knee of chroma (`lcad.chroma.photographic`) and the scale of guidance were found for the base on its own photos. A release may be more
vivid than these, or calmer; its weights then paint what was reviewed, and a setting takes it back. So a few settings are tried on the
validation split, one after the other, and one is taken where the judge's score rises by more than LEAST.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from lcad.pipeline import LCADPipeline
from lcad.settings import PipelineSettings

LEAST = 0.003
SLOPES = (0.25, 0.75, 1.0)
SCALES = (0.75, 1.5)


def calibrate_sampling(pipeline: LCADPipeline, judge: Callable[[], dict[str, float]]) -> dict[str, float]:
    """Give a pipeline the settings that the judge's `score` is best with; return what the judge says of them."""
    best = judge()
    for ways in (_knees, _scales):
        for settings in list(ways(pipeline.settings)):
            own, pipeline.settings = pipeline.settings, settings
            measured = judge()
            if measured["score"] > best["score"] + LEAST:
                best = measured
            else:
                pipeline.settings = own
    return best


def _knees(own: PipelineSettings) -> Iterator[PipelineSettings]:
    """Other slopes above the knee that there is, the nearest first."""
    if own.knee is not None:
        slope = own.knee.slope
        for other in sorted((one for one in SLOPES if one != slope), key=lambda one: abs(one - slope)):
            yield replace(own, knee=replace(own.knee, slope=other))


def _scales(own: PipelineSettings) -> Iterator[PipelineSettings]:
    """Weaker and stronger guidance by the caption."""
    for factor in SCALES:
        yield replace(own, caption=replace(own.caption, scale=round(factor * own.caption.scale, 2)))
