"""A real L-CAD of a few thousand random weights, so that jobs around the model can be tested in seconds."""

from pathlib import Path

import torch
from transformers import CLIPTextConfig, CLIPTextModel

from lcad import LCADPipeline
from lcad.models import LuminanceAutoencoder, build_unet
from lcad.settings import PipelineSettings
from lcad.training import mini_config

WIDTH = 16


def write_tiny_checkpoint(folder: Path, seed: int = 0) -> Path:
    """Write a checkpoint folder; another seed gives other weights."""
    torch.manual_seed(seed)
    tokenizer = mini_config.train_tokenizer(["a red cup on a brown table", "a blue car beside a green tree"], size=600)
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=WIDTH, num_hidden_layers=1, num_attention_heads=2,
            max_position_embeddings=mini_config.CAPTION_TOKENS, projection_dim=WIDTH, bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
        )
    )  # fmt: skip
    autoencoder = LuminanceAutoencoder(
        block_out_channels=(8, 8, 8), layers_per_block=1, norm_num_groups=4, sample_size=32, scaling_factor=1.0,
        mid_block_add_attention=False,
    )  # fmt: skip
    unet = build_unet(
        autoencoder.luminance_channels, sample_size=8, block_out_channels=(8, 16), attention_levels=(False, True), layers_per_block=1,
        cross_attention_dim=WIDTH, attention_heads=2, norm_num_groups=4,
    )  # fmt: skip
    settings = PipelineSettings(native_size=32, steps=2)
    LCADPipeline.assemble(autoencoder, unet, text, tokenizer, mini_config.scheduler(), settings).save_pretrained(folder)
    return folder
