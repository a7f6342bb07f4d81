"""Masks that overlap: whose color wins, and at what cost."""

from functools import partial

import cv2
import numpy as np

from pipelines.experiments.cases import Case, with_masks
from pipelines.experiments.frame import Condition, Experiment

STEPS = (0.1, 0.25, 0.5)
LONGEST = 200  # pixels that a mask grows by at most


def _over(mask: np.ndarray, other: np.ndarray, share: float) -> np.ndarray:
    """A mask (H, W) bool that has grown over so much of another one, from its own side on."""
    area = share * other.sum()
    far = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3)
    inside = np.sort(far[other & ~mask])
    if not len(inside) or area < 1:
        return mask
    reach = inside[min(len(inside), round(area)) - 1]
    return mask | (other & (far <= min(reach, LONGEST)))


def _overlapping(case: Case, share: float) -> Case:
    """The case whose first colored thing's mask lies over a share of the second's."""
    first, second = case.colored[:2]
    masks = [_over(one.mask, second.mask, share) if one is first else one.steering_mask for one in case.phrases]
    return with_masks(case, masks)


EXPERIMENT = Experiment(
    "overlap",
    "What becomes of two things' colors when the mask of one lies over a part of the other's?",
    (Condition("apart"), *(Condition(f"over {share:.0%}", partial(_overlapping, share=share)) for share in STEPS)),
    note="The first colored thing's mask grows over the second's from its own side on; both are judged in their own masks.",
    needs=lambda case: len(case.colored) > 1 and all(one.mask.sum() > 1 for one in case.colored[:2]),
)
