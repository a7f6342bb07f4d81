"""Learning from preferences: of two pictures of one photo under one caption, the denoiser comes to give what was preferred.

"dpo"      Diffusion-DPO (Wallace et al. 2023, "Diffusion Model Alignment Using Direct Preference Optimization", equation 14): at the same
           noise and time the denoiser's error on the winner shall fall below that of the base by more than its error on the loser does,

               L = −log σ(β/2 · ((e_base(w) − e(w)) − (e_base(l) − e(l)))),   e = mean squared error, β for βT of the paper

"winners"  reward-weighted fine-tuning: the error on the winners alone

Both are weighted by how sure the votes are. What was good is kept by `keep` · ‖prediction − the base's‖² on the winners, which is the
Kullback-Leibler divergence from the base up to a factor of the time, and by the moving average of the weights. DPO alone lowers the error
on neither: it is content where both rise and the loser's rises more.

A folder of pairs is read as the workbench exports it: SPLIT/winners and SPLIT/losers, whose n-th images are a pair, and SPLIT/pairs.jsonl
with `certainty` in [0, 1].
"""

import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from diffusers import SchedulerMixin, UNet2DConditionModel
from torch import nn
from torch.nn import functional as F
from transformers import CLIPTextModel, PreTrainedTokenizerBase

from lcad.dataset import ReleaseDataset
from lcad.models import LuminanceAutoencoder
from lcad.training.denoiser import VALIDATION_SEED, Batch, DenoiserConfig, DenoiserObjective, Trained
from lcad.training.packed_dataset import MOST_MASKS, Pack, encode, write_pack

Method = Literal["dpo", "winners"]
METHODS = ("dpo", "winners")


@dataclass(frozen=True)
class PreferenceConfig:
    """What a batch of pairs is and what counts; `masked_share` of it is guided by masks as at sampling.

    Raises ValueError for an unknown method, and for weights that are none.
    """

    batch_size: int = 16
    method: Method = "dpo"
    beta: float = 2000.0
    keep: float = 1.0
    trained: Trained = "published"
    masked_share: float = 0.5
    validation_draws: int = 96

    def __post_init__(self):
        if self.method not in METHODS or self.beta <= 0 or self.keep < 0:
            raise ValueError(f"expected a method of {', '.join(METHODS)}, beta above 0 and keep of 0 or more, got {self}")


@dataclass(frozen=True, eq=False)
class PairPack:
    """Encoded pairs: item n of `winners` and of `losers`, and how sure it is, certainty (N,) in [0, 1]."""

    winners: Pack
    losers: Pack
    certainty: np.ndarray


def pack_pairs(folder: str | Path, split: str, target: str | Path, size: int, autoencoder: LuminanceAutoencoder) -> PairPack:
    """The encoded pairs of a split, written under `target` where they are not there.

    Raises ValueError naming the file where winners, losers and pairs do not belong together.
    """
    root, target = Path(folder) / split, Path(target)
    listed = root / "pairs.jsonl"
    if not listed.is_file():
        raise ValueError(f"{listed} is missing: expected pairs exported from studies, with {split}/winners and {split}/losers")
    certainty = np.array([json.loads(line)["certainty"] for line in listed.read_text(encoding="utf-8").splitlines()], np.float32)
    packs = []
    for side in ("winners", "losers"):
        pictures, place = ReleaseDataset(root, side, size), target / f"{split}-{side}-{size}"
        if len(pictures) != len(certainty):
            raise ValueError(f"{listed} has {len(certainty)} pairs, {root / side} {len(pictures)} pictures")
        is_packed = (place / "captions.jsonl").is_file()
        pack = Pack(place) if is_packed else write_pack(place, (pictures[i] for i in range(len(pictures))), len(pictures), size)
        packs.append(encode(pack, autoencoder))
    return PairPack(*packs, certainty)


