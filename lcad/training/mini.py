"""The parts of `lcad-mini`: an L-CAD small enough to be trained on two CPU cores and shipped with the package.

Latents of a quarter of the picture's side, 32² cells at 128 px, carry hardly more than chroma: the lightness reaches the decoder
as features. Captions are attended to at 16² and 8² cells.
"""

from collections.abc import Iterable

from diffusers import SchedulerMixin, UNet2DConditionModel
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import CLIPTextConfig, CLIPTextModel, PreTrainedTokenizerFast

from lcad.autoencoder import LuminanceAutoencoder
from lcad.sampler import default_scheduler
from lcad.unet import build_unet

START, END = "<|startoftext|>", "<|endoftext|>"
CAPTION_TOKENS = 77
TEXT_WIDTH = 160


def autoencoder() -> LuminanceAutoencoder:
    """The autoencoder, 1.1 M parameters, its weights drawn at random."""
    return LuminanceAutoencoder(
        block_out_channels=(24, 48, 64), layers_per_block=1, norm_num_groups=8, sample_size=128, scaling_factor=1.0,
        mid_block_add_attention=False,
    )  # fmt: skip


def denoiser(luminance_channels: int) -> UNet2DConditionModel:
    """The denoiser, 9.4 M parameters, its weights drawn at random."""
    return build_unet(
        luminance_channels, sample_size=32, block_out_channels=(48, 96, 192), attention_levels=(False, True, True),
        layers_per_block=1, cross_attention_dim=TEXT_WIDTH, attention_heads=4, norm_num_groups=16,
    )  # fmt: skip


def text_encoder(tokenizer: PreTrainedTokenizerFast) -> CLIPTextModel:
    """A CLIP text encoder of three layers for a tokenizer, its weights drawn at random."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer), hidden_size=TEXT_WIDTH, intermediate_size=4 * TEXT_WIDTH, num_hidden_layers=3,
            num_attention_heads=4, max_position_embeddings=CAPTION_TOKENS, projection_dim=TEXT_WIDTH,
            bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
        )
    )  # fmt: skip


def scheduler() -> SchedulerMixin:
    """The noise schedule with no signal left at its end (Lin et al. 2024), so that the mean color cannot be read from the noise."""
    return default_scheduler("v_prediction", rescale_betas_zero_snr=True)


def train_tokenizer(texts: Iterable[str], size: int = 3000) -> PreTrainedTokenizerFast:
    """A lowercasing, byte-level BPE with CLIP's start and end marks, trained on texts: it can spell any word."""
    bpe = Tokenizer(models.BPE(unk_token=None))
    bpe.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    bpe.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bpe.train_from_iterator(
        texts, trainers.BpeTrainer(vocab_size=size, special_tokens=[START, END], initial_alphabet=alphabet, show_progress=False)
    )
    ids = [(mark, bpe.token_to_id(mark)) for mark in (START, END)]
    bpe.post_processor = processors.TemplateProcessing(single=f"{START} $A {END}", special_tokens=ids)
    return PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token=START, eos_token=END, pad_token=END, unk_token=END, model_max_length=CAPTION_TOKENS
    )
