"""What weights in training are worth to those who color with them: whether things get the colors asked for, and how near they come.

A validation loss says how well noise is told from latents. It can fall while no color changes, and rise while colors get better. So a
checkpoint is chosen by coloring validation photos as an evaluation of it will, under a caption and with the masks that the release has of
its phrases, and judging the results in these masks (`lcad.metrics.adherence`), beside the mean ΔE00 to the target.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import PIL.Image

from lcad.dataset import Description, Examples
from lcad.metrics import adherence, color_difference
from lcad.pipeline import LCADPipeline
from lcad.requests import Region
from lcad.terms import terms_in

MOST, SHOWN = 24, 6
"""Photos that are colored, and of these on a sheet."""
UNITS = 100.0
"""One point of adherence (0.01) weighs as much as one ΔE00: the score is adherence − ΔE00 / UNITS."""


@dataclass(frozen=True, eq=False)
class Case:
    """A validation photo (S, S, 3) uint8 with one of its captions and the masks (N, S, S) bool of its phrases."""

    rgb: np.ndarray
    description: Description
    masks: np.ndarray

    @property
    def regions(self) -> list[Region]:
        """The grounded phrases with their masks."""
        return [Region((phrase.start, phrase.end), self.masks[phrase.mask]) for phrase in self.description.phrases]

    @property
    def phrases(self) -> list[str]:
        """The words of the grounded phrases."""
        return [self.description.text[phrase.start : phrase.end] for phrase in self.description.phrases]


class ValidationJudge:
    """Colors the same validation photos with the same seeds each time it is called.

    pictures  a folder that gets a sheet of some of them, `NNNNNN.webp` by the step that they were made at; None keeps none
    """

    def __init__(
        self, pipeline: LCADPipeline, release: Examples, most: int = MOST, steps: int | None = None, pictures: Path | None = None
    ):  # fmt: skip
        self.pipeline, self.steps, self.cases, self.pictures = pipeline, steps, cases_of(release, most), pictures

    def __call__(self, step: int | None = None) -> dict[str, float]:
        """`score`, and what it is made of: `adherence` in [0, 1], left out where no caption asks for a color in a mask, and `delta_e`."""
        self.pipeline.to()  # forget what the text encoder said of captions before it was trained further
        results = self.pipeline(
            [case.rgb for case in self.cases],
            [case.description.text for case in self.cases],
            [case.regions for case in self.cases],
            list(range(len(self.cases))),
            self.steps,
        ).images
        if self.pictures is not None and step is not None:
            self._keep(results, self.pictures / f"{step:06}.webp")
        judged, far = [], []
        for case, result in zip(self.cases, map(np.asarray, results), strict=True):
            masks = [case.masks[phrase.mask] for phrase in case.description.phrases]
            score = adherence(result, case.phrases, masks).score
            judged += [] if score is None else [score]
            far.append(color_difference(result, case.rgb))
        share, distance = float(np.mean(judged)) if judged else 0.0, float(np.mean(far))
        return {"score": share - distance / UNITS, **({"adherence": share} if judged else {}), "delta_e": distance}

    def _keep(self, results: Sequence[PIL.Image.Image], path: Path) -> None:
        """Write a sheet: a row of results, and under it what they should be."""
        shown = list(zip(results, self.cases, strict=True))[:SHOWN]
        rows = [np.concatenate(row, 1) for row in ([np.asarray(one) for one, _ in shown], [case.rgb for _, case in shown])]
        path.parent.mkdir(parents=True, exist_ok=True)
        PIL.Image.fromarray(np.concatenate(rows)).save(path, quality=85)


def cases_of(release: Examples, most: int) -> list[Case]:
    """At most so many photos of a split, evenly through it, each under the caption that asks for the most colors in masks."""
    picked = np.unique(np.linspace(0, len(release) - 1, min(most, len(release))).round().astype(int))
    examples = (release[int(index)] for index in picked)
    return [Case(example.rgb, max(example.descriptions, key=_asking), example.masks) for example in examples]


def _asking(description: Description) -> int:
    return sum(bool(terms_in(description.text[phrase.start : phrase.end])) for phrase in description.phrases)
