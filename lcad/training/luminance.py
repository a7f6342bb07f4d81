"""The first stage: luminance features that let the decoder restore an image from its latents and its lightness.

As published only the luminance encoder moves. "everything" trains encoder and decoder with it, from nothing, and "decoder" the
decoder and the luminance features that nothing else uses, which leaves what a denoiser learned: the latents and the last feature.
In both, the latents that reach the decoder are at times blurred and noisy, as a denoiser's are, and the loss counts chroma most:
what the latents do not say sharply, the features must, so chroma learns to end where lightness has its edges. With "everything"
latents are anchored: channels 0–3 to the mean a, channels 4–7 to the mean b of the four quarters of a cell. Without an anchor the
second axis of chroma was still missing after 400 steps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

import torch
from diffusers.models.autoencoders.autoencoder_kl import DiagonalGaussianDistribution
from torch import nn
from torch.nn import functional as F

from lcad.imaging import hint_from_lightness, rgb_to_lab
from lcad.models import LuminanceAutoencoder
from lcad.training.packed_dataset import Pack, rgb_tensor

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
ANCHOR_CHROMA = 20.0  # Lab units of chroma for one unit of an anchored latent channel


Trained = Literal["luminance", "decoder", "everything"]


@dataclass(frozen=True)
class LuminanceConfig:
    """Batches of square crops and the weights of the loss: L1 + squared·MSE + chroma·L1 of chroma, and for the whole
    autoencoder + divergence·KL + anchor·MSE of the anchored channels."""

    batch_size: int = 16
    crop: int = 64
    trained: Trained = "luminance"
    squared: float = 2.0
    chroma: float = 3.0
    divergence: float = 1e-3
    anchor: float = 1.0
    disturbed: float = 0.5
    largest_noise: float = 0.3
    validation_items: int = 48


def chroma_of(rgb: torch.Tensor) -> torch.Tensor:
    """What is left of RGB (B, 3, H, W) without its luma."""
    return rgb - torch.einsum("bchw,c->bhw", rgb, rgb.new_tensor(LUMA))[:, None]


def anchored(mode: torch.Tensor, rgb: torch.Tensor) -> torch.Tensor:
    """The mean squared distance of mode (B, 2·k², h, w) from the mean (a, b) of k × k parts of its cells, of rgb in [0, 1]."""
    return F.mse_loss(mode, anchors_of(rgb, mode.shape[-2:], parts_of(mode)))


def anchors_of(rgb: torch.Tensor, cells: Sequence[int], parts: int) -> torch.Tensor:
    """The mean (a, b) of parts × parts of each cell, (B, 2·parts², h, w) in latent units, of rgb (B, 3, H, W) in [0, 1]."""
    chroma = F.adaptive_avg_pool2d(rgb_to_lab(rgb)[:, 1:], (cells[0] * parts, cells[1] * parts))
    return F.pixel_unshuffle(chroma / ANCHOR_CHROMA, parts)


def parts_of(latents: torch.Tensor) -> int:
    """Into how many parts a side each cell of anchored latents (B, 2·k², h, w) is divided; ValueError for other channel counts."""
    parts = round((latents.shape[1] / 2) ** 0.5)
    if 2 * parts**2 != latents.shape[1]:
        raise ValueError(f"anchored latents have 2, 8, 18 … channels, got {latents.shape[1]}")
    return parts


def disturb(latents: torch.Tensor, config: LuminanceConfig, generator: torch.Generator) -> torch.Tensor:
    """Anchored latents of which a drawn part of the batch is blurred over 3 × 3 parts to a drawn degree and has noise added."""
    shape = (len(latents), 1, 1, 1)
    hit = (torch.rand(shape, generator=generator) < config.disturbed).to(latents)
    degree, level = (torch.rand(shape, generator=generator).to(latents) for _ in range(2))
    fine = F.pixel_shuffle(latents, parts_of(latents))
    soft = F.pixel_unshuffle(F.avg_pool2d(F.pad(fine, (1, 1, 1, 1), "replicate"), 3, 1), parts_of(latents))
    noise = torch.randn(latents.shape, generator=generator).to(latents) * level * config.largest_noise
    return latents + hit * (degree * (soft - latents) + noise * latents.detach().std())


class LuminanceObjective:
    """Reconstruction of crops from their latents and lightness."""

    def __init__(self, autoencoder: LuminanceAutoencoder, train: Pack, validation: Pack, config: LuminanceConfig):
        self.config, self.train, self.validation = config, train, validation
        autoencoder.requires_grad_(config.trained == "everything")
        luminance = autoencoder.luminance_encoder
        parts = {"luminance": [luminance], "decoder": [autoencoder.decoder, luminance.feature_convs[:-1]]}
        for part in parts.get(config.trained, ()):
            part.requires_grad_(True)
        self.modules = nn.ModuleDict({"autoencoder": autoencoder})

    def loss(self, modules: nn.ModuleDict, generator: torch.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        """The loss of random crops, by chance mirrored."""
        config = self.config
        items = torch.randint(len(self.train), (config.batch_size,), generator=generator)
        room = self.train.rgb.shape[1] - config.crop + 1
        corners = torch.randint(room, (config.batch_size, 2), generator=generator).tolist()
        crops = [self.train.rgb[i, y : y + config.crop, x : x + config.crop] for i, (y, x) in zip(items.tolist(), corners, strict=True)]
        rgb = torch.cat([rgb_tensor(crop[None]) for crop in crops]).to(next(modules.parameters()).device)
        mirrored = torch.rand(len(rgb), generator=generator).to(rgb) < 0.5
        rgb = torch.where(mirrored[:, None, None, None], rgb.flip(-1), rgb)
        autoencoder = cast(LuminanceAutoencoder, modules["autoencoder"])
        posterior = autoencoder.encode(rgb * 2 - 1).latent_dist
        latents = posterior.mode()
        if config.trained == "decoder":  # what the latents are anchored to: the denoiser is nearer to it than the encoder
            latents = anchors_of(rgb, latents.shape[-2:], parts_of(latents))
        if config.trained != "luminance":
            latents = latents + posterior.std * torch.randn(latents.shape, generator=generator).to(latents)
            latents = disturb(latents, config, generator)
        return self._reconstruction(autoencoder, rgb, latents, posterior)

    def _reconstruction(
        self, autoencoder: LuminanceAutoencoder, rgb: torch.Tensor, latents: torch.Tensor, posterior: DiagonalGaussianDistribution
    ) -> tuple[torch.Tensor, dict[str, float]]:
        """The weighted loss of decoding latents with the lightness of rgb, both in their own ranges."""
        features = autoencoder.luminance_encoder(hint_from_lightness(rgb_to_lab(rgb)[:, :1]))
        restored, target = autoencoder.decode(latents, luminance=features).sample, rgb * 2 - 1
        absolute, squared = F.l1_loss(restored, target), F.mse_loss(restored, target)
        chroma = F.l1_loss(chroma_of(restored), chroma_of(target))
        loss = absolute + self.config.squared * squared + self.config.chroma * chroma
        parts = {"chroma": chroma.item(), "squared": squared.item()}
        if self.config.trained == "everything":
            anchor, divergence = anchored(posterior.mode(), rgb), posterior.kl().mean() / latents[0].numel()
            loss = loss + self.config.divergence * divergence + self.config.anchor * anchor
            parts |= {"anchor": anchor.item(), "divergence": divergence.item()}
        return loss, parts

    def validation_loss(self, modules: nn.ModuleDict) -> float:
        """The mean loss of the first validation items, whole and undisturbed."""
        autoencoder, losses = cast(LuminanceAutoencoder, modules["autoencoder"]), []
        device = next(autoencoder.parameters()).device
        for start in range(0, min(self.config.validation_items, len(self.validation)), self.config.batch_size):
            rgb = rgb_tensor(self.validation.rgb[start : start + self.config.batch_size]).to(device)
            posterior = autoencoder.encode(rgb * 2 - 1).latent_dist
            losses.append(self._reconstruction(autoencoder, rgb, posterior.mode(), posterior)[0].item())
        return sum(losses) / len(losses)
