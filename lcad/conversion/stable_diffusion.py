"""Stable Diffusion 1.5 to a start for training: an L-CAD that computes what Stable Diffusion does, until it has learned more.

The denoiser's `conv_in` is widened with zeros, so luminance changes nothing yet. The luminance encoder has the weights of the
autoencoder's own encoder, and its feature convolutions are zero, so the decoder is the plain one yet. With features of zero the
new channels get no gradient: the luminance stage is trained first, as published.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKL, DPMSolverMultistepScheduler, SchedulerMixin, UNet2DConditionModel

from lcad.conversion.base_models import TEXT_FILES, require
from lcad.conversion.infer_sizes import autoencoder_for, unet_for
from lcad.conversion.official import refuse_other_models
from lcad.conversion.official_tensor_names import LUMINANCE, TEXT, autoencoder_names, official_shape, part_of, unet_names, unused_kind
from lcad.conversion.state_dict_check import filled, refuse_misfits
from lcad.conversion.weight_files import read_weights
from lcad.models import LuminanceAutoencoder
from lcad.sampler import BETAS, default_scheduler

FILES = ("unet/config.json", "unet/diffusion_pytorch_model.safetensors", "vae/config.json", "vae/diffusion_pytorch_model.safetensors",
         "scheduler/scheduler_config.json", *TEXT_FILES)  # fmt: skip
OLD_ATTENTION = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}  # before diffusers 0.12
SIZES = (
    "in_channels", "out_channels", "block_out_channels", "layers_per_block", "latent_channels", "norm_num_groups", "sample_size",
    "scaling_factor",
)  # fmt: skip

Weights = Mapping[str, torch.Tensor]


@dataclass(frozen=True)
class Parts:
    """Denoiser and autoencoder as they were found: weights under diffusers' names, and the configs that go with them."""

    unet: Weights
    unet_config: Mapping[str, Any]
    autoencoder: Weights
    autoencoder_config: Mapping[str, Any]
    scheduler: SchedulerMixin


def parts_of_folder(folder: Path) -> Parts:
    """The parts of a folder in diffusers' layout. Raises FileNotFoundError for missing files, ValueError for what does not fit."""
    stems = [f"{part}/diffusion_pytorch_model" for part in ("unet", "vae")]
    require(folder, *([name] for name in (FILES[0], FILES[2], FILES[4])), *((f"{stem}.safetensors", f"{stem}.bin") for stem in stems))
    unet, autoencoder = (read_weights(next(p for p in (folder / f"{s}.safetensors", folder / f"{s}.bin") if p.is_file())) for s in stems)
    config = UNet2DConditionModel.load_config(folder / "unet")
    with torch.device("meta"):
        narrow = UNet2DConditionModel.from_config(config)
        plain = AutoencoderKL.from_config(AutoencoderKL.load_config(folder / "vae"))
    old = r"(?<=attentions\.0\.)(query|key|value|proj_attn)(?=\.)"
    autoencoder = {re.sub(old, lambda m: OLD_ATTENTION[m[1]], name): tensor for name, tensor in autoencoder.items()}
    for model, weights, part in ((narrow, unet, "the denoiser"), (plain, autoencoder, "the autoencoder")):
        refuse_misfits({name: tensor.shape for name, tensor in model.state_dict().items()}, weights, lambda _, part=part: part)
    scheduler = _published_schedule(DPMSolverMultistepScheduler.load_config(folder / "scheduler"))
    return Parts(unet, narrow.config, autoencoder, plain.config, scheduler)


def parts_of_checkpoint(weights: Weights) -> Parts:
    """The parts of a single-file checkpoint, which has no configs: sizes are inferred, the rest is as published.

    Raises ValueError naming by part the tensors that are missing, unexpected, or of the wrong shape.
    """
    refuse_other_models(weights, ("denoiser", "autoencoder"))
    if any(name.startswith(LUMINANCE) for name in weights):
        raise ValueError("these are weights of L-CAD already: convert them instead")
    autoencoder, unet = autoencoder_for(weights), unet_for(weights)
    own = {name: ours for name, ours in autoencoder_names(autoencoder).items() if not ours.startswith("luminance_encoder.")}
    names, shapes = {autoencoder: own, unet: unet_names(unet)}, {}
    for component, pairs in names.items():
        state = component.state_dict()
        shapes |= {official: official_shape(official, state[ours].shape) for official, ours in pairs.items()}
    tensors = {name: tensor for name, tensor in weights.items() if not unused_kind(name) and not name.startswith(TEXT)}
    refuse_misfits(shapes, tensors, part_of)
    ours = {component: {name: weights[official] for official, name in pairs.items()} for component, pairs in names.items()}
    return Parts(ours[unet], unet.config, ours[autoencoder], autoencoder.config, default_scheduler("epsilon"))


def _published_schedule(config: Mapping[str, Any]) -> SchedulerMixin:
    """Our scheduler for a config; ValueError for another noise schedule than the published one."""
    other = {name: config.get(name) for name, value in BETAS.items() if config.get(name) != value}
    if other:
        raise ValueError(f"its noise schedule is not that of Stable Diffusion 1.5: {other}, expected {BETAS}")
    return default_scheduler(config.get("prediction_type", "epsilon"))


def widened(parts: Parts) -> tuple[LuminanceAutoencoder, UNet2DConditionModel]:
    """The luminance autoencoder and the widened denoiser, float32, in eval mode; they compute what the parts did.

    Float32 weights are taken over, not copied, but for those that exist twice now. Raises ValueError for a denoiser that takes
    more than latents.
    """
    autoencoder = _with_luminance_encoder(parts)
    latents, taken = autoencoder.config.latent_channels, parts.unet_config["in_channels"]
    if taken != latents:
        raise ValueError(f"the denoiser takes {taken} channels, the latents have {latents}: a plain Stable Diffusion is needed")
    with torch.device("meta"):
        unet = UNet2DConditionModel.from_config(parts.unet_config, in_channels=latents + autoencoder.luminance_channels)
    narrow = parts.unet["conv_in.weight"]
    room = narrow.new_zeros(len(narrow), autoencoder.luminance_channels, *narrow.shape[2:])
    return autoencoder, filled(unet, {**parts.unet, "conv_in.weight": torch.cat([narrow, room], 1)})


def _with_luminance_encoder(parts: Parts) -> LuminanceAutoencoder:
    """The autoencoder with a luminance encoder of its own encoder's weights, and feature convolutions of zero."""
    with torch.device("meta"):
        model = LuminanceAutoencoder(**{name: parts.autoencoder_config[name] for name in SIZES})
    weights, prefix = dict(parts.autoencoder), "luminance_encoder."
    for name, tensor in model.state_dict().items():
        if name.startswith(f"{prefix}feature_convs."):
            weights[name] = torch.zeros(tensor.shape)
        elif name.startswith(prefix):
            weights[name] = parts.autoencoder["encoder." + name.removeprefix(prefix)].clone()
    return filled(model, weights)
