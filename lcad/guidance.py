"""Guidance: how strongly the caption (classifier-free guidance) and the masks steer, and at which times.

Time is the fraction t / T of the noise schedule: 1 is pure noise, where color is decided; 0 is the finished image.
"""

from dataclasses import dataclass
from math import isfinite

import torch

from lcad.attention import RULES, STRENGTH, MaskBias, Rule


@dataclass(frozen=True)
class CaptionGuidance:
    """Classifier-free guidance (Ho and Salimans 2022) inside an interval of times (Kynkäänniemi et al. 2024).

    Outside of the interval, and at scale 1, the denoiser runs once instead of on a doubled batch. With `every` above 1 it also runs once
    at steps inside of it, all but every so many: there what guidance adds to the clean latents is what it added last, for it changes
    slowly. Raises ValueError for a negative or infinite scale, an interval that is none and an `every` below 1.
    """

    scale: float = 4.5
    interval: tuple[float, float] = (0.0, 1.0)
    every: int = 1

    def __post_init__(self):
        low, high = self.interval
        if not isfinite(self.scale) or self.scale < 0 or not 0 <= low <= high <= 1:
            raise ValueError(f"expected a finite scale ≥ 0 and 0 ≤ low ≤ high ≤ 1, got scale {self.scale}, interval {self.interval}")
        if self.every < 1:
            raise ValueError(f"expected guidance to be computed at every step or every so many, got {self.every}")

    def active(self, time: float) -> bool:
        """Whether the unconditional half is needed at a time in [0, 1]."""
        low, high = self.interval
        return self.scale != 1 and low <= time <= high

    def combine(self, unconditional: torch.Tensor, conditional: torch.Tensor) -> torch.Tensor:
        """The guided prediction: unconditional + scale · (conditional − unconditional)."""
        return unconditional + self.scale * (conditional - unconditional)


@dataclass(frozen=True)
class InstanceGuidance:
    """How masks steer the attention: rule and strength of `MaskBias`, the strength falling with time as λ(t) = λ · time^decay.

    decay 0 keeps the strength, as training had it; larger values leave the late steps to the model.
    """

    rule: Rule = "add"
    strength: float = STRENGTH
    decay: float = 0.0

    def __post_init__(self):
        finite = isfinite(self.strength) and isfinite(self.decay)
        if self.rule not in RULES or not finite or self.strength < 0 or self.decay < 0:
            raise ValueError(f"expected a rule of {', '.join(RULES)}, finite strength ≥ 0 and decay ≥ 0, got {self}")

    def bias(self, tokens: torch.Tensor, masks: torch.Tensor) -> MaskBias:
        """The attention bias of phrase tokens (B, P, T) and masks (B, P, H, W) at full strength."""
        return MaskBias(tokens, masks, self.strength, self.rule)

    def factor(self, time: float) -> float:
        """What the strength is multiplied with at a time in [0, 1]."""
        return time**self.decay
