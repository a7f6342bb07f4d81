"""The second stage: the denoiser learns the latents of a color image from its lightness and its caption.

As published, but for: a v or noise target as the checkpoint's scheduler says; time steps drawn toward high noise, where color is
decided; an attention loss, (1 − the part of a phrase's attention that lies in its mask)²; the true masks as attention bias for
half of a batch, which makes masks a control at sampling, and poor ones as finders give them where the config says so; captions dropped
for classifier-free guidance.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import torch
from diffusers import SchedulerMixin, UNet2DConditionModel
from torch import nn
from torch.nn import functional as F
from transformers import CLIPTextModel, PreTrainedTokenizerBase

from lcad.attention import STRENGTH, AttentionRecord, MaskBias, steered
from lcad.dataset import Description
from lcad.prompts import read_prompt
from lcad.training.low_rank import add_low_rank
from lcad.training.mask_disturbance import disturbed
from lcad.training.mixed_packs import FixedDraws, MixedPacks
from lcad.training.packed_dataset import MOST_MASKS, Drawn, Pack, coverage_tensor
from lcad.training.text_states import TextStates

Trained = Literal["everything", "published"]
VALIDATION_SEED = 20_230_501


@dataclass(frozen=True)
class DenoiserConfig:
    """What a batch is and what counts; shares are probabilities in [0, 1].

    `trained`: "everything" moves the denoiser and the text encoder, "published" the denoiser's conv_in, up blocks and conv_out.
    `lora_rank`: above 0 the denoiser's attention alone learns, by low-rank additions (`lcad.training.low_rank`), whatever `trained` says.
    `keep`: weight of staying near what the base predicts, ‖prediction − the base's‖²; 0 leaves it out.
    `level_weights`: how often a caption of a level is drawn beside those of other levels of the same picture; 1 where none is given.
    `disturbed`: masks that bias the attention are at times poor (`lcad.training.mask_disturbance`); the colors stay those of the true ones.
    """

    batch_size: int = 32
    trained: Trained = "everything"
    lora_rank: int = 0
    keep: float = 0.0
    caption_dropout: float = 0.1
    masked_share: float = 0.5
    phrase_unmasked: float = 0.15
    mask_strength: float = STRENGTH
    attention_weight: float = 0.3
    disturbed: bool = False
    validation_draws: int = 96
    level_weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Batch:
    """Tensors of a batch: latents (B, l, h, w), feature (B, c, h, w), ids (B, T), phrase tokens (B, P, T), masks (B, P, h, w),
    strength (B,) in logits, which phrases bias the attention, (B, P), and the masks that they do it with, (B, P, h, w)."""

    latents: torch.Tensor
    feature: torch.Tensor
    ids: torch.Tensor
    tokens: torch.Tensor
    masks: torch.Tensor
    strength: torch.Tensor
    biasing: torch.Tensor
    steering: torch.Tensor


def published_parts(unet: UNet2DConditionModel) -> list[nn.Module]:
    """The parts of the denoiser that the published second stage trains."""
    return [unet.conv_in, unet.up_blocks, unet.conv_out]


def require_gradients(unet: UNet2DConditionModel, text_encoder: CLIPTextModel, config: DenoiserConfig) -> None:
    """Let what a config trains require gradients, and nothing else."""
    everything = config.trained == "everything" and not config.lora_rank
    unet.requires_grad_(everything)
    text_encoder.requires_grad_(everything)
    if config.lora_rank:
        add_low_rank(unet, config.lora_rank)
    elif not everything:
        for part in published_parts(unet):
            part.requires_grad_(True)


class DenoiserObjective:
    """Denoising of cached latents beside cached luminance features."""

    def __init__(
        self, unet: UNet2DConditionModel, text_encoder: CLIPTextModel, tokenizer: PreTrainedTokenizerBase,
        scheduler: SchedulerMixin, train: Pack | MixedPacks, validation: Pack | FixedDraws, config: DenoiserConfig,
    ):  # fmt: skip
        for name, pack in (("training", train), ("validation", validation)):
            if not pack.encoded:
                raise ValueError(f"the {name} pack {pack.folder} has no latents: run lcad.training.packed_dataset.encode first")
        self.tokenizer, self.train, self.validation, self.config = tokenizer, train, validation, config
        self.alphas, self.target = scheduler.alphas_cumprod.clone(), scheduler.config.prediction_type
        if self.target not in ("v_prediction", "epsilon"):
            raise ValueError(f"expected a scheduler for v_prediction or epsilon, got {self.target!r}")
        self.base = (
            copy.deepcopy(nn.ModuleDict({"unet": unet, "text_encoder": text_encoder})).requires_grad_(False) if config.keep else None
        )
        require_gradients(unet, text_encoder, config)
        weights = np.ones(0) if isinstance(train, MixedPacks) else train.weights[: train.encoded]
        self.weights = torch.from_numpy(weights) if len(set(weights.tolist())) > 1 else None
        self.length, self.text_states = text_encoder.config.max_position_embeddings, TextStates()
        self.modules = nn.ModuleDict({"unet": unet, "text_encoder": text_encoder})

    def loss(self, modules: nn.ModuleDict, generator: torch.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        """The loss of a random batch at random times: noise or v, and attention."""
        config, count = self.config, self.config.batch_size
        items = self._items(count, generator)
        rng = np.random.default_rng(int(torch.randint(2**62, (), generator=generator)))
        drawn = [self._draw(item, rng) for item in items]
        kept = rng.random(count) >= config.caption_dropout
        drawn = [one if keep else replace(one, description=Description("", "")) for one, keep in zip(drawn, kept, strict=True)]
        strength = config.mask_strength * (torch.rand(count, generator=generator) < config.masked_share)
        biasing = torch.rand((count, MOST_MASKS), generator=generator) >= config.phrase_unmasked
        batch = self._batch(modules, drawn, strength, biasing)
        if config.disturbed:
            batch = replace(batch, steering=disturbed(batch.masks.cpu(), generator).to(batch.masks))
        times = (999 * torch.rand(count, generator=generator).sqrt()).long()
        noise = torch.randn(batch.latents.shape, generator=generator)
        predicted, denoising, attention = self._losses(modules, batch, times, noise)
        parts = {"denoising": denoising.item(), "attention": attention.item()}
        loss = denoising + config.attention_weight * attention
        if self.base is not None:
            with torch.no_grad():
                before, _ = self.predicted(self.base["unet"], self.base["text_encoder"], batch, times, noise)
            kept = F.mse_loss(predicted.float(), before.float())
            loss, parts = loss + config.keep * kept, parts | {"change": kept.item()}
        return loss, parts

    def _items(self, count: int, generator: torch.Generator) -> list[int]:
        """Random examples, those that are trusted more the more often."""
        if self.weights is None:
            return torch.randint(self.train.encoded, (count,), generator=generator).tolist()
        return torch.multinomial(self.weights, count, replacement=True, generator=generator).tolist()

    def _draw(self, item: int, rng: np.random.Generator) -> Drawn:
        """An example under one of its descriptions, drawn by the weights of their levels; mixed packs draw captions by their own."""
        if isinstance(self.train, MixedPacks) or not self.config.level_weights:
            return self.train.draw(item, rng)
        weights = np.array([self.config.level_weights.get(one.level, 1.0) for one in self.train.descriptions[item]])
        weights = weights if weights.sum() else np.ones(len(weights))
        return self.train.drawn(item, self.train.descriptions[item][int(rng.choice(len(weights), p=weights / weights.sum()))])

    def validation_loss(self, modules: nn.ModuleDict) -> float:
        """The mean denoising loss of fixed draws: each validation item in turn, its captions, with and without masks, all times."""
        config, count, generator = self.config, self.validation.encoded, torch.Generator().manual_seed(VALIDATION_SEED)
        draws, losses = torch.arange(config.validation_draws), []
        times = (999 * ((draws + 0.5) / len(draws)).sqrt()).long()[torch.randperm(len(draws), generator=generator)]
        for some in draws.split(config.batch_size):
            items, rounds = (some % count).tolist(), some // count
            options = [self.validation.descriptions[i] for i in items]
            drawn = [
                self.validation.drawn(item, these[int(n) // 2 % len(these)]) for item, these, n in zip(items, options, rounds, strict=True)
            ]
            strength, biasing = (
                config.mask_strength * ((some % count + rounds) % 2).float(),
                torch.ones(len(some), MOST_MASKS, dtype=torch.bool),
            )
            batch = self._batch(modules, drawn, strength, biasing)
            noise = torch.randn(batch.latents.shape, generator=generator)
            predicted, target = self.predicted(modules["unet"], modules["text_encoder"], batch, times[some], noise)
            losses.append(F.mse_loss(predicted.float(), target).item() * len(some))
        return sum(losses) / len(draws)

    def _batch(self, modules: nn.ModuleDict, drawn: Sequence[Drawn], strength: torch.Tensor, biasing: torch.Tensor) -> Batch:
        """The tensors of drawn examples, on the modules' device."""
        device = next(modules.parameters()).device
        prompts = [read_prompt(self.tokenizer, one.description.text, self.length) for one in drawn]
        tokens, where = torch.zeros(len(drawn), MOST_MASKS, self.length), np.zeros((len(drawn), MOST_MASKS), int)
        for b, (prompt, one) in enumerate(zip(prompts, drawn, strict=True)):
            for p, phrase in enumerate(one.description.phrases[:MOST_MASKS]):
                tokens[b, p] = prompt.tokens_of((phrase.start, phrase.end))
                where[b, p] = phrase.mask
        latents, feature = (torch.from_numpy(np.stack([getattr(one, name) for one in drawn])) for name in ("latents", "feature"))
        masks = coverage_tensor(np.stack([one.coverage[rows] for one, rows in zip(drawn, where, strict=True)]), latents.shape[-2:])
        ids = torch.tensor([prompt.ids for prompt in prompts])
        return Batch(*(x.to(device) for x in (latents, feature, ids, tokens, masks, strength, biasing, masks)))

    def predicted(
        self, unet: nn.Module, text_encoder: nn.Module, batch: Batch, times: torch.Tensor, noise: torch.Tensor,
        record: AttentionRecord | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:  # fmt: skip
        """What a denoiser predicts at time steps (B,) with noise (B, l, h, w), and what it should: noise or v, (B, l, h, w) each."""
        times, noise = times.to(batch.latents.device), noise.to(batch.latents)
        kept = self.alphas.to(batch.latents)[times].reshape(-1, 1, 1, 1)
        signal, spread = kept.sqrt(), (1 - kept).sqrt()
        noisy = signal * batch.latents + spread * noise
        target = noise if self.target == "epsilon" else signal * noise - spread * batch.latents
        bias = MaskBias(batch.tokens * batch.biasing[..., None], batch.steering, batch.strength)
        text = self.text_states(text_encoder, batch.ids)
        with steered(unet, tuple(noisy.shape[-2:]), bias, record):
            predicted = unet(torch.cat([noisy, batch.feature], 1), times, encoder_hidden_states=text).sample
        return predicted, target

    def _losses(self, modules: nn.ModuleDict, batch: Batch, times: torch.Tensor, noise: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """The prediction, the denoising loss and the attention loss at time steps (B,) with noise (B, l, h, w)."""
        record = AttentionRecord(smallest=batch.latents[0, 0].numel() // 4)  # coarser cells mix objects
        predicted, target = self.predicted(modules["unet"], modules["text_encoder"], batch, times, noise, record)
        unaided = (batch.strength == 0)[:, None] | ~batch.biasing  # a bias would hide what the denoiser does not find by itself
        present = batch.tokens.any(-1) & batch.masks.any(-1).any(-1) & unaided
        leaked = (1 - record.inside_share(batch.tokens, batch.masks)).square() * present
        return predicted, F.mse_loss(predicted.float(), target), leaked.sum() / present.sum().clamp(min=1)
