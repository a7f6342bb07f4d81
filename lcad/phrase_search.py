"""Looking for the phrases of a caption that come without masks: who finds them, and what becomes of what is not found."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import torch

from lcad.prompts import Span, find_phrases
from lcad.requests import Job

LEAST_CONFIDENCE = 0.35
"""Of a mask that a finder found; below it the denoiser's attention says where a phrase is."""
UNDECIDED = 0.5
"""A mask that speaks neither for a place nor against it."""


class Found(Protocol):
    """Where a phrase is: its mask (H, W) in [0, 1] at the picture's size, and the chance that it is right."""

    @property
    def mask(self) -> np.ndarray:
        """(H, W) in [0, 1]."""

    @property
    def confidence(self) -> float:
        """In [0, 1]."""


class Finder(Protocol):
    """What finds phrases on gray pictures (`lcad.grounding.PhraseFinder`)."""

    def find(self, lightness: np.ndarray, caption: str, spans: Sequence[Span]) -> Sequence[Found | None]:
        """Where the phrases at spans of a caption are on a picture of L (H, W) in [0, 100]; None for words that it does not know."""


def found_by(finder: Finder | None, job: Job) -> tuple[Job, list[int]]:
    """A job with the masks of what a finder finds surely enough, and the numbers of the regions that it does not find.

    Their masks speak for no place and against none.
    """
    spans = find_phrases(job.prompt.caption, [region.phrase for region in job.regions])
    places = (
        finder.find(job.lightness, job.prompt.caption, [spans[number] for number in job.sought]) if finder else [None] * len(job.sought)
    )
    found = {
        n: place.mask for n, place in zip(job.sought, places, strict=True) if place is not None and place.confidence >= LEAST_CONFIDENCE
    }
    masks, missing = job.masks.clone(), [number for number in job.sought if number not in found]
    for number, mask in found.items():
        masks[number] = torch.from_numpy(job.canvas.place(mask))
    masks[missing] = UNDECIDED
    return replace(job, masks=masks, found=found), missing


def with_soft_masks(job: Job, missing: Sequence[int], soft: torch.Tensor) -> Job:
    """The job with soft masks (P, h, w) of where the denoiser looks for the regions that were not found, beside what was found."""
    masks, found = job.masks.clone(), list(job.found)
    taken = masks[found].amax(0) if found else torch.zeros(job.canvas.padded)
    masks[list(missing)] = soft[list(missing)].to(masks) * (1 - taken)
    return replace(job, masks=masks)
