"""Looking for the phrases of a caption that come without masks: who finds them, and what becomes of what is not found.

A finder (`lcad.grounding`) sees gray pictures and knows words; the denoiser's attention (`lcad.attention.phrase_heatmaps`) knows how its
training composed scenes, and little of photos. What the finder is sure of stands. What it is not sure of is where both look: its hint of
a place, however faint, times the denoiser's heat. There no color is steered beyond the hint's place, for a color in the wrong place costs
more than one too few.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from lcad.attention.soft_masks import soft_masks
from lcad.prompts import Span, find_phrases
from lcad.requests import Request

LEAST_CONFIDENCE = 0.35
"""Of a mask that a finder found; below it the denoiser's attention has a say in where a phrase is."""
UNDECIDED = 0.5
"""A mask that speaks neither for a place nor against it."""
FLOOR = 0.05
"""Of a hint or of heat where there is none, so that neither alone forbids a place."""
REACH = 0.35
"""Of a hint: below it a phrase is steered less, at nothing not at all."""


class Found(Protocol):
    """Where a phrase is: its mask (H, W) in [0, 1] at the picture's size, the chance that it is right, where it is likeliest, and whether
    it names several things."""

    @property
    def mask(self) -> np.ndarray:
        """(H, W) in [0, 1]."""

    @property
    def confidence(self) -> float:
        """In [0, 1]."""

    @property
    def hint(self) -> np.ndarray | None:
        """(H, W) in [0, 1], its peak at 1; None where nothing speaks for any place."""

    @property
    def several(self) -> bool:
        """Whether the phrase names more than one thing, which may stand apart."""


class Finder(Protocol):
    """What finds phrases on gray pictures (`lcad.grounding.PhraseFinder`)."""

    def find(self, lightness: np.ndarray, caption: str, spans: Sequence[Span]) -> Sequence[Found | None]:
        """Where the phrases at spans of a caption are on a picture of L (H, W) in [0, 100]; None for words that it does not know."""


HINTED_BASE, HINTED_SHARPNESS = 0.45, 3.0
"""Of soft masks where a finder has a hint: the place is surer, and beside it nothing is asked for."""
LARGEST = 0.12
"""Of a canvas that a phrase claims that a finder looked for and did not find. Such things are mostly small, and a color laid over a third
of a picture costs more than one too few: on 30 photos spill fell from 0.17 to 0.15 of the things' area, and as many things as before had
the color asked for, there and on 69 others. Grounds, which are larger, are found."""
GAP = 1 / 16
"""Of a canvas's longer side: spots that are no farther apart are one."""
TIE = 1e-3
"""Of heat beside a mask, where the mask is the same."""
INSIDE = 0.6
"""Of a hint that lies in something that was found: it is a part of it, as clothes are of a person, and not beside it."""


@dataclass(frozen=True, eq=False)
class Search:
    """A request with the masks of what a finder surely found, the numbers of the regions that it did not find, of those which it
    looked for and of those of them that name several things, and of where some of them may be hints (h, w) on the canvas."""

    request: Request
    missing: list[int]
    looked_for: frozenset[int]
    several: frozenset[int]
    hints: Mapping[int, torch.Tensor]


def found_by(finder: Finder | None, request: Request) -> Search:
    """What a finder finds of a request's regions without masks. The masks of those not found speak for no place and against none."""
    spans = find_phrases(request.prompt.caption, [region.phrase for region in request.regions])
    places = finder.find(request.lightness, request.prompt.caption, [spans[number] for number in request.sought]) if finder else []
    by_number = {number: place for number, place in zip(request.sought, places, strict=bool(finder)) if place is not None}
    found_masks = {number: place.mask for number, place in by_number.items() if place.confidence >= LEAST_CONFIDENCE}
    masks, missing = request.masks.clone(), [number for number in request.sought if number not in found_masks]
    for number, mask in found_masks.items():
        masks[number] = torch.from_numpy(request.canvas.place(mask))
    masks[missing] = UNDECIDED
    known = {number: hint for number in missing if number in by_number and (hint := by_number[number].hint) is not None}
    hints = {number: torch.from_numpy(request.canvas.place(hint)) for number, hint in known.items()}
    several = frozenset(number for number, place in by_number.items() if place.several)
    return Search(replace(request, masks=masks, found_masks=found_masks), missing, frozenset(by_number), several, hints)


def with_heat(search: Search, heat: torch.Tensor) -> Request:
    """The request with soft masks for what was not found, of the denoiser's heat (P, h', w') in [0, 1] of all regions over the canvas.

    Only what asks for a color rivals for places: a boy is where his jacket is.
    """
    request, masks = search.request, search.request.masks.clone()
    heat = F.interpolate(heat[None], request.canvas.padded, mode="bilinear")[0]
    colored = [number for number, region in enumerate(request.regions) if request.terms_of(region) or request.exact_of(region)]
    rivals = [number for number in search.missing if number in colored] or search.missing
    together, reach = heat[rivals].clone(), torch.ones_like(heat[rivals])
    for row, number in enumerate(rivals):
        if (hint := search.hints.get(number)) is not None:
            product = ((hint + FLOOR) * (heat[number] + FLOOR)).sqrt()
            together[row] = (product - product.min()) / (product.max() - product.min()).clamp(min=1e-6)
            reach[row] = (hint / REACH).clamp(0, 1)
    found_regions = [number for number in request.found_masks if number in colored]
    hinted = torch.tensor([number in search.hints for number in rivals])[:, None, None]
    every = torch.where(hinted, soft_masks(together, HINTED_BASE, HINTED_SHARPNESS) * reach, soft_masks(together)).to(masks)
    for number, soft, place in zip(rivals, every, together, strict=True):
        for other in found_regions:
            inside = float((place * masks[other]).sum() / place.sum().clamp(min=1e-6))
            soft = soft * (1 - masks[other]) if inside < INSIDE else soft
        if number in search.looked_for:
            soft = no_larger(soft, place, LARGEST)
            soft = soft if number in search.several else one_spot(soft, place)
        masks[number] = soft
    return replace(request, masks=masks)


def no_larger(mask: torch.Tensor, heat: torch.Tensor, part: float) -> torch.Tensor:
    """A mask (h, w) in [0, 1] above a half on about a part in (0, 1) of its cells at most: the hottest, by heat (h, w) in [0, 1].

    They stay as they are, the rest is lowered.
    """
    excess = (mask.flatten().quantile(1 - part) - UNDECIDED).clamp(min=0)
    order = mask + TIE * heat
    return torch.where(order >= order.flatten().quantile(1 - part), mask, (mask - excess).clamp(min=0))


def one_spot(mask: torch.Tensor, heat: torch.Tensor) -> torch.Tensor:
    """A mask (h, w) in [0, 1] around one of its spots, the hottest altogether by heat (h, w) in [0, 1]: one thing stands in one place.

    Spots are what hangs together of cells at half of the mask's most, gaps of GAP bridged; a cell belongs to the nearest.
    """
    values, heats = mask.float().cpu().numpy(), heat.float().cpu().numpy()
    reach = round(GAP * max(values.shape)) | 1
    off = cv2.erode((values < values.max() / 2).astype(np.uint8), np.ones((reach, reach), np.uint8))
    _, nearest = cv2.distanceTransformWithLabels(off, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_CCOMP)
    hottest = np.bincount(nearest[off == 0], (values * heats)[off == 0]).argmax()
    return mask * torch.from_numpy(nearest == hottest).to(mask)
