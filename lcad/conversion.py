"""Weights under the official key names, to and from this package's components; sizes are inferred from the tensors.

A name is translated from ours to the official one, so what a checkpoint lacks and what it has too much of are both known
before anything is loaded: noise from wrong weights is never silent.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from diffusers import UNet2DConditionModel

from lcad.autoencoder import LuminanceAutoencoder
from lcad.unet import build_unet

UNET, AUTOENCODER = "model.diffusion_model.", "first_stage_model."
NORM_GROUPS = 32  # of every group norm of the published model; tensors do not tell
UNUSED = re.compile(r"first_stage_model\.(g_encoder\.(norm_out|conv_out)|loss)\.")  # in the checkpoint, never called
SHOWN = 5  # keys named in an error

RESNET = {
    "norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0",
    "conv2": "out_layers.3", "conv_shortcut": "skip_connection",
}  # fmt: skip
ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
UNET_ENDS = {
    "conv_in": "input_blocks.0.0", "time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
    "conv_norm_out": "out.0", "conv_out": "out.2",
}  # fmt: skip

Weights = Mapping[str, torch.Tensor]


def unet_name(name: str, blocks: int, attends: list[bool]) -> str:
    """The official name of one of the denoiser's tensors; `attends[level]` says which levels, largest first, have attention."""
    stem, leaf = name.rsplit(".", 1)
    if stem in UNET_ENDS:
        return f"{UNET}{UNET_ENDS[stem]}.{leaf}"
    if match := re.fullmatch(r"mid_block\.(resnets|attentions)\.(\d)\.(.+)", stem):
        kind, index, rest = match.groups()
        place = f"middle_block.{2 * int(index) + (kind == 'attentions')}"
    else:
        side, level, kind, index, rest = re.fullmatch(r"(down|up)_blocks\.(\d+)\.(\w+)\.(\d+)\.(.+)", stem).groups()
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
        return f"{AUTOENCODER}g_encoder.{place}.{leaf}"
    name = name.replace("luminance_encoder.", "g_encoder.").replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    name = re.sub(r"down_blocks\.(\d+)\.resnets", r"down.\1.block", name)
    name = re.sub(r"down_blocks\.(\d+)\.downsamplers\.0", r"down.\1.downsample", name)
    name = re.sub(r"up_blocks\.(\d+)\.resnets", lambda m: f"up.{levels - 1 - int(m[1])}.block", name)
    name = re.sub(r"up_blocks\.(\d+)\.upsamplers\.0", lambda m: f"up.{levels - 1 - int(m[1])}.upsample", name)
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    name = re.sub(r"mid_block\.attentions\.0\.(.+)\.(\w+)$", lambda m: f"mid.attn_1.{ATTENTION[m[1]]}.{m[2]}", name)
    return AUTOENCODER + name


def _count(weights: Weights, pattern: str) -> int:
    """How many different numbers stand in the first group of a pattern of names; ValueError when there is none."""
    numbers = {match[1] for name in weights if (match := re.match(pattern, name))}
    if not numbers:
        raise ValueError(f"these are no L-CAD weights: no tensor is named like {pattern}")
    return len(numbers)


def _tensor(weights: Weights, name: str) -> torch.Tensor:
    """A tensor that a size is read from; ValueError when it is missing."""
    if name not in weights:
        raise ValueError(f"1 missing tensors: {name}")
    return weights[name]


def autoencoder_for(weights: Weights) -> LuminanceAutoencoder:
    """An autoencoder of the size that the tensors have, not yet loaded."""
    encoder = re.escape(f"{AUTOENCODER}encoder.")
    levels, blocks = _count(weights, encoder + r"down\.(\d+)\."), _count(weights, encoder + r"down\.0\.block\.(\d+)\.")
    prefix = f"{AUTOENCODER}encoder.down"
    return LuminanceAutoencoder(
        block_out_channels=tuple(_tensor(weights, f"{prefix}.{level}.block.0.conv2.weight").shape[0] for level in range(levels)),
        layers_per_block=blocks,
        latent_channels=_tensor(weights, f"{AUTOENCODER}post_quant_conv.weight").shape[0],
        norm_num_groups=NORM_GROUPS,
    )


