"""How good the masks must be that steer colors."""

from collections.abc import Callable

import cv2
import numpy as np

from pipelines.experiments.cases import Case, with_masks
from pipelines.experiments.frame import Condition, Experiment

PART = 0.08
"""Of the picture's shorter side: how far masks grow, shrink and move."""


def _changed(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Case], Case]:
    """Makes the case that is steered by changed masks; one of which nothing is left stays as it was."""

    def changed(case: Case) -> Case:
        made = [change(phrase.mask) if phrase.mask.any() else phrase.mask for phrase in case.phrases]
        return with_masks(case, [new if new.any() else phrase.mask for new, phrase in zip(made, case.phrases, strict=True)])

    return changed


def _kernel(mask: np.ndarray) -> np.ndarray:
    side = 2 * round(PART * min(mask.shape) / 2) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))


def grown(mask: np.ndarray) -> np.ndarray:
    """A mask (H, W) bool that is larger all around."""
    return cv2.dilate(mask.astype(np.uint8), _kernel(mask)).astype(bool)


def _shrunk(mask: np.ndarray) -> np.ndarray:
    return cv2.erode(mask.astype(np.uint8), _kernel(mask)).astype(bool)


def _moved(mask: np.ndarray) -> np.ndarray:
    return np.roll(mask, round(PART * min(mask.shape)), axis=1)


def _box(mask: np.ndarray) -> np.ndarray:
    rows, columns = np.nonzero(mask)
    box = np.zeros_like(mask)
    box[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] = True
    return box


EXPERIMENT = Experiment(
    "masks",
    "How much adherence is lost with masks that are too large, too small, shifted, or only boxes, and with none?",
    (
        Condition("exact"),
        Condition("grown", _changed(grown)),
        Condition("shrunk", _changed(_shrunk)),
        Condition("shifted", _changed(_moved)),
        Condition("boxes", _changed(_box)),
        Condition("looked for", lambda case: with_masks(case, [None] * len(case.phrases))),
    ),
    note=f"Grown, shrunk and shifted by {PART:.0%} of the picture's shorter side.",
    needs=lambda case: bool(case.colored),
)
