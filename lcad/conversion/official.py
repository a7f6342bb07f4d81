"""Official checkpoints: their state dicts to this package's components, and back."""

from collections.abc import Collection, Mapping

import torch
from diffusers import SchedulerMixin, UNet2DConditionModel
from transformers import CLIPTextModel

from lcad.checkpoints import Components
from lcad.conversion.infer_sizes import ATTENTION_HEADS, NORM_GROUPS, autoencoder_for, unet_for
from lcad.conversion.official_tensor_names import (
    AUTOENCODER,
    LUMINANCE,
    PARTS,
    TEXT,
    UNET,
    autoencoder_names,
    official_shape,
    part_of,
    text_names,
    unet_names,
    unused_kind,
)
from lcad.conversion.state_dict_check import filled, refuse_misfits
from lcad.models import LuminanceAutoencoder

Weights = Mapping[str, torch.Tensor]


def components_from_official(
    state_dict: Weights, attention_heads: int = ATTENTION_HEADS
) -> tuple[LuminanceAutoencoder, UNet2DConditionModel]:
    """The autoencoder (with its luminance encoder) and the denoiser of official weights, float32, in eval mode.

    Float32 tensors are taken over, not copied. The text encoder's are not read here (see `load_text`), those that nothing
    calls never. Raises ValueError naming by part the tensors that are missing, unexpected, or of the wrong shape.
    """
    refuse_other_models(state_dict, ("denoiser", "luminance encoder", "autoencoder"))
    autoencoder, unet = autoencoder_for(state_dict), unet_for(state_dict, attention_heads)
    names = {autoencoder: autoencoder_names(autoencoder), unet: unet_names(unet)}
    shapes = {official: component.state_dict()[ours].shape for component, pairs in names.items() for official, ours in pairs.items()}
    weights = {name: tensor for name, tensor in state_dict.items() if not unused_kind(name) and not name.startswith(TEXT)}
    refuse_misfits({name: official_shape(name, shape) for name, shape in shapes.items()}, weights, part_of)
    for component, pairs in names.items():
        filled(component, {ours: state_dict[official] for official, ours in pairs.items()})
    return autoencoder, unet


def refuse_other_models(weights: Weights, prefixes: Collection[str]) -> None:
    """Raise ValueError for weights that lack a whole part, saying which model they are of where that can be told."""
    absent = [part for part in prefixes if not any(name.startswith(PARTS[part]) for name in weights)]
    if "denoiser" in absent and "autoencoder" in absent:
        raise ValueError(f"these are weights of neither L-CAD nor Stable Diffusion: no tensor's name begins with {UNET} or {AUTOENCODER}")
    if absent == ["luminance encoder"]:
        raise ValueError(f"these are weights of Stable Diffusion, not of L-CAD: no tensor's name begins with {LUMINANCE}")
    if absent:
        raise ValueError(f"the {absent[0]} is missing altogether: no tensor's name begins with {PARTS[absent[0]]}")


def load_text(text_encoder: CLIPTextModel, weights: Weights) -> bool:
    """Give a text encoder the weights that a checkpoint carries of its own; False, and nothing done, where it carries none.

    Raises ValueError naming the tensors that do not fit.
    """
    text_weights = {name: tensor for name, tensor in weights.items() if name.startswith(TEXT) and not unused_kind(name)}
    if not text_weights:
        return False
    names, own = text_names(text_encoder), text_encoder.state_dict()
    refuse_misfits({official: own[ours].shape for official, ours in names.items()}, text_weights, part_of)
    text_encoder.load_state_dict({ours: text_weights[official].to(own[ours]) for official, ours in names.items()})
    return True


def official_from_components(autoencoder: LuminanceAutoencoder, unet: UNet2DConditionModel) -> dict[str, torch.Tensor]:
    """The weights of autoencoder and denoiser under their official names and in their official shapes, not copied."""
    weights = {}
    for component, names in ((autoencoder, autoencoder_names(autoencoder)), (unet, unet_names(unet))):
        own = component.state_dict()
        weights |= {official: own[ours].reshape(official_shape(official, own[ours].shape)) for official, ours in names.items()}
    return weights


def official_state_dict(components: Components) -> dict[str, torch.Tensor]:
    """Everything that the official code's own state dict has, so that it can read a checkpoint strictly.

    The luminance encoder's output layers, which nothing calls, are the identity's: ones and zeros. Raises ValueError for
    components that the official code cannot hold.
    """
    autoencoder, unet = components.autoencoder, components.unet
    _refuse_sizes(autoencoder, unet)
    width, latents = autoencoder.luminance_channels, autoencoder.config.latent_channels
    idle = {
        "norm_out.weight": torch.ones(width), "norm_out.bias": torch.zeros(width),
        "conv_out.weight": torch.zeros(2 * latents, width, 3, 3), "conv_out.bias": torch.zeros(2 * latents),
    }  # fmt: skip
    text = components.text_encoder.state_dict()
    return (
        official_from_components(autoencoder, unet)
        | {LUMINANCE + name: tensor for name, tensor in idle.items()}
        | {official: text[ours] for official, ours in text_names(components.text_encoder).items()}
        | schedule_buffers(components.scheduler)
    )


def _refuse_sizes(autoencoder: LuminanceAutoencoder, unet: UNet2DConditionModel) -> None:
    """Raise ValueError for sizes that the official code has fixed otherwise."""
    groups = {autoencoder.config.norm_num_groups, unet.config.norm_num_groups}
    if groups != {NORM_GROUPS}:
        raise ValueError(f"the official code has {NORM_GROUPS} groups in each group norm, these components {sorted(groups)}")
    if not autoencoder.config.mid_block_add_attention:
        raise ValueError("the official autoencoder has attention in its middle, this one has none")
    if autoencoder.config.prior_channels:
        raise ValueError("the official code has no color prior, which this autoencoder has")


def schedule_buffers(scheduler: SchedulerMixin) -> dict[str, torch.Tensor]:
    """The noise schedule as official checkpoints carry it (Ho et al. 2020, equations 4 and 7), float32 of float64 arithmetic.

    Raises ValueError for a schedule that is not scaled-linear.
    """
    config = scheduler.config
    if config.beta_schedule != "scaled_linear":
        raise ValueError(f"the official code has a scaled-linear noise schedule, this checkpoint a {config.beta_schedule} one")
    betas = torch.linspace(config.beta_start**0.5, config.beta_end**0.5, config.num_train_timesteps, dtype=torch.float64) ** 2
    kept = (1 - betas).cumprod(0)
    before = torch.cat([kept.new_ones(1), kept[:-1]])
    variance = betas * (1 - before) / (1 - kept)
    buffers = {
        "betas": betas, "alphas_cumprod": kept, "alphas_cumprod_prev": before, "sqrt_alphas_cumprod": kept.sqrt(),
        "sqrt_one_minus_alphas_cumprod": (1 - kept).sqrt(), "log_one_minus_alphas_cumprod": (1 - kept).log(),
        "sqrt_recip_alphas_cumprod": kept.rsqrt(), "sqrt_recipm1_alphas_cumprod": (1 / kept - 1).sqrt(),
        "posterior_variance": variance, "posterior_log_variance_clipped": variance.clamp(min=1e-20).log(),
        "posterior_mean_coef1": betas * before.sqrt() / (1 - kept),
        "posterior_mean_coef2": (1 - before) * (1 - betas).sqrt() / (1 - kept), "logvar": torch.zeros(len(betas)),
    }  # fmt: skip
    return {name: tensor.float() for name, tensor in buffers.items()}