class PreferenceObjective:
    """Preferences of cached latents; the base is what the denoiser is when this is made."""

    def __init__(
        self, unet: UNet2DConditionModel, text_encoder: CLIPTextModel, tokenizer: PreTrainedTokenizerBase,
        scheduler: SchedulerMixin, train: PairPack, validation: PairPack, config: PreferenceConfig,
    ):  # fmt: skip
        self.base = copy.deepcopy(unet).requires_grad_(False).eval()
        settings = DenoiserConfig(batch_size=config.batch_size, trained=config.trained, masked_share=config.masked_share)
        self.denoising = DenoiserObjective(unet, text_encoder, tokenizer, scheduler, train.winners, validation.winners, settings)
        text_encoder.requires_grad_(False)  # the base must read captions as the denoiser does
        self.train, self.validation, self.config = train, validation, config
        self.modules = self.denoising.modules

    def loss(self, modules: nn.ModuleDict, generator: torch.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        """The loss of random pairs at random times, and the part of them whose winner the denoiser has come nearer to than the base."""
        config, count = self.config, self.config.batch_size
        items = torch.randint(len(self.train.certainty), (count,), generator=generator)
        strength = self.denoising.config.mask_strength * (torch.rand(count, generator=generator) < config.masked_share)
        times = (999 * torch.rand(count, generator=generator).sqrt()).long()
        batch, losers = self._pairs(modules, self.train, items.tolist(), strength)
        noise = torch.randn(batch.latents.shape, generator=generator)
        return self._loss(modules, batch, losers, times, noise, torch.from_numpy(self.train.certainty[items.numpy()]))

    def validation_loss(self, modules: nn.ModuleDict) -> float:
        """The mean loss of fixed pairs, times and noise, with and without masks."""
        count, generator = len(self.validation.certainty), torch.Generator().manual_seed(VALIDATION_SEED)
        draws, losses = torch.arange(self.config.validation_draws), []
        times = (999 * ((draws + 0.5) / len(draws)).sqrt()).long()[torch.randperm(len(draws), generator=generator)]
        for some in draws.split(self.config.batch_size):
            items = some % count
            strength = self.denoising.config.mask_strength * ((items + some // count) % 2).float()
            batch, losers = self._pairs(modules, self.validation, items.tolist(), strength)
            noise = torch.randn(batch.latents.shape, generator=generator)
            certainty = torch.from_numpy(self.validation.certainty[items.numpy()])
            losses.append(self._loss(modules, batch, losers, times[some], noise, certainty)[0].item() * len(some))
        return sum(losses) / len(draws)

    def _pairs(self, modules: nn.ModuleDict, pairs: PairPack, items: Sequence[int], strength: torch.Tensor) -> tuple[Batch, torch.Tensor]:
        """The batch of the pairs' winners, and the losers' latents (B, l, h, w)."""
        drawn = [pairs.winners.drawn(item, pairs.winners.descriptions[item][0]) for item in items]
        batch = self.denoising._batch(modules, drawn, strength, torch.ones(len(items), MOST_MASKS, dtype=torch.bool))
        losers = torch.from_numpy(np.stack([np.array(pairs.losers.latents[item], np.float32) for item in items]))
        return batch, losers.to(batch.latents)

    def _loss(
        self, modules: nn.ModuleDict, batch: Batch, losers: torch.Tensor, times: torch.Tensor, noise: torch.Tensor, certainty: torch.Tensor
    ) -> tuple[torch.Tensor, dict[str, float]]:
        config, count = self.config, len(times)
        weight = certainty.to(batch.latents) / certainty.mean().clamp(min=1e-6).to(batch.latents)
        both = _twice(batch, losers) if config.method == "dpo" else batch
        sides = len(both.latents) // count
        times, noise = times.repeat(sides), noise.repeat(sides, 1, 1, 1)
        own, target = self.denoising.predicted(modules["unet"], modules["text_encoder"], both, times, noise)
        with torch.no_grad():
            base, _ = self.denoising.predicted(self.base.to(own.device), modules["text_encoder"], both, times, noise)
        error, before = ((made.float() - target).square().mean((1, 2, 3)) for made in (own, base))
        kept = F.mse_loss(own[:count].float(), base[:count].float())
        if config.method == "winners":
            return (weight * error).mean() + config.keep * kept, {"winners": error.mean().item(), "change": kept.item()}
        nearer = before - error
        margin = nearer[:count] - nearer[count:]
        loss = (weight * -F.logsigmoid(config.beta / 2 * margin)).mean() + config.keep * kept
        return loss, {"preferred": (margin > 0).float().mean().item(), "change": kept.item()}


def _twice(batch: Batch, losers: torch.Tensor) -> Batch:
    """The batch of winners followed by the losers under the same conditions."""
    others = {name: torch.cat([value, value]) for name, value in vars(batch).items() if name != "latents"}
    return replace(batch, latents=torch.cat([batch.latents, losers]), **others)
