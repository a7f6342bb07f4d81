"""The cost of the official sampling procedure, on our modules of the same sizes, written from its published description.

At every one of its 50 steps it encodes the luminance of a doubled batch and runs the denoiser on the doubled batch. Its attention
computes all logits explicitly. With masks, a first pass keeps the logits of every layer, the gradient of the mean BCE between the
cross-attention's logits under a sigmoid and the masks is taken with autograd, and a second pass runs on the changed logits.
The released code also reuses logits from one step to the next, which is an error and no saving: it is not imitated.
"""

from dataclasses import dataclass, field

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from torch.nn import functional as F

from lcad.attention.mask_bias import grid_of
from lcad.models import LuminanceAutoencoder
from lcad.sampler import BETAS

STEPS = 50
GUIDANCE = 5.0
STEP_SIZE = 1.0  # of the update of the logits


@dataclass
class ExplicitAttention:
    """A processor for all attention layers that computes logits explicitly; keeps them, or runs on those that were kept."""

    keep: bool = False
    kept: dict[int, torch.Tensor] = field(default_factory=dict)

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, temb=None) -> torch.Tensor:
        """Attend from (B, cells, C) to (B, T, D), or to itself; returns (B, cells, C)."""
        seen = hidden_states if encoder_hidden_states is None else encoder_hidden_states
        value = attn.to_v(seen).unflatten(-1, (attn.heads, -1)).transpose(1, 2)
        logits = self.kept.pop(id(attn), None) if not self.keep else None
        if logits is None:
            query, key = (x.unflatten(-1, (attn.heads, -1)).transpose(1, 2) for x in (attn.to_q(hidden_states), attn.to_k(seen)))
            logits = query @ key.transpose(-1, -2) * attn.scale
        if self.keep:
            self.kept[id(attn)] = logits
        return attn.to_out[0]((logits.softmax(-1) @ value).transpose(1, 2).flatten(2))


class OfficialProcedure:
    """One picture under one caption: latents (1, 4, h, w) from noise, step by step.

    hint (1, 3, H, W); text and unconditional (1, T, D); masks (P, H, W) float with the half-open token spans of their phrases, or
    none. The denoiser's attention processors are replaced within each step and put back after it.
    """

    def __init__(self, autoencoder: LuminanceAutoencoder, unet: UNet2DConditionModel, hint, text, unconditional, masks=None, spans=()):
        self.autoencoder, self.unet, self.hint = autoencoder, unet, hint
        self.context = torch.cat([unconditional, text])
        self.masks, self.spans = masks, spans
        self.scheduler = DDIMScheduler(**BETAS, clip_sample=False, set_alpha_to_one=False, steps_offset=1)
        self.scheduler.set_timesteps(STEPS)
        self.latents = torch.randn(1, 4, *(side // autoencoder.downscale for side in hint.shape[-2:]))

    @torch.no_grad()
    def step(self, number: int) -> None:
        """One step of the 50."""
        t = self.scheduler.timesteps[number]
        luminance = self.autoencoder.luminance_encoder(torch.cat([self.hint, self.hint]))[-1]
        attention, before = ExplicitAttention(keep=self.masks is not None), self.unet.attn_processors
        self.unet.set_attn_processor(attention)
        noise = self._predict(t, luminance)
        if self.masks is not None:
            attention.kept = {layer: self._updated(logits) for layer, logits in attention.kept.items()}
            attention.keep = False
            noise = self._predict(t, luminance)
        self.unet.set_attn_processor(before)
        unconditional, conditional = noise.chunk(2)
        guided = unconditional + GUIDANCE * (conditional - unconditional)
        self.latents = self.scheduler.step(guided, t, self.latents).prev_sample

    def _predict(self, t: torch.Tensor, luminance: torch.Tensor) -> torch.Tensor:
        doubled = torch.cat([torch.cat([self.latents, self.latents]), luminance], 1)
        return self.unet(doubled, t, encoder_hidden_states=self.context).sample

    @torch.enable_grad()
    def _updated(self, logits: torch.Tensor) -> torch.Tensor:
        """Logits (2, heads, cells, T) after the update; those of self-attention are as they were."""
        if logits.shape[-1] != self.context.shape[1]:
            return logits
        leaf = logits.detach().requires_grad_()
        target = torch.zeros(logits.shape[2:])
        for mask, (start, end) in zip(self.masks, self.spans, strict=True):
            cells = F.interpolate(mask[None, None], grid_of(logits.shape[2], tuple(self.latents.shape[-2:])), mode="nearest")
            target[:, start:end] = cells.flatten()[:, None]
        loss = F.binary_cross_entropy(leaf[1].sigmoid(), target.expand_as(leaf[1]))
        return (leaf - STEP_SIZE * torch.autograd.grad(loss, leaf)[0]).detach()

    @torch.no_grad()
    def decode(self) -> torch.Tensor:
        """The picture (1, 3, H, W) of the latents."""
        features = self.autoencoder.luminance_encoder(self.hint)
        return self.autoencoder.decode(self.latents / self.autoencoder.config.scaling_factor, luminance=features).sample
