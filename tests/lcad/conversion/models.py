"""Stable Diffusion and L-CAD in the published shape at the least width that 32 norm groups allow, with random weights."""

import json
from pathlib import Path

import torch
from diffusers import AutoencoderKL, PNDMScheduler, StableDiffusionPipeline, UNet2DConditionModel
from safetensors.torch import save_file

from lcad import LCADPipeline
from lcad.checkpoints import Components
from lcad.conversion import official_from_components, official_state_dict
from lcad.conversion.official_tensor_names import text_names
from lcad.models import LuminanceAutoencoder, build_unet
from lcad.sampler import BETAS, default_scheduler

WIDTHS = (32, 64)


def unet_with(luminance_channels: int, text_width: int) -> UNet2DConditionModel:
    """A denoiser that takes four latent channels and some of luminance."""
    return build_unet(
        luminance_channels, block_out_channels=WIDTHS, attention_levels=(True, False), layers_per_block=2, cross_attention_dim=text_width
    ).eval()


def lcad_with(text: LCADPipeline) -> Components:
    """An L-CAD whose sizes the official code could hold, its luminance features not zero; text encoder and tokenizer as given."""
    torch.manual_seed(0)
    autoencoder = LuminanceAutoencoder(block_out_channels=WIDTHS, layers_per_block=2)
    for conv in autoencoder.luminance_encoder.feature_convs:
        torch.nn.init.normal_(conv.weight)
    unet = unet_with(64, text.text_encoder.config.hidden_size)
    return Components(autoencoder.eval(), unet, text.text_encoder, text.tokenizer, default_scheduler("epsilon"))


def official_weights(components: Components) -> dict[str, torch.Tensor]:
    """The state dict of an official checkpoint, with what such checkpoints carry besides."""
    extra = {
        "cond_stage_model.transformer.text_model.embeddings.position_ids": torch.arange(24)[None],
        "model_ema.decay": torch.tensor(0.9999), "model_ema.diffusion_modelout2bias": torch.zeros(4),
        "first_stage_model.loss.logvar": torch.zeros(()), "first_stage_model.loss.perceptual_loss.lin0.model.1.weight": torch.zeros(1),
        "first_stage_model.loss.discriminator.main.0.weight": torch.zeros(2),
    }  # fmt: skip
    return official_state_dict(components) | extra


def stable_diffusion_with(text: LCADPipeline) -> StableDiffusionPipeline:
    """A Stable Diffusion pipeline of diffusers; text encoder and tokenizer as given."""
    torch.manual_seed(1)
    kinds = {"down_block_types": ("DownEncoderBlock2D",) * 2, "up_block_types": ("UpDecoderBlock2D",) * 2}
    vae = AutoencoderKL(block_out_channels=WIDTHS, layers_per_block=2, **kinds).eval()
    unet = unet_with(0, text.text_encoder.config.hidden_size)
    scheduler = PNDMScheduler(**BETAS, skip_prk_steps=True, set_alpha_to_one=False, steps_offset=1)
    rest = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    return StableDiffusionPipeline(vae, text.text_encoder, text.tokenizer, unet, scheduler, **rest)


def write_diffusers_folder(pipeline: StableDiffusionPipeline, folder: Path) -> Path:
    """Stable Diffusion as diffusers itself writes it, with the tokenizer's files of the published repository."""
    pipeline.save_pretrained(folder)
    whole = folder / "tokenizer" / "tokenizer.json"
    model = json.loads(whole.read_text())["model"]
    (folder / "tokenizer" / "vocab.json").write_text(json.dumps(model["vocab"]))
    (folder / "tokenizer" / "merges.txt").write_text("\n".join(["#version: 0.2", *(" ".join(pair) for pair in model["merges"])]) + "\n")
    whole.unlink()
    return folder


def write_single_file(pipeline: StableDiffusionPipeline, path: Path) -> Path:
    """Stable Diffusion as one file of safetensors under its original names."""
    autoencoder = LuminanceAutoencoder(block_out_channels=WIDTHS, layers_per_block=2)
    autoencoder.load_state_dict(pipeline.vae.state_dict(), strict=False)
    weights = official_from_components(autoencoder, pipeline.unet)
    weights = {name: tensor.contiguous() for name, tensor in weights.items() if ".g_encoder." not in name}
    text = pipeline.text_encoder.state_dict()
    weights |= {name: text[ours] for name, ours in text_names(pipeline.text_encoder).items()}
    save_file(weights, path)
    return path
