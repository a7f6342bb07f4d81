"""What a person's pins and palettes add to a caption."""

from dataclasses import replace

import numpy as np

from lcad.chroma import Constraints, Pin
from lcad.imaging import image_to_lab
from pipelines.experiments.cases import Case, colors_of, without_colors
from pipelines.experiments.frame import Condition, Experiment


def _true_color(case: Case, mask: np.ndarray) -> tuple[float, float]:
    """The median a and b that the original has in a mask."""
    a, b = np.median(image_to_lab(case.rgb)[mask][:, 1:], axis=0)
    return float(a), float(b)


def _pins(case: Case) -> Constraints:
    return Constraints([Pin(phrase.mask, _true_color(case, phrase.mask)) for phrase in case.colored if phrase.mask.any()])


def _pinned(case: Case) -> Case:
    """The case whose colored things have the original's own color pinned to them."""
    return replace(case, constraints=_pins(case))


def _with_palette(case: Case) -> Case:
    """The case that may have the colors of its colored things, and gray, alone."""
    return replace(case, constraints=Constraints((), [_true_color(case, phrase.mask) for phrase in case.colored if phrase.mask.any()]))


def _pins_alone(case: Case) -> Case:
    """The case with pins, and a caption that says no color."""
    return replace(without_colors(case, 0), constraints=_pins(case))


EXPERIMENT = Experiment(
    "constraints",
    "How much nearer to the original do colors come that a person pins, and does a palette do it?",
    (
        Condition("caption"),
        Condition("caption and pins", _pinned),
        Condition("caption and palette", _with_palette),
        Condition("pins alone", _pins_alone),
    ),
    "delta_e",
    "Pins and palettes have the median a and b that the original has in the things' masks.",
    lambda case: any(phrase.mask.any() for phrase in case.colored) and bool(colors_of(case)),
)
