"""Cross-attention that masks can steer and that can be watched, in the denoiser's single pass.

Every rule here acts on the scaled logits s (batch, heads, cells, tokens), before the softmax over tokens, at every resolution,
for the tokens of phrases that have a mask; other tokens are left alone. With m in [0, 1] the part of a cell that the phrase's
mask covers (area average) and λ the strength, in logits:

    add     s + λ·(2m − 1)       inside +λ, outside −λ, a cell half covered is left as it is. What training uses
    push    s + λ·(m − σ(s))     minus the gradient of BCE(σ(s), m), in closed form; the published update (paper section 3.4) with
                                 λ = step / (heads · tokens · cells), which is next to nothing: there λ depends on the resolution
    hard    −∞ where m = 0       a phrase cannot be seen from a cell that its mask does not touch

λ is in logits, so it does not depend on resolution, head count or token count. A token of several phrases is covered by the
largest of their coverages.

"add" with λ = 3 is the default. Source: `tests/benchmarks/compare_rules.py`, 24 November 2026, second milestone of lcad-mini, 24 composed
scenes of two and three objects, exact masks; share of 63 mentions in the right color (standard error 0.04 to 0.07), and bleeding:

    no masks 0.71 and 0.21; published update: step 1 0.71 and 0.21, step 10,000 0.82 and 0.20
    push     λ = 1 0.78 and 0.20; 3 0.86 and 0.18; 6 0.82 and 0.13; 12 0.76 and 0.14
    add      λ = 1 0.86 and 0.18; 3 0.86 and 0.11; 6 0.84 and 0.09; 12 0.87 and 0.08
    hard     0.84 and 0.17
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Literal

import torch
from torch import nn
from torch.nn import functional as F

from lcad.models import cross_attentions

Rule = Literal["add", "push", "hard"]
RULES: tuple[Rule, ...] = ("add", "push", "hard")
STRENGTH = 3.0  # logits; the additive bias that training uses and that sampling has as its default
FORBIDDEN = -1e4  # a logit that leaves nothing after the softmax and exists in float16


@dataclass(frozen=True)
class MaskBias:
    """Where the tokens of phrases should be seen: what training and sampling both hand to `steered`.

    tokens    (B, P, T) float or bool in [0, 1]: which of the T tokens belong to phrase p; a row of zeros is no phrase
    masks     (B, P, H, W) float or bool in [0, 1], any H and W, over the same canvas as the latents
    strength  λ in logits: one number, or (B,) to have it differ by sample (0 switches a sample's masks off, but for "hard")
    rule      "add", "push" or "hard", see above
    Raises ValueError for shapes that do not fit and for an unknown rule.
    """

    tokens: torch.Tensor
    masks: torch.Tensor
    strength: float | torch.Tensor = STRENGTH
    rule: Rule = "add"
    _covered: dict[tuple[int, int], torch.Tensor] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self):
        if self.tokens.ndim != 3 or self.masks.ndim != 4 or self.tokens.shape[:2] != self.masks.shape[:2]:
            raise ValueError(f"expected tokens (B, P, T) and masks (B, P, H, W), got {tuple(self.tokens.shape)}, {tuple(self.masks.shape)}")
        if self.rule not in RULES:
            raise ValueError(f"unknown rule {self.rule!r}, expected one of {', '.join(RULES)}")

    @property
    def grounded(self) -> torch.Tensor:
        """Which tokens have a mask, (B, 1, 1, T) float."""
        return self.tokens.float().amax(1)[:, None, None]

    def coverage(self, height: int, width: int) -> torch.Tensor:
        """How much of each cell of a height × width grid each token's masks cover, (B, 1, height·width, T) in [0, 1]."""
        if (height, width) not in self._covered:
            cells = F.adaptive_avg_pool2d(self.masks.float(), (height, width)).flatten(2)
            by_phrase = cells[..., None] * self.tokens.float()[:, :, None]
            self._covered[height, width] = by_phrase.amax(1)[:, None]
        return self._covered[height, width]

    def _strength(self) -> torch.Tensor:
        return torch.as_tensor(self.strength, dtype=torch.float32, device=self.tokens.device).reshape(-1, 1, 1, 1)

    def bias(self, height: int, width: int) -> torch.Tensor:
        """The additive bias (B, height·width, T) float32 of the rules "add" and "hard", which do not depend on the logits."""
        covered, grounded = self.coverage(height, width), self.grounded
        if self.rule == "hard":
            return (FORBIDDEN * (grounded > 0) * (covered == 0))[:, 0]
        return (self._strength() * (2 * covered - grounded))[:, 0]

    def steer(self, logits: torch.Tensor, height: int, width: int) -> torch.Tensor:
        """Logits (B, heads, height·width, T) after the rule."""
        if self.rule == "push":
            push = self.coverage(height, width) - self.grounded * logits.float().sigmoid()
            return logits + (self._strength() * push).to(logits.dtype)
        return logits + self.bias(height, width)[:, None].to(logits.dtype)

    def scaled(self, factor: float) -> "MaskBias":
        """The same masks at `factor` times the strength, without averaging them over cells again."""
        if factor == 1:
            return self
        weaker = replace(self, strength=self._strength().reshape(-1) * factor)
        weaker._covered.update(self._covered)
        return weaker

    def after_unconditional(self) -> "MaskBias":
        """The bias of a doubled batch [unconditional, conditional] of classifier-free guidance: none for the first half."""
        strength = self._strength().reshape(-1)
        return replace(
            self,
            tokens=torch.cat([torch.zeros_like(self.tokens), self.tokens]),
            masks=torch.cat([self.masks, self.masks]),
            strength=strength.expand(len(self.tokens)).repeat(2),
        )


@dataclass
class AttentionRecord:
    """What the cross-attention layers did in the passes since it was made: `maps` holds (B, h, w, T) probabilities a layer.

    Probabilities are means over heads, after the bias, and carry gradients when the pass does. `largest` and `smallest` bound
    the layers that are kept by their number of cells. Gradient checkpointing would record its recomputation as well.
    """

    smallest: int = 16
    largest: int = 32 * 32
    maps: list[torch.Tensor] = field(default_factory=list)

    def wants(self, cells: int) -> bool:
        """Whether a layer of so many cells is kept."""
        return self.smallest <= cells <= self.largest

    def phrase_maps(self, tokens: torch.Tensor) -> list[torch.Tensor]:
        """Attention mass of each phrase's tokens (B, P, T), one (B, P, h, w) a recorded layer."""
        return [torch.einsum("bhwt,bpt->bphw", seen, tokens.to(seen.dtype)) for seen in self.maps]

    def inside_share(self, tokens: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
        """The part of each phrase's attention mass that lies in its mask, mean over layers, (B, P) in [0, 1].

        tokens (B, P, T), masks (B, P, H, W) as in MaskBias; NaN-free for empty rows (they give 0). The attention loss of
        training is the mean over phrases of (1 − share)². Raises ValueError when nothing was recorded.
        """
        if not self.maps:
            raise ValueError(f"no cross-attention layer with {self.smallest} to {self.largest} cells was recorded")
        shares = []
        for seen in self.phrase_maps(tokens):
            mask = F.adaptive_avg_pool2d(masks.to(seen.dtype), (seen.shape[-2], seen.shape[-1]))
            shares.append((seen * mask).sum((-2, -1)) / seen.sum((-2, -1)).clamp(min=1e-8))
        return torch.stack(shares).mean(0)


def grid_of(cells: int, size: Sequence[int]) -> tuple[int, int]:
    """The (height, width) of a layer with so many cells, for latents of a size that the denoiser halves, rounding up."""
    height, width = size
    while height * width > cells:
        height, width = (height + 1) // 2, (width + 1) // 2
    if height * width != cells:
        raise ValueError(f"{cells} cells are no halving of latents {size[0]} × {size[1]}: pass the size of the latents")
    return height, width


class SteeredAttention:
    """A processor for cross-attention layers that follows a MaskBias and fills an AttentionRecord; plain without either."""

    def __init__(self, size: Sequence[int], bias: MaskBias | None, record: AttentionRecord | None):
        self.size, self.bias, self.record = size, bias, record

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, temb=None) -> torch.Tensor:
        """Attend from cells (B, cells, C) to tokens (B, T, D); returns (B, cells, C)."""
        cells = hidden_states.shape[1]
        grid = grid_of(cells, self.size)
        split = (attn.to_q(hidden_states), attn.to_k(encoder_hidden_states), attn.to_v(encoder_hidden_states))
        query, key, value = (x.unflatten(-1, (attn.heads, -1)).transpose(1, 2) for x in split)
        text_mask = 0 if attention_mask is None else attention_mask.unflatten(0, (len(query), -1))
        recording = self.record is not None and self.record.wants(cells)
        if recording or (self.bias is not None and self.bias.rule == "push"):
            logits = query @ key.transpose(-1, -2) * attn.scale + text_mask
            steered = logits if self.bias is None else self.bias.steer(logits, *grid)
            probabilities = steered.softmax(-1)
            if recording:
                self.record.maps.append(probabilities.mean(1).unflatten(1, grid))
            mixed = probabilities @ value
        else:
            bias = text_mask if self.bias is None else text_mask + self.bias.bias(*grid)[:, None].to(query.dtype)
            mixed = F.scaled_dot_product_attention(query, key, value, bias if torch.is_tensor(bias) else None, scale=attn.scale)
        hidden = mixed.transpose(1, 2).flatten(2)
        return attn.to_out[1](attn.to_out[0](hidden))


@contextmanager
def steered(unet: nn.Module, size: Sequence[int], bias: MaskBias | None = None, record: AttentionRecord | None = None) -> Iterator[None]:
    """Let masks steer the denoiser's cross-attention within the block, and record it; afterwards the layers are as before.

    `size` is (height, width) of the latents. The bias's B must be the batch that goes through the denoiser. The denoiser's layers
    are changed for the time of the block, so threads must not share a denoiser.
    """
    layers = cross_attentions(unet).values()
    before = [layer.processor for layer in layers]
    processor = SteeredAttention(size, bias, record)
    for layer in layers:
        layer.set_processor(processor)
    try:
        yield
    finally:
        for layer, processor in zip(layers, before, strict=True):
            layer.set_processor(processor)
