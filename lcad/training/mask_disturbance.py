"""Masks as finders give them: blurred, shifted, grown, shrunk, with holes, half sure, or a box.

A denoiser that was trained beside exact masks alone colors exactly what a mask says, be it a thing or not; one that has seen poor masks
beside true colors takes a mask for a hint of where its thing is.
"""

import torch
from torch.nn import functional as F

KINDS = 14  # ways that are drawn alike often; those that are none of `_ways` leave a mask as it is
HOLES = 0.2  # of 4 × 4 parts of the canvas, in masks with holes
BOX = 0.8  # how sure a box is


def disturbed(masks: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Masks (B, P, h, w) in [0, 1] of which about half are changed, each in one of seven ways."""
    ways = _ways(masks, generator)
    kind = torch.randint(0, KINDS, (*masks.shape[:2], 1, 1), generator=generator)
    for number, way in enumerate(ways):
        masks = torch.where(kind == number, way, masks)
    return masks


def _ways(masks: torch.Tensor, generator: torch.Generator) -> list[torch.Tensor]:
    """The seven changed versions of masks (B, P, h, w)."""
    count, several = masks.shape[:2]
    blurred = F.avg_pool2d(F.pad(masks, (1, 1, 1, 1), "replicate"), 3, 1)
    down, right = (int(step) for step in torch.randint(-1, 2, (2,), generator=generator))
    rows, columns = (masks.amax(axis, keepdim=True) > 0.3 for axis in (3, 2))
    sure = torch.rand((count, several, 1, 1), generator=generator)
    whole = (torch.rand((count, several, 4, 4), generator=generator) >= HOLES).float()
    return [
        blurred,
        F.max_pool2d(masks, 3, 1, 1),
        1 - F.max_pool2d(1 - masks, 3, 1, 1),
        torch.roll(masks, (down, right), (2, 3)),
        0.5 + (blurred - 0.5) * sure,
        masks * F.interpolate(whole, masks.shape[-2:], mode="bilinear"),
        (rows & columns).float() * BOX,
    ]
