"""Where in a picture the objects of phrases lie: heat that fills objects, from both kinds of the denoiser's attention.

Cross-attention says which cells look at a phrase, but only at the spots that tell it apart; self-attention says which cells belong
together. So a phrase's cross-attention at a few noise levels, each layer in units of its mean, is carried one step along the cells'
self-attention (as segmentation from diffusion models does it: Wang et al. 2023, "Diffusion model is secretly a training-free open
vocabulary semantic segmenter", section 3.3), and what its strongest rival among the phrases claims is partly taken off it. From it
`lcad.grounding.mask_proposals` cuts masks, and `lcad.attention.soft_masks` steers colors.

Source: 24 November 2026, lcad-mini's third milestone, composed scenes of one to three held-out things, seen in gray. TIMES, the single
step, the layers and how the heat is cut (`lcad.grounding.mask_proposals`) were chosen on 48 scenes (89 phrases), by the mean intersection
over union:

    0.27   cut from the heat of `lcad.attention.soft_masks`, as before
    0.22   layers in units of their means, thresholded
    0.40   carried one step along self-attention, thresholded; two steps spread it over neighbors
    0.46   half of the strongest rival taken off, smoothed along edges
    0.48   cut by GrabCut instead of thresholded; in color 0.53

Layers coarser than half of the finest know nothing of places: the area under their curve is 0.53, that of the others 0.87 and more.
On 96 scenes that no choice saw (178 phrases): 0.26 as before, 0.41 with this, in color 0.50.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import cv2
import numpy as np
import torch
from diffusers import DDPMScheduler, SchedulerMixin, UNet2DConditionModel
from torch.nn import functional as F

from lcad.attention.mask_bias import AttentionRecord, grid_of, steered
from lcad.imaging import gray_image, neighbor_ties, resize, smooth_along_edges
from lcad.models import LuminanceAutoencoder, self_attentions

TIMES = (0.7, 0.9, 0.98)  # noise levels at which attention is read: where little is seen, the phrase decides
SEEDS = 2  # noises drawn at each level
RIVAL = 0.5  # of the strongest other phrase, taken away from a phrase's attention
TIE_SIGMA, STRENGTH = 4.0, 120.0  # of the smoothing: L of a step that lets 1/e through; square of its reach, for 128 px a side
WORK_PX = 384  # longer side at which heat is smoothed and GrabCut runs
FINEST = 32 * 32  # cells of the finest layers that are read: their self-attention has FINEST² numbers a picture


class RecordedSelfAttention:
    """A processor for self-attention layers that keeps the mean over heads and batch, (cells, cells), a layer."""

    def __init__(self, largest: int):
        self.largest, self.maps = largest, []

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, attention_mask=None, temb=None) -> torch.Tensor:
        """Attend among cells (B, cells, C); returns (B, cells, C)."""
        split = (layer(hidden_states) for layer in (attn.to_q, attn.to_k, attn.to_v))
        query, key, value = (x.unflatten(-1, (attn.heads, -1)).transpose(1, 2) for x in split)
        if hidden_states.shape[1] <= self.largest:
            probabilities = (query @ key.transpose(-1, -2) * attn.scale).softmax(-1)
            self.maps.append(probabilities.float().mean((0, 1)))
            mixed = probabilities @ value
        else:
            mixed = F.scaled_dot_product_attention(query, key, value, scale=attn.scale)
        return attn.to_out[1](attn.to_out[0](mixed.transpose(1, 2).flatten(2)))


@contextmanager
def recorded(unet: UNet2DConditionModel, largest: int) -> Iterator[list[torch.Tensor]]:
    """Record the self-attention of layers of at most `largest` cells within the block; afterwards the layers are as before."""
    layers = self_attentions(unet).values()
    before, processor = [layer.processor for layer in layers], RecordedSelfAttention(largest)
    for layer in layers:
        layer.set_processor(processor)
    try:
        yield processor.maps
    finally:
        for layer, processor_before in zip(layers, before, strict=True):
            layer.set_processor(processor_before)


@torch.no_grad()
def object_heat(
    unet: UNet2DConditionModel,
    scheduler: SchedulerMixin,
    latents: torch.Tensor,
    luminance: torch.Tensor,
    text: torch.Tensor,
    tokens: torch.Tensor,
    seed: int,
) -> torch.Tensor:
    """Heat (P, h, w) float32 ≥ 0 of phrases in one picture, at the grid of the finest layers read; 1 is a layer's mean.

    latents (1, C, H, W) of the gray picture, times the scaling factor; luminance (1, c, H, W); text (1, T, D); tokens (P, T).
    """
    schedule = DDPMScheduler.from_config(scheduler.config)
    steps = torch.tensor([round(time * (schedule.config.num_train_timesteps - 1)) for time in TIMES] * SEEDS, device=latents.device)
    noise = torch.randn(len(steps), *latents.shape[1:], generator=torch.Generator().manual_seed(seed)).to(latents)
    noisy = schedule.add_noise(latents.expand_as(noise), noise, steps)
    size, several = tuple(latents.shape[-2:]), (len(steps), -1, -1)
    record = AttentionRecord(largest=FINEST)
    with steered(unet, size, record=record), recorded(unet, FINEST) as alike:
        unet(torch.cat([noisy, luminance.expand(*several, -1)], 1), steps, encoder_hidden_states=text.expand(several))
    maps = [phrase_map.float() for phrase_map in record.phrase_maps(tokens[None].expand(several).to(text.device))]
    finest = max(maps, key=lambda layer: layer[0, 0].numel()).shape[-2:]
    heat = torch.stack([_in_means(layer, finest) for layer in maps if 4 * layer[0, 0].numel() >= finest[0] * finest[1]]).mean(0)
    together = torch.stack([layer for layer in alike if grid_of(len(layer), size) == tuple(finest)]).mean(0)
    return (heat.flatten(1) @ together.T).unflatten(1, finest)


def _in_means(layer: torch.Tensor, size: Sequence[int]) -> torch.Tensor:
    """A layer's maps (B, P, h, w) in units of their means, averaged over the batch and brought to a size: (P, H, W)."""
    return F.interpolate((layer / layer.mean((-2, -1), keepdim=True).clamp(min=1e-8)).mean(0)[None], tuple(size), mode="bilinear")[0]


