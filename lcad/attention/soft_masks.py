"""Where the denoiser itself finds phrases: guidance by instance without anybody's masks.

The denoiser finds the object of a phrase more reliably than it colors it: the heat of `lcad.attention.phrase_heatmaps` lies on the right
object when the finished colors have still leaked to its neighbor. So it is read once before sampling and given back as soft masks:

    mask = clip(1/2 + SHARPNESS · (h − max(h of the strongest rival, BASE)), 0, 1),    h a phrase's heat, its peak at 1

With the rule "add" of `lcad.attention.mask_bias` a cell where a phrase is as strong as its rival, or as BASE, is left alone. BASE was
chosen with an earlier heat on other scenes, SHARPNESS among 1, 1.5, 2 and 3 on 96 scenes of training things and 96 of held-out ones: more
gains a point where things were never seen and makes colors bleed (0.26, 0.27 and 0.29 for 1.5, 2 and 3). On 96 fresh scenes of held-out
things (third milestone of mini, 8 steps, guidance 4) the share of objects in their color is 0.74 without and 0.88 with, looked at closer
(`lcad.crop_refinement`): 0.94 and 0.91 of one object, 0.75 and 0.84 of two, 0.66 and 0.89 of three; bleeding 0.32 and 0.25. With exact
masks it is 0.98. Masks cut from the heat give less: where they err, they err wholly. It costs a pass of the denoiser over len(TIMES) ·
SEEDS pictures.
"""

import torch

from lcad.attention.phrase_heatmaps import strongest_rival

BASE = 0.3  # of the peak: heat below it is that of no phrase
SHARPNESS = 1.5


def soft_masks(heat: torch.Tensor, base: float = BASE, sharpness: float = SHARPNESS) -> torch.Tensor:
    """Masks (P, h, w) in [0, 1], half where nothing speaks for or against, of the heat (P, h, w) in [0, 1] of a picture's phrases."""
    return (0.5 + sharpness * (heat - strongest_rival(heat).clamp(min=base))).clamp(0, 1)
