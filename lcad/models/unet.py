"""The denoiser: diffusers' UNet2DConditionModel whose input is latents and luminance channels, concatenated in that order."""

from collections.abc import Sequence
from typing import Any

import torch
from diffusers import UNet2DConditionModel
from torch import nn


def build_unet(
    luminance_channels: int,
    *,
    latent_channels: int = 4,
    sample_size: int = 32,
    block_out_channels: Sequence[int] = (320, 640, 1280, 1280),
    attention_levels: Sequence[bool] = (True, True, True, False),
    layers_per_block: int = 2,
    cross_attention_dim: int = 768,
    attention_heads: int = 8,
    norm_num_groups: int = 32,
) -> UNet2DConditionModel:
    """A denoiser of any size; the defaults are the published one but for its 512 luminance channels.

    `attention_levels` says which levels (first is the largest) attend to the caption; the middle always does.
    `sample_size` is the native latent side. `attention_heads` heads at every level, so each width that attends must be a
    multiple of it; every width must be a multiple of `norm_num_groups`. Raises ValueError where it is not.
    """
    widths, attends = tuple(block_out_channels), tuple(attention_levels)
    if len(widths) != len(attends):
        raise ValueError(f"one attention_levels entry a level is needed: {len(widths)} widths, {len(attends)} entries")
    for width in widths:
        if width % norm_num_groups or width % attention_heads:
            raise ValueError(f"width {width} is not a multiple of {norm_num_groups} norm groups and {attention_heads} heads")
    return UNet2DConditionModel(
        sample_size=sample_size,
        in_channels=latent_channels + luminance_channels,
        out_channels=latent_channels,
        down_block_types=tuple("CrossAttnDownBlock2D" if attend else "DownBlock2D" for attend in attends),
        up_block_types=tuple("CrossAttnUpBlock2D" if attend else "UpBlock2D" for attend in reversed(attends)),
        block_out_channels=widths,
        layers_per_block=layers_per_block,
        cross_attention_dim=cross_attention_dim,
        attention_head_dim=attention_heads,  # diffusers' name for the number of heads of this model
        norm_num_groups=norm_num_groups,
    )


@torch.no_grad()
def widen(unet: UNet2DConditionModel, extra_channels: int) -> UNet2DConditionModel:
    """A copy of a denoiser that takes `extra_channels` more and starts equal to it: new weights of `conv_in` are zero."""
    if extra_channels < 1:
        raise ValueError(f"extra_channels must be at least 1, got {extra_channels}")
    before = unet.conv_in
    wide = UNet2DConditionModel.from_config(unet.config, in_channels=unet.config.in_channels + extra_channels).to(before.weight)
    weights = unet.state_dict()
    room = before.weight.new_zeros(before.out_channels, extra_channels, *before.kernel_size)
    weights["conv_in.weight"] = torch.cat([before.weight, room], 1)
    wide.load_state_dict(weights)
    return wide.train(unet.training)


def cross_attentions(unet: nn.Module) -> dict[str, Any]:
    """The denoiser's cross-attention layers by name, in order from input to output."""
    return _attentions(unet, "attn2")


def self_attentions(unet: nn.Module) -> dict[str, Any]:
    """The self-attention layers beside them, in the same order."""
    return _attentions(unet, "attn1")


def _attentions(unet: nn.Module, ending: str) -> dict[str, nn.Module]:
    parts = {part: getattr(unet, part) for part in ("down_blocks", "mid_block", "up_blocks")}
    return {f"{part}.{name}": layer for part, block in parts.items() for name, layer in block.named_modules() if name.endswith(ending)}