def unet_for(weights: Weights, attention_heads: int) -> UNet2DConditionModel:
    """A denoiser of the size that the tensors have, not yet loaded; the number of heads does not show in them."""
    prefix = f"{UNET}input_blocks"
    inputs = _count(weights, re.escape(prefix) + r"\.(\d+)\.")
    downs = [i for i in range(inputs) if f"{prefix}.{i}.0.op.weight" in weights]
    blocks = downs[0] - 1 if downs else inputs - 1
    firsts = range(1, inputs, blocks + 1)
    latent_channels = _tensor(weights, f"{UNET}out.2.weight").shape[0]
    context = _tensor(weights, f"{UNET}middle_block.1.transformer_blocks.0.attn2.to_k.weight")
    return build_unet(
        _tensor(weights, f"{prefix}.0.0.weight").shape[1] - latent_channels,
        latent_channels=latent_channels,
        block_out_channels=[_tensor(weights, f"{prefix}.{i}.0.out_layers.3.weight").shape[0] for i in firsts],
        attention_levels=[f"{prefix}.{i}.1.norm.weight" in weights for i in firsts],
        layers_per_block=blocks,
        cross_attention_dim=context.shape[1],
        attention_heads=attention_heads,
        norm_num_groups=NORM_GROUPS,
    )


def official_names(autoencoder: LuminanceAutoencoder, unet: UNet2DConditionModel) -> dict[str, tuple[torch.nn.Module, str]]:
    """Every official name that the components need, with the component and our name of it."""
    levels, blocks = len(autoencoder.config.block_out_channels), autoencoder.config.layers_per_block
    attends = [kind == "CrossAttnDownBlock2D" for kind in unet.config.down_block_types]
    names = {autoencoder_name(name, blocks, levels): (autoencoder, name) for name in autoencoder.state_dict()}
    return names | {unet_name(name, unet.config.layers_per_block, attends): (unet, name) for name in unet.state_dict()}


def _listed(title: str, names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{len(names)} {title}: {', '.join(names[:SHOWN])}{more}" if names else ""


def components_from_official(state_dict: Weights, attention_heads: int = 8) -> tuple[LuminanceAutoencoder, UNet2DConditionModel]:
    """The autoencoder (with its luminance encoder) and the denoiser of official weights, float32, in eval mode.

    Tensors outside of the autoencoder and the denoiser (schedule buffers, text encoder) are not read. Raises ValueError
    naming missing and unexpected tensors, or a tensor of the wrong shape.
    """
    autoencoder, unet = autoencoder_for(state_dict), unet_for(state_dict, attention_heads)
    needed = official_names(autoencoder, unet)
    missing = [name for name in needed if name not in state_dict]
    surplus = [name for name in state_dict if name.startswith((UNET, AUTOENCODER)) and name not in needed and not UNUSED.match(name)]
    if missing or surplus:
        raise ValueError("; ".join(filter(None, [_listed("missing tensors", missing), _listed("unexpected tensors", surplus)])))
    for component in (autoencoder, unet):
        own = component.state_dict()
        for name, (_, ours) in ((n, pair) for n, pair in needed.items() if pair[0] is component):
            given = state_dict[name]
            if given.numel() != own[ours].numel():
                raise ValueError(f"{name} has the shape {tuple(given.shape)}, expected {tuple(own[ours].shape)}")
            own[ours] = given.float().reshape(own[ours].shape)  # the official 1×1 convolutions of attention are our linear layers
        component.load_state_dict(own)
        component.eval()
    return autoencoder, unet


def official_from_components(autoencoder: LuminanceAutoencoder, unet: UNet2DConditionModel) -> dict[str, torch.Tensor]:
    """The components' weights under the official names; the mid-block attention's linear layers become 1×1 convolutions."""
    weights = {}
    for name, (component, ours) in official_names(autoencoder, unet).items():
        tensor = component.get_parameter(ours).detach()
        weights[name] = tensor[..., None, None] if ".mid.attn_1." in name and tensor.ndim == 2 else tensor
    return weights


def read_checkpoint(path: str | Path) -> dict[str, torch.Tensor]:
    """The state dict of a pickled checkpoint (.ckpt, .pth), read with `weights_only=True`, so that no code in it runs."""
    content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    return content.get("state_dict", content)
