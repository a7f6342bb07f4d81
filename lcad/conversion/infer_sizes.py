"""Components of the sizes that official tensors have, without weights of their own."""

import re
from collections.abc import Mapping

import torch
from diffusers import UNet2DConditionModel

from lcad.conversion.official_tensor_names import AUTOENCODER, UNET
from lcad.models import LuminanceAutoencoder, build_unet

NORM_GROUPS = 32  # of every group norm of the published model; tensors do not tell
ATTENTION_HEADS = 8  # at every level of the published denoiser; tensors do not tell either

Weights = Mapping[str, torch.Tensor]


def _count(weights: Weights, pattern: str) -> int:
    """How many different numbers stand in the first group of a pattern of names; ValueError when there is none."""
    numbers = {match[1] for name in weights if (match := re.match(pattern, name))}
    if not numbers:
        raise ValueError(f"no tensor is named like {pattern}")
    return len(numbers)


def _shape(weights: Weights, name: str) -> torch.Size:
    """The shape of a tensor that a size is read from; ValueError when it is missing."""
    if name not in weights:
        raise ValueError(f"the tensor {name} is missing")
    return weights[name].shape


def autoencoder_for(weights: Weights) -> LuminanceAutoencoder:
    """An autoencoder of the size that the tensors have, on the meta device."""
    encoder = f"{AUTOENCODER}encoder.down"
    levels = _count(weights, re.escape(encoder) + r"\.(\d+)\.")
    blocks = _count(weights, re.escape(encoder) + r"\.0\.block\.(\d+)\.")
    with torch.device("meta"):
        return LuminanceAutoencoder(
            block_out_channels=tuple(_shape(weights, f"{encoder}.{level}.block.0.conv2.weight")[0] for level in range(levels)),
            layers_per_block=blocks,
            latent_channels=_shape(weights, f"{AUTOENCODER}post_quant_conv.weight")[0],
            norm_num_groups=NORM_GROUPS,
        )


def unet_for(weights: Weights, attention_heads: int = ATTENTION_HEADS) -> UNet2DConditionModel:
    """A denoiser of the size that the tensors have, on the meta device."""
    prefix = f"{UNET}input_blocks"
    inputs = _count(weights, re.escape(prefix) + r"\.(\d+)\.")
    downs = [i for i in range(inputs) if f"{prefix}.{i}.0.op.weight" in weights]
    blocks = downs[0] - 1 if downs else inputs - 1
    firsts = range(1, inputs, blocks + 1)
    latent_channels = _shape(weights, f"{UNET}out.2.weight")[0]
    with torch.device("meta"):
        return build_unet(
            _shape(weights, f"{prefix}.0.0.weight")[1] - latent_channels,
            latent_channels=latent_channels,
            block_out_channels=[_shape(weights, f"{prefix}.{i}.0.out_layers.3.weight")[0] for i in firsts],
            attention_levels=[f"{prefix}.{i}.1.norm.weight" in weights for i in firsts],
            layers_per_block=blocks,
            cross_attention_dim=_shape(weights, f"{UNET}middle_block.1.transformer_blocks.0.attn2.to_k.weight")[1],
            attention_heads=attention_heads,
            norm_num_groups=NORM_GROUPS,
        )
