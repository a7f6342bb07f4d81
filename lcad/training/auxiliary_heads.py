"""Teaching the luminance encoder to see before the denoiser relies on its last feature.

The denoiser knows the picture by that feature alone, on cells of 8 px. Trained for reconstruction only, it had lost most of what
lies within a cell (a linear probe restored 0.49 of the variance of 2-px lightness within cells) and said little of where things
end. So linear heads on it, thrown away afterwards, must tell, for each cell:

    detail    the lightness of its 4 × 4 parts
    borders   whether the color region of each quarter ends at its right, and at its bottom
    figure    how much of each quarter is an object, where a pack knows it
    chroma    the mean (a, b) of each quarter, of whole photos: what things look like by nature

The whole encoder moves, so the decoder must be trained after it.
"""

from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from lcad.imaging import hint_from_lightness, rgb_to_lab
from lcad.models import LuminanceAutoencoder
from lcad.training.luminance import ANCHOR_CHROMA
from lcad.training.packed_dataset import Pack, rgb_tensor

DETAIL, QUARTERS = 4, 2  # parts a side of a cell
MIDDLE, SPREAD = 50.0, 25.0  # L is told as (L - 50) / 25
SIZES = {"detail": DETAIL**2, "borders": 2 * QUARTERS**2, "figure": QUARTERS**2, "chroma": 2 * QUARTERS**2}


@dataclass(frozen=True)
class SightConfig:
    """Whole pictures a batch, the weights of the heads' losses, and how much more a border counts than none."""

    batch_size: int = 16
    detail: float = 2.0
    borders: float = 1.0
    figure: float = 1.0
    chroma: float = 0.5
    border_weight: float = 4.0
    validation_items: int = 96


def borders_of(coverage: torch.Tensor) -> torch.Tensor:
    """Where the mask that covers most changes to the right and downward, (B, 2, h, w) float 0 or 1, of coverage (B, P, h, w)."""
    padded = torch.cat([torch.full_like(coverage[:, :1], 0.25), coverage], 1)  # covered by none of them
    label = F.pad(padded.argmax(1)[:, None].float(), (0, 1, 0, 1), "replicate")[:, 0].long()
    here = label[:, :-1, :-1]
    return torch.stack([label[:, :-1, 1:] != here, label[:, 1:, :-1] != here], 1).float()


class SightObjective:
    """What the heads tell against what is there, for whole pictures."""

    def __init__(self, autoencoder: LuminanceAutoencoder, train: Pack, validation: Pack, config: SightConfig):
        self.config, self.train, self.validation = config, train, validation
        autoencoder.requires_grad_(False)
        autoencoder.luminance_encoder.requires_grad_(True)
        autoencoder.luminance_encoder.feature_convs[:-1].requires_grad_(False)
        heads = nn.ModuleDict({name: nn.Conv2d(autoencoder.config.block_out_channels[-1], size, 1) for name, size in SIZES.items()})
        self.modules = nn.ModuleDict({"luminance_encoder": autoencoder.luminance_encoder, "heads": heads})

    def loss(self, modules: nn.ModuleDict, generator: torch.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        """The weighted loss of random pictures, by chance mirrored."""
        items = torch.randint(len(self.train), (self.config.batch_size,), generator=generator).tolist()
        return self._losses(modules, self.train, items, bool(torch.rand((), generator=generator) < 0.5))

    def validation_loss(self, modules: nn.ModuleDict) -> float:
        """The mean loss of the first validation pictures."""
        count, size = min(self.config.validation_items, len(self.validation)), self.config.batch_size
        starts = range(0, count, size)
        return sum(self._losses(modules, self.validation, range(s, min(s + size, count)), False)[0].item() for s in starts) / len(starts)

    def _losses(self, modules: nn.ModuleDict, pack: Pack, items, mirrored: bool) -> tuple[torch.Tensor, dict[str, float]]:
        config, device = self.config, next(modules.parameters()).device
        lab = rgb_to_lab(rgb_tensor(np.stack([pack.rgb[i] for i in items])).to(device))
        figures = [pack.figure(i) for i in items]
        coverage = torch.from_numpy(np.stack([pack.coverage[i] for i in items])).to(lab) / 255
        figure = torch.stack([torch.zeros_like(coverage[0, 0]) if f is None else torch.from_numpy(f).to(lab) for f in figures])[:, None]
        known = torch.tensor([f is not None for f in figures]).to(lab)
        if mirrored:
            lab, coverage, figure = lab.flip(-1), coverage.flip(-1), figure.flip(-1)
        feature = modules["luminance_encoder"](hint_from_lightness(lab[:, :1]))[-1]
        told = {
            name: F.pixel_shuffle(head(feature), DETAIL if name == "detail" else QUARTERS)
            for name, head in cast(nn.ModuleDict, modules["heads"]).items()
        }
        light = (_averaged(lab[:, :1], told["detail"]) - MIDDLE) / SPREAD
        chroma = _averaged(lab[:, 1:], told["chroma"]) / ANCHOR_CHROMA
        coverage, figure = (_averaged(x, told["borders"]) for x in (coverage, figure))
        borders, weight = borders_of(coverage), told["borders"].new_tensor(config.border_weight)
        parts = {
            "detail": F.mse_loss(told["detail"], light),
            "borders": F.binary_cross_entropy_with_logits(told["borders"], borders, pos_weight=weight),
            "figure": _mean(F.binary_cross_entropy_with_logits(told["figure"], figure, reduction="none"), known),
            "chroma": _mean((told["chroma"] - chroma).abs(), 1 - known),
        }
        loss = sum(getattr(config, name) * part for name, part in parts.items())
        return loss, {name: part.item() for name, part in parts.items()}


def _mean(values: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """The mean of values (B, …) over the pictures that are counted (B,), 0 when none is."""
    return (values.flatten(1).mean(1) * counted).sum() / counted.sum().clamp(min=1)


def _averaged(planes: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """Planes (B, C, H, W) as the averages of the cells (h, w) of another tensor."""
    return F.adaptive_avg_pool2d(planes, (like.shape[-2], like.shape[-1]))
