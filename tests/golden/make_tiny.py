"""Make the tiny checkpoint and the outputs that guard it: run only when the function is meant to change.

    python tests/golden/make_tiny.py

`tiny/` is a whole checkpoint with random weights (float16); `tiny.safetensors` has inputs and what the components gave for
them. They guard against silent changes by new versions of the libraries; that the function is L-CAD's own is proven elsewhere,
against tensors of the official code.
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from lcad import LCADPipeline, load_pipeline
from lcad.guidance import CaptionGuidance, InstanceGuidance
from lcad.models import LuminanceAutoencoder, build_unet
from lcad.prompts import read_prompt
from lcad.sampler import Condition, default_scheduler, sample, solver
from lcad.settings import PipelineSettings

HERE = Path(__file__).parent
SENTENCES = ["a red cup and two green apples on a wooden table", "a blue dog, a yellow bird", "there is a crimson hat"]
TOKENS = 24
WIDTH = 16


def tiny_pipeline() -> LCADPipeline:
    """An L-CAD of about 170,000 parameters with random weights; its luminance features are not zero."""
    torch.manual_seed(20231)
    tokenizer = CLIPTokenizer().train_new_from_iterator(SENTENCES * 5, 320)
    marks = {"bos_token_id": tokenizer.bos_token_id, "eos_token_id": tokenizer.eos_token_id, "pad_token_id": tokenizer.pad_token_id}
    text_encoder = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
            max_position_embeddings=TOKENS, **marks,
        )
    )  # fmt: skip
    autoencoder = LuminanceAutoencoder(
        block_out_channels=(8, 8, 16), layers_per_block=1, norm_num_groups=4, mid_block_add_attention=True, sample_size=32
    )
    for conv in autoencoder.luminance_encoder.feature_convs:
        torch.nn.init.normal_(conv.weight, std=0.2)
    unet = build_unet(
        16, block_out_channels=(8, 16), attention_levels=(True, True), layers_per_block=1, cross_attention_dim=WIDTH,
        attention_heads=2, norm_num_groups=4, sample_size=8,
    )  # fmt: skip
    settings = PipelineSettings(native_size=32, steps=3)
    return LCADPipeline.assemble(autoencoder, unet, text_encoder, tokenizer, default_scheduler("v_prediction"), settings)


@torch.no_grad()
def outputs(pipeline: LCADPipeline, hint: torch.Tensor, noise: torch.Tensor) -> dict[str, torch.Tensor]:
    """What the components give for a hint (2, 3, 32, 32) and noise (2, 4, 8, 8)."""
    features = pipeline.autoencoder.luminance_encoder(hint)
    text = pipeline.embed([read_prompt(pipeline.tokenizer, sentence, TOKENS) for sentence in SENTENCES[:2]])
    empty = pipeline.embed([read_prompt(pipeline.tokenizer, "", TOKENS)])
    masks = torch.zeros(2, 1, 32, 32)
    masks[..., :16] = 1
    tokens = torch.zeros(2, 1, TOKENS)
    tokens[..., 1:4] = 1
    instance, caption = InstanceGuidance(), CaptionGuidance(3.0)
    tensors = {f"feature.{number}": feature for number, feature in enumerate(features)}
    tensors |= {"text": text, "decoded": pipeline.autoencoder.decode(noise, luminance=features).sample}
    tensors["encoded"] = pipeline.autoencoder.encode(tensors["decoded"]).latent_dist.mode()
    for name in ("ddim", "dpm++", "unipc"):
        condition = Condition(features[-1], text, empty, instance.bias(tokens, masks))
        tensors[f"sampled.{name}"] = sample(pipeline.unet, solver(name, pipeline.scheduler), noise, condition, 4, caption, instance)
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


def main() -> None:
    """Write the checkpoint, then the outputs of what is read back from it."""
    tiny_pipeline().save_pretrained(HERE / "tiny", torch.float16)
    generator = torch.Generator().manual_seed(777)
    hint = torch.rand(2, 1, 32, 32, generator=generator).expand(-1, 3, -1, -1) * 0.78 - 1
    noise = torch.randn(2, 4, 8, 8, generator=generator)
    tensors = outputs(load_pipeline(HERE / "tiny"), hint, noise)
    save_file({"input.hint": hint.contiguous(), "input.noise": noise, **tensors}, HERE / "tiny.safetensors")


if __name__ == "__main__":
    main()
