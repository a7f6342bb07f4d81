"""The parts of `lcad-mini`: an L-CAD small enough to be trained on two CPU cores and shipped with the package.

Eight latent channels on 16² cells at 128 px are the chroma of the four quarters of each cell: as fine as latents on 32² cells, for
a quarter of the denoiser's work. The lightness reaches the decoder as features. Captions are attended to at 16², 8² and 4² cells.
"""

import json
from collections.abc import Iterable

from diffusers import SchedulerMixin, UNet2DConditionModel
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from lcad.models import LuminanceAutoencoder, build_unet
from lcad.sampler import default_scheduler

START, END, END_OF_WORD = "<|startoftext|>", "<|endoftext|>", "</w>"
CAPTION_TOKENS = 77
LATENT_CHANNELS = 8
TEXT_WIDTH = 160


def autoencoder() -> LuminanceAutoencoder:
    """The autoencoder, 2.5 M parameters, its weights drawn at random."""
    return LuminanceAutoencoder(
        block_out_channels=(24, 48, 64, 96), latent_channels=LATENT_CHANNELS, layers_per_block=1, norm_num_groups=8,
        sample_size=128, scaling_factor=1.0, mid_block_add_attention=False,
    )  # fmt: skip


def denoiser(luminance_channels: int) -> UNet2DConditionModel:
    """The denoiser, 8.9 M parameters, its weights drawn at random."""
    return build_unet(
        luminance_channels, latent_channels=LATENT_CHANNELS, sample_size=16, block_out_channels=(64, 128, 192),
        attention_levels=(True, True, False), layers_per_block=1, cross_attention_dim=TEXT_WIDTH, attention_heads=4, norm_num_groups=16,
    )  # fmt: skip


def text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
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


def train_tokenizer(texts: Iterable[str], size: int = 3000) -> CLIPTokenizer:
    """A tokenizer of CLIP's kind, lowercasing and byte-level, with merges learned on texts: it can spell any word.

    `size`: the most tokens that it may have, of which 514 are marks and single bytes.
    """
    blank = CLIPTokenizer().backend_tokenizer
    learner = Tokenizer(models.BPE(end_of_word_suffix=END_OF_WORD))
    learner.normalizer, learner.pre_tokenizer = blank.normalizer, blank.pre_tokenizer
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    single = [START, END, *letters, *(letter + END_OF_WORD for letter in letters)]
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=letters, end_of_word_suffix=END_OF_WORD, show_progress=False)
    learner.train_from_iterator(texts, trainer)
    merges = [tuple(pair) for pair in json.loads(learner.to_str())["model"]["merges"]][: size - len(single)]
    tokens = dict.fromkeys([*single, *("".join(pair) for pair in merges)])
    return CLIPTokenizer(vocab={token: i for i, token in enumerate(tokens)}, merges=merges, model_max_length=CAPTION_TOKENS)
