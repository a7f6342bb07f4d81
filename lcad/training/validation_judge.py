"""What weights in training are worth to those who color with them: whether things get the colors asked for, and how near they come.

A validation loss says how well noise is told from latents. It can fall while no color changes, and rise while colors get better. So a
checkpoint is chosen by coloring validation photos as people do, from the caption alone, the phrases looked for by the model itself, and
judging the results in the masks that the release has (`lcad.metrics.adherence`), beside the mean ΔE00 to the target.
"""

from dataclasses import dataclass

import numpy as np

from lcad.dataset import Description, ReleaseDataset
from lcad.metrics import adherence, color_difference
from lcad.pipeline import LCADPipeline
from lcad.requests import Region
from lcad.terms import terms_in

UNITS = 100.0
"""One point of adherence (0.01) weighs as much as one ΔE00: the score is adherence − ΔE00 / UNITS."""


@dataclass(frozen=True, eq=False)
class Case:
    """A validation photo (S, S, 3) uint8 with one of its captions and the masks (N, S, S) bool of its phrases."""

    rgb: np.ndarray
    description: Description
    masks: np.ndarray

    @property
    def phrases(self) -> list[str]:
        """The words of the grounded phrases."""
        return [self.description.text[phrase.start : phrase.end] for phrase in self.description.phrases]


class ValidationJudge:
    """Colors the same validation photos with the same seeds each time it is called."""

    def __init__(self, pipeline: LCADPipeline, release: ReleaseDataset, most: int = 24, steps: int | None = None):
        self.pipeline, self.steps, self.cases = pipeline, steps, cases_of(release, most)

    def __call__(self) -> dict[str, float]:
        """`score`, and what it is made of: `adherence` in [0, 1], left out where no caption asks for a color in a mask, and `delta_e`."""
        self.pipeline.to()  # forget what the text encoder said of captions before it was trained further
        results = self.pipeline(
            [case.rgb for case in self.cases],
            [case.description.text for case in self.cases],
            [[Region((phrase.start, phrase.end)) for phrase in case.description.phrases] for case in self.cases],
            list(range(len(self.cases))),
            self.steps,
        ).images
        judged, far = [], []
        for case, result in zip(self.cases, map(np.asarray, results), strict=True):
            masks = [case.masks[phrase.mask] for phrase in case.description.phrases]
            score = adherence(result, case.phrases, masks).score
            judged += [] if score is None else [score]
            far.append(color_difference(result, case.rgb))
        share, distance = float(np.mean(judged)) if judged else 0.0, float(np.mean(far))
        return {"score": share - distance / UNITS, **({"adherence": share} if judged else {}), "delta_e": distance}


def cases_of(release: ReleaseDataset, most: int) -> list[Case]:
    """At most so many photos of a split, evenly through it, each under the caption that asks for the most colors in masks."""
    picked = np.unique(np.linspace(0, len(release) - 1, min(most, len(release))).round().astype(int))
    examples = (release[int(index)] for index in picked)
    return [Case(example.rgb, max(example.descriptions, key=_asking), example.masks) for example in examples]


def _asking(description: Description) -> int:
    return sum(bool(terms_in(description.text[phrase.start : phrase.end])) for phrase in description.phrases)
