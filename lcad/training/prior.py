"""Teaching the color prior's heads what colors to expect: the chroma of photos from a classifier's features of their lightness.

What is expected where several colors are possible lies between them, and is pale. Trained for nearness alone a head gives 0.4 of the
colorfulness of photos it has not seen; scaled up to 0.65 it is hardly nearer to the truth than gray. So the loss is nearness in a
difference that forgives chroma as ΔE00 does (CIE94, its weights for graphic arts), in which too little chroma counts more than too much
(as in Newey and Powell's expectiles, 1987). What is still missing in photos it has not seen, `calibrate` makes up for. Features are kept,
for the classifier does not move.

A loss that asks a batch for its mean colorfulness instead is met most cheaply by one cell of every picture, its corner, in a chroma of
hundreds: earlier heads had that. Chroma that photos do not have costs by itself now.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from lcad.imaging import image_to_lab, lab_to_image, lightness_of, rgb_to_lab
from lcad.metrics import colorfulness as colorfulness_of_image
from lcad.models import QUARTERS, ColorPrior
from lcad.training.packed_dataset import rgb_tensor

CHROMA_WEIGHT, HUE_WEIGHT = 0.045, 0.015  # of CIE94
MEAN_WEIGHT = 0.37  # of the mean chroma in the colorfulness M¹ of Hasler and Süsstrunk 2003, in Lab
SOFT = 1.0  # Lab units: differences below are counted as their squares
MOST_CHROMA = 70.0  # Lab units: what is expected beyond costs as much as it is beyond
EVERY = 16  # cells looked at when the features are fitted


class Pictures(Protocol):
    """Pictures rgb (N, S, S, 3) uint8 and the folder in which what is seen in them is kept; a `Pack` is one."""

    @property
    def folder(self) -> Path:
        """Where they lie."""

    @property
    def rgb(self) -> Any:
        """(N, S, S, 3) uint8."""

    def __len__(self) -> int: ...


@dataclass(frozen=True)
class PriorConfig:
    """Pictures a batch, and how often as much too little chroma counts as too much."""

    batch_size: int = 32
    pale: float = 2.0


def difference(one: torch.Tensor, other: torch.Tensor, weight: torch.Tensor | None = None, pale: float = 1.0) -> torch.Tensor:
    """The mean CIE94 difference of chroma (B, 2, h, w) at equal lightness; weight (B, h, w) in [0, 1] says how much a cell counts.

    Where the first has less chroma than the other, the square of that difference counts `pale` times.
    """
    chroma, theirs = ((ab.square().sum(1) + SOFT).sqrt() for ab in (one, other))
    middle = (chroma * theirs).sqrt()
    along = (chroma - theirs) / (1 + CHROMA_WEIGHT * middle)
    across = ((one - other).square().sum(1) - (chroma - theirs).square()).clamp(min=0) / (1 + HUE_WEIGHT * middle).square()
    far = (torch.where(along < 0, pale, 1.0) * along.square() + across + SOFT).sqrt()
    return far.mean() if weight is None else (far * weight).sum() / weight.sum().clamp(min=1)


def colorfulness(chroma: torch.Tensor) -> torch.Tensor:
    """M¹ of pictures' chroma (B, 2, h, w): the deviation of their (a, b) and a part of the mean's length, (B,)."""
    flat = chroma.flatten(2)
    return (flat.var(2).sum(1) + 1e-3).sqrt() + MEAN_WEIGHT * (flat.mean(2).square().sum(1) + 1e-3).sqrt()


def fit_features(prior: ColorPrior, pack: Pictures, pictures: int, batch_size: int = 32) -> None:
    """Take the means, deviations and components of a prior's features from the first pictures of a pack."""
    starts = range(0, min(pictures, len(pack)), batch_size)
    raw = (prior.raw(lightness_of(rgb_tensor(pack.rgb[s : s + batch_size]))).permute(0, 2, 3, 1).flatten(0, 2)[::EVERY] for s in starts)
    prior.fit(torch.cat(list(raw)))


def keep_features(prior: ColorPrior, pack: Pictures, batch_size: int = 32) -> np.ndarray:
    """The prior's features of a pack's pictures, (N, F, h, w) float16, in `prior.npy` of its folder; computed once."""
    path = pack.folder / "prior.npy"
    if not path.is_file():
        part = path.with_suffix(".part.npy")
        for start in range(0, len(pack), batch_size):
            features = prior.features(lightness_of(rgb_tensor(pack.rgb[start : start + batch_size]))).half().numpy()
            if not start:
                kept = np.lib.format.open_memmap(part, "w+", np.float16, (len(pack), *features.shape[1:]))
            kept[start : start + len(features)] = features
        kept.flush()
        part.rename(path)
    return np.load(path, mmap_mode="r")