def gray_latents(autoencoder: LuminanceAutoencoder, planes: Sequence[np.ndarray]) -> torch.Tensor:
    """The latents (B, C, h, w), times the scaling factor, of gray pictures: lightness planes (H, W) in [0, 100] on a canvas."""
    gray = torch.from_numpy(np.stack([gray_image(plane) for plane in planes])).movedim(-1, 1)
    rgb = gray.to(autoencoder.device, autoencoder.dtype) / 127.5 - 1
    return autoencoder.encode(rgb).latent_dist.mode() * autoencoder.config.scaling_factor


def contrast(attention: torch.Tensor) -> torch.Tensor:
    """Heat (P, h, w) in [0, 1], its peak at 1 unless flat: each phrase's attention, less half of its strongest rival's."""
    heat = _scaled(attention)
    return _scaled((heat - RIVAL * strongest_rival(heat)).clamp(min=0))


def along_edges(lightness: np.ndarray, heat: torch.Tensor) -> np.ndarray:
    """Heat (P, h, w) of phrases that rival, smoothed along the edges of lightness (H, W): (P, h', w') in [0, 1], each peak at 1."""
    size = work_size(lightness.shape)
    own = contrast(heat).numpy()
    planes = np.dstack([resize(plane, size, cv2.INTER_LINEAR) for plane in own])
    ties = neighbor_ties(resize(lightness, size, cv2.INTER_AREA), None, TIE_SIGMA)
    smooth = smooth_along_edges(planes, ties, STRENGTH * (max(size) / 128) ** 2)
    return np.stack([_stretched(plane) for plane in np.moveaxis(smooth, -1, 0)])


def _stretched(plane: np.ndarray) -> np.ndarray:
    return (plane - plane.min()) / max(float(np.ptp(plane)), 1e-8)


def work_size(shape: tuple[int, ...]) -> tuple[int, int]:
    """The (height, width) at which a picture of a shape is cut."""
    scale = min(1.0, WORK_PX / max(shape))
    return max(1, round(shape[0] * scale)), max(1, round(shape[1] * scale))


def _scaled(maps: torch.Tensor) -> torch.Tensor:
    """Maps (P, h, w), each from 0 at its lowest to 1 at its peak."""
    low = maps.amin((1, 2), keepdim=True)
    return (maps - low) / (maps.amax((1, 2), keepdim=True) - low).clamp(min=1e-8)


def strongest_rival(maps: torch.Tensor) -> torch.Tensor:
    """The largest of the other phrases' maps, (P, h, w); zeros for a phrase alone."""
    if len(maps) == 1:
        return torch.zeros_like(maps)
    return torch.stack([torch.cat([maps[:p], maps[p + 1 :]]).amax(0) for p in range(len(maps))])
