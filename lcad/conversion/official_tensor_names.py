"""The names of tensors in official checkpoints, which are those of Stable Diffusion's, and of what is in them besides.

A name is translated from ours to the official one, so what a checkpoint lacks and what it has too much of are both known
before anything is loaded.
"""

import re

import torch
from diffusers import UNet2DConditionModel
from transformers import CLIPTextModel

from lcad.models import LuminanceAutoencoder

UNET, AUTOENCODER, TEXT = "model.diffusion_model.", "first_stage_model.", "cond_stage_model."
LUMINANCE = f"{AUTOENCODER}g_encoder."
CLIP = f"{TEXT}transformer.text_model."
PARTS = {"denoiser": UNET, "luminance encoder": LUMINANCE, "autoencoder": AUTOENCODER, "text encoder": TEXT}  # the first that fits
UNUSED = {  # in checkpoints, never called at sampling
    "noise schedule": r"betas|(alphas_cumprod|sqrt_|log_one_minus_|posterior_)\w*|logvar|lvlb_weights|scale_factor",
    "running averages": r"(first_stage_model\.)?model_ema\..+",
    "losses": r"(first_stage_model\.)?loss\..+",
    "luminance encoder's output layers": r"first_stage_model\.g_encoder\.(norm_out|conv_out)\.\w+",
    "positions of tokens": r"cond_stage_model\..+\.position_ids",
}

RESNET = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0",
    "conv2": "out_layers.3", "conv_shortcut": "skip_connection",
}  # fmt: skip
ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
UNET_ENDS = {
    "conv_in": "input_blocks.0.0", "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
    "conv_norm_out": "out.0", "conv_out": "out.2",
}  # fmt: skip


def part_of(name: str) -> str:
    """The part that a tensor of an official name belongs to."""
    return next((part for part, prefix in PARTS.items() if name.startswith(prefix)), "no known part")


def unused_kind(name: str) -> str | None:
    """What a tensor is that checkpoints carry and nothing calls; None for one that is none of these."""
    return next((kind for kind, pattern in UNUSED.items() if re.fullmatch(pattern, name)), None)


def unet_name(name: str, blocks: int, attends: list[bool]) -> str:
    """The official name of one of the denoiser's tensors; `attends[level]` says which levels, largest first, have attention."""
    stem, leaf = name.rsplit(".", 1)
    if stem in UNET_ENDS:
        return f"{UNET}{UNET_ENDS[stem]}.{leaf}"
    if match := re.fullmatch(r"mid_block\.(resnets|attentions)\.(\d)\.(.+)", stem):
        kind, index, rest = match.groups()
        place = f"middle_block.{2 * int(index) + (kind == 'attentions')}"
    else:
        ((side, level, kind, index, rest),) = re.findall(r"^(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.+)$", stem)
        first = int(level) * (blocks + 1) + (side == "down")
        slot = {"resnets": 0, "attentions": 1, "downsamplers": 0, "upsamplers": 1 + attends[-1 - int(level)]}[kind]
        number = first + (blocks if kind.endswith("samplers") else int(index))
        place = f"{'input' if side == 'down' else 'output'}_blocks.{number}.{slot}"
    if kind == "resnets":
        rest = RESNET[rest]
    elif kind == "downsamplers":
        rest = "op"
    return f"{UNET}{place}.{rest}.{leaf}"


def autoencoder_name(name: str, blocks: int, levels: int) -> str:
    """The official name of one of the autoencoder's tensors, the luminance encoder's included."""
    if match := re.fullmatch(r"luminance_encoder\.feature_convs\.(\d+)\.(\w+)", name):
        index, leaf = int(match[1]), match[2]
        mid = index - levels * blocks
        place = f"zero_conv_mid{mid + 1}" if mid >= 0 else f"down.{index // blocks}.zero_conv.{index % blocks}"
        return f"{LUMINANCE}{place}.{leaf}"
    name = name.replace("luminance_encoder.", "g_encoder.").replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    name = re.sub(r"down_blocks\.(\d+)\.resnets", r"down.\1.block", name)
    name = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", name)
    name = re.sub(r"up_blocks\.(\d+)\.resnets", lambda m: f"up.{levels - 1 - int(m[1])}.block", name)
    name = re.sub(r"up_blocks\.(\d+)\.upsamplers\.0", lambda m: f"up.{levels - 1 - int(m[1])}.upsample", name)
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    name = re.sub(r"mid_block\.attentions\.0\.(.+)\.(\w+)$", lambda m: f"mid.attn_1.{ATTENTION[m[1]]}.{m[2]}", name)
    return AUTOENCODER + name


def unet_names(unet: UNet2DConditionModel) -> dict[str, str]:
    """Our names of the denoiser's tensors by their official ones."""
    attends = [kind == "CrossAttnDownBlock2D" for kind in unet.config.down_block_types]
    return {unet_name(name, unet.config.layers_per_block, attends): name for name in unet.state_dict()}


def autoencoder_names(autoencoder: LuminanceAutoencoder) -> dict[str, str]:
    """Our names of the autoencoder's tensors by their official ones."""
    levels, blocks = len(autoencoder.config.block_out_channels), autoencoder.config.layers_per_block
    return {autoencoder_name(name, blocks, levels): name for name in autoencoder.state_dict()}


def text_names(text_encoder: CLIPTextModel) -> dict[str, str]:
    """Our names of the text encoder's tensors by their official ones; older versions of transformers have a prefix in them."""
    return {CLIP + name.removeprefix("text_model."): name for name in text_encoder.state_dict()}


def official_shape(name: str, shape: torch.Size) -> torch.Size:
    """The shape that a tensor of ours has under its official name: linear layers of the autoencoder's attention are 1×1 convolutions."""
    return torch.Size((*shape, 1, 1)) if ".mid.attn_1." in name and len(shape) == 2 else shape