@torch.no_grad()
def calibrate(prior: ColorPrior, pack: Pictures, part: float, batch_size: int = 32) -> float:
    """Set the gain so that what is expected of a pack's photos has a part of their mean colorfulness (M³), and return it.

    The gain is found to a hundredth, between 0.5 and 3; give photos that the heads were not trained on.
    """
    features, rgb = keep_features(prior, pack), np.array(pack.rgb)
    prior.gain.fill_(1.0)
    starts = range(0, len(pack), batch_size)
    expected = torch.cat([prior.expected(torch.from_numpy(np.array(features[s : s + batch_size])).float()) for s in starts])
    planes = F.interpolate(expected, tuple(rgb.shape[1:3]), mode="bilinear").permute(0, 2, 3, 1).numpy()
    lightness = [image_to_lab(photo)[..., :1] for photo in rgb]
    target = part * np.mean([colorfulness_of_image(photo) for photo in rgb])
    low, high = 0.5, 3.0
    while high - low > 0.01:
        middle = (low + high) / 2
        images = (lab_to_image(np.dstack([light, middle * plane])) for light, plane in zip(lightness, planes, strict=True))
        low, high = (middle, high) if np.mean([colorfulness_of_image(image) for image in images]) < target else (low, middle)
    prior.gain.fill_((low + high) / 2)
    return float(prior.gain)


class PriorObjective:
    """What each head expects against what is there; only the heads move, each on photos drawn for it.

    `counted`: of each pack, how much each part of its photos counts, (N, 2h, 2w) in [0, 1]; None: whole photos.
    """

    def __init__(
        self,
        prior: ColorPrior,
        train: Pictures,
        validation: Pictures,
        config: PriorConfig,
        counted: tuple[np.ndarray, np.ndarray] | None = None,
    ):
        self.config, self.packs, self.counted = config, (train, validation), counted
        self.features = [keep_features(prior, pack) for pack in self.packs]
        prior.requires_grad_(False)
        prior.heads.requires_grad_(True)
        self.modules = nn.ModuleDict({"heads": prior.heads})

    def loss(self, modules: nn.ModuleDict, generator: torch.Generator) -> tuple[torch.Tensor, dict[str, float]]:
        """The mean of the heads' losses of random photos, by chance mirrored."""
        losses, count = [], self.config.batch_size
        for head in cast(nn.ModuleList, modules["heads"]):
            items = torch.randint(len(self.packs[0]), (count,), generator=generator).tolist()
            losses.append(self._losses(head, 0, items, bool(torch.rand((), generator=generator) < 0.5)))
        parts = {name: float(np.mean([part[name] for _, part in losses])) for name in losses[0][1]}
        return torch.stack([loss for loss, _ in losses]).mean(), parts

    def validation_loss(self, modules: nn.ModuleDict) -> float:
        """The loss of what the heads together expect of the validation photos."""
        count, size = len(self.packs[1]), self.config.batch_size
        groups = [range(start, min(start + size, count)) for start in range(0, count, size)]

        def together(features: torch.Tensor) -> torch.Tensor:
            return torch.stack([head(features) for head in cast(nn.ModuleList, modules["heads"])]).mean(0)

        return sum(self._losses(together, 1, group, False)[0].item() * len(group) for group in groups) / count

    def _losses(
        self, expecting: Callable[[torch.Tensor], torch.Tensor], which: int, items: Sequence[int], mirrored: bool
    ) -> tuple[torch.Tensor, dict[str, float]]:
        device = next(self.modules.parameters()).device
        features = torch.from_numpy(np.stack([self.features[which][i] for i in items])).float().to(device)
        rgb = rgb_tensor(np.stack([self.packs[which].rgb[i] for i in items])).to(device)
        cells = QUARTERS * features.shape[-2], QUARTERS * features.shape[-1]
        chroma = F.adaptive_avg_pool2d(rgb_to_lab(rgb)[:, 1:], cells)
        weight = torch.ones(len(items), *cells, device=device)
        if self.counted is not None:
            weight = torch.from_numpy(self.counted[which][list(items)]).to(chroma)
        if mirrored:
            features, chroma, weight = features.flip(-1), chroma.flip(-1), weight.flip(-1)
        expected = expecting(features).float()
        far = difference(expected, chroma, weight, self.config.pale)
        beyond = F.relu(torch.linalg.vector_norm(expected, dim=1) - MOST_CHROMA).mean()
        predicted_mean, true_colorfulness = (colorfulness(ab * weight[:, None]).mean() for ab in (expected, chroma))
        parts = {"difference": far.item(), "beyond": beyond.item(), "colorfulness": (predicted_mean / true_colorfulness).item()}
        return far + beyond, parts
