"""Looking for the phrases of a caption that come without masks: who finds them, and what becomes of what is not found."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
import torch

from lcad.prompts import Span, find_phrases
from lcad.requests import Request

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


def with_masks_of(finder: Finder | None, request: Request) -> tuple[Request, list[int]]:
    """A request with the masks of what a finder finds surely enough, and the numbers of the regions that it does not find.

    Their masks speak for no place and against none.
    """
    spans = find_phrases(request.prompt.caption, [region.phrase for region in request.regions])
    places = (
        finder.find(request.lightness, request.prompt.caption, [spans[number] for number in request.sought])
        if finder
        else [None] * len(request.sought)
    )
    sure_masks = {
        n: place.mask for n, place in zip(request.sought, places, strict=True) if place is not None and place.confidence >= LEAST_CONFIDENCE
    }
    masks, missing = request.masks.clone(), [number for number in request.sought if number not in sure_masks]
    for number, mask in sure_masks.items():
        masks[number] = torch.from_numpy(request.canvas.place(mask))
    masks[missing] = UNDECIDED
    return replace(request, masks=masks, found=sure_masks), missing


def with_soft_masks(request: Request, missing: Sequence[int], soft: torch.Tensor) -> Request:
    """The request with soft masks (P, h, w) of where the denoiser looks for the regions that were not found, beside what was found."""
    masks, numbers = request.masks.clone(), list(request.found)
    taken = masks[numbers].amax(0) if numbers else torch.zeros(request.canvas.padded)
    masks[list(missing)] = soft[list(missing)].to(masks) * (1 - taken)
    return replace(request, masks=masks)
